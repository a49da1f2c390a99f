public import TrainingEvents

/// `run.json`: what a run is, written before its first step.
public struct RunManifest: Codable, Hashable, Sendable {
  public static let fileName = "run.json"

  public var format = 1
  /// The program's version that began the run.
  public var version: String
  public var name: String
  /// Seconds since 1970.
  public var created: Double
  /// With absolute data paths and the number of shares fixed.
  public var configuration: RunConfiguration
  /// Digest of each data file, by absolute path.
  public var fingerprints: [String: String]
  /// Instruction set of the row kernels that the run began with; nil in runs of earlier versions.
  public var instructionSet: String?
  /// How float32 products ordered their sums then; nil in runs of earlier versions.
  public var productOrder: String?
  /// Whether the data were changed since the run began, by consent: the vocabulary is then its checkpoints'.
  public var hasChangedData: Bool?

  public init(
    version: String, name: String, created: Double, configuration: RunConfiguration, fingerprints: [String: String],
    instructionSet: String? = nil, productOrder: String? = nil
  ) {
    self.version = version
    self.name = name
    self.created = created
    self.configuration = configuration
    self.fingerprints = fingerprints
    self.instructionSet = instructionSet
    self.productOrder = productOrder
  }

  /// The manifest's bytes, for readers that need little of it.
  public static func bytes(folder: String) throws(RunFolderError) -> [UInt8] {
    try readFile(folder + "/" + fileName, limit: 16 << 20)
  }

  /// Reads the manifest of the run in `folder`.
  public static func read(folder: String) throws(RunFolderError) -> RunManifest {
    let path = folder + "/" + fileName
    guard FileSystem.exists(path) else {
      throw RunFolderError(kind: .missing, description: "\(folder): holds no run (there is no \(fileName) in it)")
    }
    let manifest = try RunJSON.decode(RunManifest.self, from: try readFile(path, limit: 16 << 20), path: path)
    guard manifest.format == 1 else {
      throw .malformed(path, "has format \(manifest.format); this version reads format 1")
    }
    return manifest
  }
}
