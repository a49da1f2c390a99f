internal import Glibc

/// What a path names; links are followed.
public enum PathKind: Hashable, Sendable {
  case nothing
  /// Anything that is no folder: a pipe, too.
  case file
  case folder
}

public func pathKind(_ path: String) -> PathKind {
  guard let mode = mode(of: path) else { return .nothing }
  return mode & S_IFMT == S_IFDIR ? .folder : .file
}

/// Whether a path names a file that can be read again from its beginning; links are followed.
public func isRegularFile(_ path: String) -> Bool { mode(of: path).map { $0 & S_IFMT == S_IFREG } ?? false }

private func mode(of path: String) -> mode_t? {
  var status = stat()
  return stat(path, &status) == 0 ? status.st_mode : nil
}
