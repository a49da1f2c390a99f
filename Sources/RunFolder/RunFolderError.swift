internal import Glibc
internal import Paths

/// Why something on disk could not be read or written.
public struct RunFolderError: Error, CustomStringConvertible, Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    /// A file or folder that is not there.
    case missing
    /// A file whose content is wrong.
    case malformed
    /// A place that cannot be written, or is taken.
    case cannotWrite
  }

  public var kind: Kind
  /// A sentence: which file, what was found, what to do.
  public var description: String

  public init(kind: Kind, description: String) {
    self.kind = kind
    self.description = description
  }

  /// The process's exit code: 66, 65 or 73.
  public var exitCode: Int32 {
    switch kind {
    case .missing: 66
    case .malformed: 65
    case .cannotWrite: 73
    }
  }

  package static func malformed(_ path: String, _ what: String) -> Self {
    Self(kind: .malformed, description: "\(path): \(what)")
  }

  /// An error of the system, from `errno` as it stands; a missing file is reported as such when reading.
  package static func reading(_ path: String, code: Int32 = errno) -> Self {
    Self(
      kind: code == ENOENT || code == ENOTDIR ? .missing : .malformed,
      description: SystemMessage.reading(path, code: code))
  }

  package static func writing(_ path: String, code: Int32 = errno) -> Self {
    Self(kind: .cannotWrite, description: SystemMessage.writing(path, code: code))
  }
}
