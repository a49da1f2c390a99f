/// `{"demo":{}}`, `{"folder":{"_0":PATH}}` or `{"files":{"train":PATH,"dev":PATH}}`, with a list of paths for a split of
/// several files: what earlier versions wrote reads as it did.
extension RunConfiguration.Source: Codable {
  private enum CodingKeys: String, CodingKey { case demo, folder, files }
  private enum FolderKeys: String, CodingKey { case path = "_0" }
  private enum FileKeys: String, CodingKey { case train, dev, test }
  private struct Nothing: Codable {}

  /// One path as a string, several as a list.
  private struct Paths: Codable {
    var paths: [String]

    init(_ paths: [String]) { self.paths = paths }

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let path = try? container.decode(String.self) {
        paths = [path]
      } else {
        paths = try container.decode([String].self)
      }
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      if paths.count == 1 { try container.encode(paths[0]) } else { try container.encode(paths) }
    }
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    if container.contains(.folder) {
      let folder = try container.nestedContainer(keyedBy: FolderKeys.self, forKey: .folder)
      self = .folder(try folder.decode(String.self, forKey: .path))
    } else if container.contains(.files) {
      let files = try container.nestedContainer(keyedBy: FileKeys.self, forKey: .files)
      self = .files(
        train: try files.decode(Paths.self, forKey: .train).paths,
        dev: try files.decodeIfPresent(Paths.self, forKey: .dev)?.paths ?? [],
        test: try files.decodeIfPresent(Paths.self, forKey: .test)?.paths ?? [])
    } else {
      _ = try container.decode(Nothing.self, forKey: .demo)
      self = .demo
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .demo: try container.encode(Nothing(), forKey: .demo)
    case .folder(let path):
      var folder = container.nestedContainer(keyedBy: FolderKeys.self, forKey: .folder)
      try folder.encode(path, forKey: .path)
    case .files(let train, let dev, let test):
      var files = container.nestedContainer(keyedBy: FileKeys.self, forKey: .files)
      try files.encode(Paths(train), forKey: .train)
      if !dev.isEmpty { try files.encode(Paths(dev), forKey: .dev) }
      if !test.isEmpty { try files.encode(Paths(test), forKey: .test) }
    }
  }
}
