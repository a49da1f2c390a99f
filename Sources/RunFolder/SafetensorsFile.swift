/// A safetensors file open for reading. Every length is checked against the file's size before anything is allocated.
public final class SafetensorsFile {
  /// In the order of their bytes.
  public let entries: [TensorEntry]
  public let metadata: [String: String]
  public var path: String { file.path }

  private let file: OpenFile
  private let dataStart: Int
  private let places: [String: Int]

  public init(path: String) throws(RunFolderError) {
    file = try OpenFile.reading(path)
    let size = try file.size()
    guard size >= 8 else { throw .malformed(path, "has \(size) bytes, too few for a safetensors file") }
    var length: UInt64 = 0
    try Self.read(file, into: &length, at: 0)
    guard let header = Int(exactly: UInt64(littleEndian: length)), header <= SafetensorsHeader.largestLength,
      header <= size - 8
    else {
      throw .malformed(path, "announces a header of \(UInt64(littleEndian: length)) bytes in a file of \(size)")
    }
    let bytes = try Self.readArray(file, UInt8.self, count: header, at: 8)
    do throws(FormatFault) {
      let (unordered, metadata) = try SafetensorsHeaderParser.parse(bytes[...])
      entries = try SafetensorsHeader.checkedOrder(unordered, bufferSize: size - 8 - header)
      self.metadata = metadata
    } catch {
      throw .malformed(path, "is not a good safetensors file: \(error.text)")
    }
    dataStart = 8 + header
    places = Dictionary(uniqueKeysWithValues: entries.enumerated().map { ($1.name, $0) })
  }

  public func entry(_ name: String) -> TensorEntry? { places[name].map { entries[$0] } }

  /// The values of a tensor stored as F32, row-major.
  public func floats(_ entry: TensorEntry) throws(RunFolderError) -> [Float] { try values(entry, as: .f32) }

  /// Reads the values of a tensor stored as F32, F16 or BF16 into a buffer of as many; each has a float of its value.
  public func read(_ entry: TensorEntry, into buffer: UnsafeMutableBufferPointer<Float>) throws(RunFolderError) {
    precondition(buffer.count == entry.count, "a tensor of \(entry.count) values for a buffer of \(buffer.count)")
    switch entry.type {
    case .f16:
      for (index, bits) in (try values(entry, as: .f16) as [UInt16]).enumerated() {
        buffer[index] = Self.float(half: bits)
      }
    case .bf16:
      for (index, bits) in (try values(entry, as: .bf16) as [UInt16]).enumerated() {
        buffer[index] = Float(bitPattern: UInt32(bits) << 16)
      }
    default:
      try check(entry, is: .f32)
      try file.read(into: UnsafeMutableRawBufferPointer(buffer), at: dataStart + entry.range.lowerBound)
    }
  }

  /// The value of an F16 number, also on threads that take subnormal numbers for 0, as those do that compute.
  private static func float(half bits: UInt16) -> Float {
    let sign = UInt32(bits & 0x8000) << 16
    let (exponent, fraction) = (UInt32(bits >> 10 & 0x1F), UInt32(bits & 0x3FF))
    switch exponent {
    case 0: return Float(bitPattern: sign | (Float(fraction) * 0x1p-24).bitPattern)
    case 31: return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
    default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
    }
  }

  /// The values of a tensor stored as I64.
  public func integers(_ entry: TensorEntry) throws(RunFolderError) -> [Int64] { try values(entry, as: .i64) }

  /// The values of a tensor stored as U64.
  public func unsignedIntegers(_ entry: TensorEntry) throws(RunFolderError) -> [UInt64] {
    try values(entry, as: .u64)
  }

  private func values<Element: BitwiseCopyable>(
    _ entry: TensorEntry, as type: TensorType
  ) throws(RunFolderError) -> [Element] {
    try check(entry, is: type)
    return try Self.readArray(file, Element.self, count: entry.count, at: dataStart + entry.range.lowerBound)
  }

  private func check(_ entry: TensorEntry, is type: TensorType) throws(RunFolderError) {
    guard entry.type == type else {
      throw .malformed(path, "tensor \"\(entry.name)\" is \(entry.type.rawValue) where \(type.rawValue) is expected")
    }
    guard self.entry(entry.name) == entry else {
      throw .malformed(path, "has no tensor \"\(entry.name)\" of that kind")
    }
  }

  /// Little-endian elements as they lie in the file; the host is little-endian (see `SafetensorsWriter`).
  private static func readArray<Element: BitwiseCopyable>(
    _ file: OpenFile, _ type: Element.Type, count: Int, at offset: Int
  ) throws(RunFolderError) -> [Element] {
    var failure: RunFolderError?
    let array = [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
      do throws(RunFolderError) {
        let bytes = UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
        try file.read(into: bytes, at: offset)
        initialized = count
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return array
  }

  private static func read(_ file: OpenFile, into value: inout UInt64, at offset: Int) throws(RunFolderError) {
    value = try readArray(file, UInt64.self, count: 1, at: offset)[0]
  }
}
