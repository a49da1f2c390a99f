import Paths
internal import Storage

/// One file of a checkpoint to be written.
public struct CheckpointFile: Sendable {
  public enum Content: Sendable {
    case bytes([UInt8])
    case tensors([StoredTensor], metadata: [String: String])
  }

  public var name: String
  public var content: Content

  public init(name: String, content: Content) {
    self.name = name
    self.content = content
  }
}

/// `manifest.json`: what a whole checkpoint holds.
struct CheckpointManifest: Codable, Equatable {
  struct File: Codable, Equatable {
    var name: String
    var bytes: Int
    /// CRC-32C, eight hexadecimal digits.
    var crc32c: String
  }

  static let fileName = "manifest.json"

  var format = 1
  var step: Int
  var files: [File]
}

/// A checkpoint on disk, every file of which was found whole.
public struct Checkpoint: Sendable {
  /// Completed steps.
  public let step: Int
  /// Absolute path of its folder.
  public let path: String
  /// The folder's name, such as `step-0000400`.
  public var name: String { Self.name(step: step) }

  /// Opens a checkpoint and compares its files with the manifest's sizes and checksums.
  ///
  /// Throws a sentence naming the first file that is missing or damaged.
  ///
  /// - Parameter verified: the files that will be read; nil for all.
  public init(path: String, verifying verified: [String]? = nil) throws(RunFolderError) {
    let manifestPath = path + "/" + CheckpointManifest.fileName
    let manifest = try RunJSON.decode(
      CheckpointManifest.self, from: try readFile(manifestPath, limit: 1 << 20), path: manifestPath)
    guard manifest.format == 1 else {
      throw .malformed(manifestPath, "has format \(manifest.format); this version reads format 1")
    }
    guard manifest.step >= 0, !manifest.files.isEmpty else {
      throw .malformed(manifestPath, "names no files or a negative step")
    }
    for file in manifest.files {
      guard !file.name.contains("/"), !file.name.hasPrefix(".") else {
        throw .malformed(manifestPath, "names a file outside its folder: \"\(file.name)\"")
      }
      guard verified?.contains(file.name) != false else { continue }
      try Self.check(path + "/" + file.name, against: file)
    }
    self.path = path
    step = manifest.step
  }

  /// A checkpoint's folder outside any run: compared with its manifest where it has one.
  public static func standing(
    alone path: String, verifying verified: [String]? = nil
  ) throws(RunFolderError) -> Checkpoint {
    let path = absolutePath(path)
    if FileSystem.exists(path + "/" + CheckpointManifest.fileName) {
      return try Checkpoint(path: path, verifying: verified)
    }
    return Checkpoint(step: 0, path: path)
  }

  private init(step: Int, path: String) {
    self.step = step
    self.path = path
  }

  /// Whether a path is a folder with a model's files in it.
  public static func isModelFolder(_ path: String) -> Bool {
    ["config.json", "model.safetensors"].allSatisfy { FileSystem.exists(path + "/" + $0) }
  }

  /// The largest file that is read as a whole: the vocabularies that training allows fit with room to spare.
  static let largestFile = 8 << 30

  /// Whether it holds a file.
  public func has(_ name: String) -> Bool { FileSystem.exists(path + "/" + name) }

  /// A file's content.
  public func bytes(_ name: String) throws(RunFolderError) -> [UInt8] {
    try readFile(path + "/" + name, limit: Self.largestFile)
  }

  public func tensors(_ name: String) throws(RunFolderError) -> SafetensorsFile {
    try SafetensorsFile(path: path + "/" + name)
  }

  private static func check(_ path: String, against expected: CheckpointManifest.File) throws(RunFolderError) {
    let file = try OpenFile.reading(path)
    let size = try file.size()
    guard size == expected.bytes else {
      throw .malformed(path, "has \(size) bytes where its manifest says \(expected.bytes)")
    }
    var checksum = Checksum()
    var chunk = [UInt8](repeating: 0, count: min(size, 1 << 20))
    var offset = 0
    while offset < size {
      let count = min(chunk.count, size - offset)
      var failure: RunFolderError?
      chunk.withUnsafeMutableBytes { buffer in
        let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
        do throws(RunFolderError) {
          try file.read(into: part, at: offset)
        } catch {
          failure = error
        }
        checksum.add(UnsafeRawBufferPointer(part))
      }
      if let failure { throw failure }
      offset += count
    }
    guard checksum.hexadecimal == expected.crc32c else {
      throw .malformed(path, "is damaged: its checksum is \(checksum.hexadecimal), not \(expected.crc32c)")
    }
  }

  /// `step-` and the step in at least seven digits.
  static func name(step: Int) -> String {
    let digits = String(step)
    return "step-" + String(repeating: "0", count: max(0, 7 - digits.count)) + digits
  }

  /// The step in a folder's name; nil if it is no checkpoint's name.
  static func step(name: some StringProtocol) -> Int? {
    guard name.hasPrefix("step-"), let step = Int(name.dropFirst(5)), step >= 0, Self.name(step: step) == name else {
      return nil
    }
    return step
  }
}
