internal import LoggedRuns
internal import Paths
internal import Yams

/// The configuration that lies beside a log: `hparams.yaml` (Lightning), `args.yaml` (Ultralytics), `config.yaml`.
enum SideConfiguration {
  private static let names = ["hparams.yaml", "args.yaml", "config.yaml", ".hydra/config.yaml"]
  private static let limit = 1 << 20
  private static let deepest = 16

  /// Where such files would lie.
  static func paths(folder: String) -> [String] { names.map { folder + "/" + $0 } }

  /// The fields of the first such file in a folder, nested ones joined by `/`; none where there is no such file.
  static func read(folder: String) -> [String: ConfigurationValue] {
    for path in paths(folder: folder) {
      guard isRegularFile(path), let bytes = GrowingFile.contents(path, limit: limit),
        let fields = try? Yams.load(yaml: String(decoding: bytes, as: UTF8.self))
      else { continue }
      var configuration: [String: ConfigurationValue] = [:]
      flatten(fields, "", 0, &configuration)
      return configuration
    }
    return [:]
  }

  private static func flatten(
    _ value: Any, _ name: String, _ depth: Int, _ fields: inout [String: ConfigurationValue]
  ) {
    guard depth < deepest else { return }
    switch value {
    case let group as [AnyHashable: Any]:
      for (key, value) in group { flatten(value, name.isEmpty ? "\(key)" : name + "/\(key)", depth + 1, &fields) }
    case let flag as Bool: fields[name] = .flag(flag)
    case let number as Int: fields[name] = .number(Double(number))
    case let number as Double: fields[name] = .number(number)
    case let list as [Any]: fields[name] = .text(list.map { "\($0)" }.joined(separator: ","))
    case let text as String: fields[name] = .text(text)
    default: break
    }
  }
}
