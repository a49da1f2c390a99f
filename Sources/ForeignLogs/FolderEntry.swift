internal import Glibc

/// A name in a folder, and whether it is a folder itself; links are followed.
struct FolderEntry: Sendable {
  var name: String
  var isFolder: Bool

  /// What lies in a folder, by name; nothing where it cannot be read.
  static func all(in folder: String) -> [FolderEntry] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var entries: [FolderEntry] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: pointer.pointee)) {
          String(cString: $0)
        }
      }
      guard name != ".", name != ".." else { continue }
      let type = Int32(entry.pointee.d_type)
      let isFolder = type == DT_DIR || type != DT_REG && Self.isFolder(folder + "/" + name)
      entries.append(FolderEntry(name: name, isFolder: isFolder))
    }
    return entries.sorted { $0.name < $1.name }
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
