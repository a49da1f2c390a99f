import Glibc
import Paths

/// The little that themes need of the file system.
enum ThemeFiles {
  /// Largest theme file read, in bytes.
  private static let limit = 1 << 20

  /// A file's bytes; nil where there is no such file.
  static func read(_ path: String) throws(ThemeError) -> [UInt8]? {
    guard let file = fopen(path, "rb") else {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw ThemeError(description: "Theme file \(path) cannot be read: \(SystemMessage.text()).")
    }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: limit + 1)
    let count = fread(&bytes, 1, limit + 1, file)
    if ferror(file) != 0 {
      throw ThemeError(description: "Theme file \(path) cannot be read: \(SystemMessage.text()).")
    }
    guard count <= limit else {
      throw ThemeError(description: "\(path) is larger than a megabyte, which no theme file is.")
    }
    return Array(bytes[..<count])
  }

  /// The names in a folder; none where it cannot be read.
  static func names(in folder: String) -> [String] { FolderEntry.all(in: folder).map(\.name) }

  /// A path that names the same file from every folder.
  static func absolute(_ path: String) -> String { resolvedPath(path) ?? path }
}
