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

  /// The fields of the first such file in a folder, nested ones joined by `/`; none where there is no such file, or where
  /// it cannot be read, which is a problem.
  static func read(folder: String) -> (fields: [String: ConfigurationValue], problem: LogProblem?) {
    guard let path = paths(folder: folder).first(where: isRegularFile) else { return ([:], nil) }
    func problem(_ finding: String) -> LogProblem { LogProblem(file: path, finding: finding) }
    guard let bytes = GrowingFile.contents(path, limit: limit) else { return ([:], problem("cannot be read")) }
    do {
      var configuration: [String: ConfigurationValue] = [:]
      if let fields = try Yams.load(yaml: String(decoding: bytes, as: UTF8.self)) {
        flatten(fields, "", 0, &configuration)
      }
      return (configuration, nil)
    } catch {
      return ([:], problem("is no YAML, so that the run's configuration is not known"))
    }
  }

  /// How many epochs a configuration asks for; nil where it does not say.
  static func epochs(_ configuration: [String: ConfigurationValue]) -> Double? {
    ["epochs", "max_epochs", "num_epochs", "n_epochs"].lazy.compactMap { configuration[$0]?.number }.first { $0 > 0 }
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
