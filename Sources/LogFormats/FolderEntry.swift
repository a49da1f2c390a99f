internal import Glibc
import Paths

/// A name in a folder, and whether it is a folder itself; links are followed.
struct FolderEntry: Sendable {
  var name: String
  var isFolder: Bool

  /// What lies in a folder, by name; nothing where it cannot be read.
  static func all(in folder: String) -> [FolderEntry] {
    Paths.FolderEntry.all(in: folder).map { entry in
      let isFolder = entry.kind == .folder || entry.kind == .other && Self.isFolder(folder + "/" + entry.name)
      return FolderEntry(name: entry.name, isFolder: isFolder)
    }
  }

  static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  static func isFile(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }
}
