import ArgumentParser
import Foundation
import Glibc
import Paths
import RunOptions
import Yams

/// Why a configuration file cannot be used, and the exit code that says so.
struct ConfigurationError: Error, CustomStringConvertible {
  /// 64 for an unknown option or a wrong value, 65 for a file that is not a plain mapping, 66 for one that is not there.
  var exitCode: Int32
  /// A sentence: file and line, what was found, what to do.
  var description: String
}

/// A YAML file with options under their long names, turned into command-line arguments.
///
/// So there is one table of options: what the command line takes, the file takes, checked by the same code.
struct ConfigurationFile {
  /// One argument a key, in the file's order: `--hidden=64`, `--lowercase`, `--no-ui`.
  private(set) var arguments: [String] = []

  /// Most bytes of a file.
  private static let largest = 16 << 20

  /// Keys whose value may be a list.
  private static let lists: Set<String> = ["train", "dev", "test"]

  /// Keys that make no sense in a file: they act before the file is read.
  private static let refused: Set<String> = ["config", "help", "version", "generate-completion-script", "mpi"]

  init(path: String) throws(ConfigurationError) {
    guard let text = String(bytes: try Self.bytes(of: path), encoding: .utf8) else {
      throw ConfigurationError(exitCode: 65, description: "\(path): the file is not UTF-8 text.")
    }
    try self.init(text: text, path: path)
  }

  /// Reads the file's text; its path is named in errors.
  init(text: String, path: String) throws(ConfigurationError) {
    let lines = try Self.lines(text, path: path)
    for line in lines { arguments.append(try Self.argument(line)) }
    // Parsing takes milliseconds, so that each line is read alone only where one must be named.
    if (try? TrainCommand.parse(arguments)) == nil {
      for (line, argument) in zip(lines, arguments) { try Self.check(argument, of: line) }
    }
  }

  /// What a file holds, or what comes through a pipe.
  private static func bytes(of path: String) throws(ConfigurationError) -> [UInt8] {
    func unreadable() -> ConfigurationError {
      ConfigurationError(
        exitCode: 66,
        description: "\(SystemMessage.reading(path)). --config needs a YAML file.")
    }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw unreadable() }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = read(descriptor, &chunk, chunk.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw unreadable() }
      if count == 0 { return bytes }
      bytes += chunk[..<count]
      guard bytes.count <= largest else {
        throw ConfigurationError(exitCode: 65, description: "\(path): has more than \(largest) bytes of options.")
      }
    }
  }

  /// An option as the file has it.
  struct Line {
    var key: String
    var value: String
    /// File and line, for errors.
    var place: String
  }

  /// The file's options in its order; whether they are options at all is not looked at yet.
  static func lines(_ text: String, path: String) throws(ConfigurationError) -> [Line] {
    var lines: [Line] = []
    for (key, value) in try pairs(text, path: path) {
      let place = "\(path):\(key.mark?.line ?? 1)"
      guard case .scalar(let keyScalar) = key else {
        throw ConfigurationError(exitCode: 65, description: "\(place): a key must be a plain word such as 'epochs'.")
      }
      let values: [Node] =
        if case .sequence(let list) = value, lists.contains(keyScalar.string) { Array(list) } else { [value] }
      for value in values {
        guard case .scalar(let valueScalar) = value else {
          throw ConfigurationError(
            exitCode: 65,
            description: "\(place): '\(keyScalar.string)' has a nested value; every option takes one plain value"
              + " (train, dev and test a list of them, too).")
        }
        lines.append(Line(key: keyScalar.string, value: valueScalar.string, place: place))
      }
    }
    return lines
  }

  /// The top-level keys and values in the file's order.
  private static func pairs(_ text: String, path: String) throws(ConfigurationError) -> [(Node, Node)] {
    let root: Node?
    do {
      root = try Yams.compose(yaml: text)
    } catch {
      throw ConfigurationError(exitCode: 65, description: sentence(for: error, text: text, path: path))
    }
    switch root {
    case nil: return []
    case .mapping(let mapping): return mapping.map { ($0.key, $0.value) }
    case .scalar(let scalar) where scalar.string.isEmpty: return []
    case .some(let other):
      throw ConfigurationError(
        exitCode: 65,
        description:
          "\(path):\(other.mark?.line ?? 1): expected lines of the form 'option: value', such as 'epochs: 3'.")
    }
  }

  /// The command-line argument that says the same; whether the option takes the value is not looked at yet.
  private static func argument(_ line: Line) throws(ConfigurationError) -> String {
    let (key, text, place) = (line.key, line.value, line.place)
    guard !refused.contains(key) else {
      throw ConfigurationError(exitCode: 64, description: "\(place): '\(key)' cannot be set in a configuration file.")
    }
    guard !key.isEmpty, key.allSatisfy({ $0.isASCII && ($0.isLowercase || $0.isNumber || $0 == "-") }), key.first != "-"
    else {
      throw ConfigurationError(
        exitCode: 64,
        description: "\(place): '\(key)' is no option; keys are the long options without dashes, such as 'batch-size'.")
    }
    if let isOn = truths[text.lowercased()], isSwitch(key) {
      return isOn ? "--\(key)" : key.hasPrefix("no-") ? "--\(key.dropFirst(3))" : "--no-\(key)"
    }
    // The parser would take `--lowercase=` for `--lowercase`.
    guard !text.isEmpty else {
      let advice = isSwitch(key) ? "give true or false" : "give one"
      throw ConfigurationError(
        exitCode: 64, description: "\(place): '\(key)' has no value; \(advice) or remove the line.")
    }
    return "--\(key)=\(text)"
  }

  private static let truths = ["true": true, "yes": true, "on": true, "false": false, "no": false, "off": false]

  /// Whether an option takes no value: the tables know it of theirs, the parser is asked of the others.
  private static func isSwitch(_ key: String) -> Bool {
    if let option = RunOption.all.first(where: { $0.name == key || "no-\($0.name)" == key }) { return option.isSwitch }
    return (try? TrainCommand.parse(["--\(key)"])) != nil
  }

  /// Throws what is wrong with a line's argument, with the line's place.
  private static func check(_ argument: String, of line: Line) throws(ConfigurationError) {
    do {
      _ = try TrainCommand.parse([argument])
    } catch {
      let fault =
        argument.contains("=") && isSwitch(line.key)
        ? "'\(line.key)' is '\(line.value)', but must be true or false." : TrainCommand.message(for: error)
      throw ConfigurationError(exitCode: 64, description: "\(line.place): \(fault)")
    }
  }

  /// A sentence for what the YAML parser found.
  private static func sentence(for error: any Error, text: String, path: String) -> String {
    switch error as? YamlError {
    case .duplicatedKeysInMapping(let duplicates, let context):
      let key = duplicates.sorted().first ?? ""
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      let repeated = lines.indices.filter { lines[$0].hasPrefix("\(key):") || lines[$0].hasPrefix("\(key) :") }
      let line = repeated.count > 1 ? repeated[1] + 1 : context.mark.line
      return "\(path):\(line): '\(key)' stands here a second time; keep one of the two lines."
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      return "\(path):\(mark.line): this is not valid YAML (\(problem)); write one 'option: value' a line."
    default:
      return "\(path): this is not valid YAML (\(error)); write one 'option: value' a line."
    }
  }
}
