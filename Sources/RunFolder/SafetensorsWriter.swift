internal import Formatting

#if _endian(big)
  #error("safetensors files are little-endian; this machine would need byte swapping")
#endif

/// A tensor to be stored.
public struct StoredTensor: Sendable {
  public enum Values: Sendable {
    case f32([Float])
    case i64([Int64])
    case u64([UInt64])

    var type: TensorType {
      switch self {
      case .f32: .f32
      case .i64: .i64
      case .u64: .u64
      }
    }

    var count: Int {
      switch self {
      case .f32(let values): values.count
      case .i64(let values): values.count
      case .u64(let values): values.count
      }
    }
  }

  public var name: String
  public var shape: [Int]
  /// Row-major.
  public var values: Values

  public init(name: String, shape: [Int], values: Values) {
    precondition(
      SafetensorsHeader.byteCount(shape, values.type) == values.count * values.type.size,
      "tensor \(name): \(values.count) values do not fill the shape \(shape)")
    self.name = name
    self.shape = shape
    self.values = values
  }
}

/// Writes safetensors: widest type first, then by name, the header padded with spaces to a multiple of 8.
public enum SafetensorsWriter {
  /// Writes a whole file, replacing an older one as a whole.
  public static func write(
    _ tensors: [StoredTensor], metadata: [String: String] = [:], to path: String
  ) throws(RunFolderError) {
    let temporary = "\(path).tmp"
    do throws(RunFolderError) {
      let file = try OpenFile.writing(temporary, flags: OpenFile.replacing)
      try write(tensors, metadata: metadata) { (bytes) throws(RunFolderError) in try file.write(bytes) }
      try file.synchronize()
      try FileSystem.rename(temporary, to: path)
    } catch {
      FileSystem.remove(temporary)
      throw error
    }
    try FileSystem.synchronizeFolder(FileSystem.folder(of: path))
  }

  /// Hands the file's bytes over piece by piece.
  static func write(
    _ tensors: [StoredTensor], metadata: [String: String],
    to sink: (UnsafeRawBufferPointer) throws(RunFolderError) -> Void
  ) throws(RunFolderError) {
    let sorted = tensors.sorted {
      ($1.values.type.rank, $0.name) < ($0.values.type.rank, $1.name)
    }
    var failure: RunFolderError?
    func send(_ bytes: UnsafeRawBufferPointer) {
      guard failure == nil else { return }
      do throws(RunFolderError) {
        try sink(bytes)
      } catch {
        failure = error
      }
    }
    header(sorted, metadata: metadata).withUnsafeBytes(send)
    for tensor in sorted {
      switch tensor.values {
      case .f32(let values): values.withUnsafeBytes(send)
      case .i64(let values): values.withUnsafeBytes(send)
      case .u64(let values): values.withUnsafeBytes(send)
      }
    }
    if let failure { throw failure }
  }

  /// Length and JSON of the header for tensors in the order given.
  private static func header(_ tensors: [StoredTensor], metadata: [String: String]) -> [UInt8] {
    var members: [String] = []
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key < $1.key }.map { "\(JSONText.quoted($0.key)):\(JSONText.quoted($0.value))" }
      members.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
    }
    var offset = 0
    for tensor in tensors {
      let end = offset + tensor.values.count * tensor.values.type.size
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      members.append(
        "\(JSONText.quoted(tensor.name)):{\"dtype\":\"\(tensor.values.type.rawValue)\",\"shape\":[\(shape)],"
          + "\"data_offsets\":[\(offset),\(end)]}")
      offset = end
    }
    var json = Array("{\(members.joined(separator: ","))}".utf8)
    while json.count % 8 != 0 { json.append(UInt8(ascii: " ")) }
    return withUnsafeBytes(of: UInt64(json.count).littleEndian) { Array($0) } + json
  }
}
