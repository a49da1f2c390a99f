/// Why data could not be read.
public struct DataError: Error, CustomStringConvertible, Hashable {
  /// A file that is not there (exit code 66), one whose content is wrong (65), one that cannot be written (73).
  public enum Kind: Hashable, Sendable { case missing, malformed, unwritable }
  public var kind: Kind
  /// A sentence: file and line, what was found, what to do.
  public var description: String

  public init(kind: Kind, description: String) {
    self.kind = kind
    self.description = description
  }

  static func missing(_ path: String, _ sentence: String) -> DataError {
    DataError(kind: .missing, description: "\(path): \(sentence)")
  }

  static func malformed(_ path: String, line: Int? = nil, _ sentence: String) -> DataError {
    let place = line.map { "\(path):\($0)" } ?? path
    return DataError(kind: .malformed, description: "\(place): \(sentence)")
  }
}
