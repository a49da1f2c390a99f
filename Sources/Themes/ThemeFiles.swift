#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The little that themes need of the file system.
enum ThemeFiles {
  /// Largest theme file read, in bytes.
  private static let limit = 1 << 20

  /// A file's bytes; nil where there is no such file.
  static func read(_ path: String) throws(ThemeError) -> [UInt8]? {
    guard let file = fopen(path, "rb") else {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw ThemeError(description: "Theme file \(path) cannot be read: \(String(cString: strerror(errno))).")
    }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: limit + 1)
    let count = fread(&bytes, 1, limit + 1, file)
    if ferror(file) != 0 {
      throw ThemeError(description: "Theme file \(path) cannot be read: \(String(cString: strerror(errno))).")
    }
    guard count <= limit else {
      throw ThemeError(description: "\(path) is larger than a megabyte, which no theme file is.")
    }
    return Array(bytes[..<count])
  }

  /// The names in a folder; none where it cannot be read.
  static func names(in folder: String) -> [String] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      names.append(name)
    }
    return names
  }

  /// A path that names the same file from every folder.
  static func absolute(_ path: String) -> String {
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  /// An environment variable; nil where it is missing or empty.
  static func environment(_ name: String) -> String? {
    guard let value = getenv(name) else { return nil }
    let text = String(cString: value)
    return text.isEmpty ? nil : text
  }

  /// The running program's absolute path, where the system tells it.
  static func programPath() -> String? {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = buffer.withUnsafeMutableBytes { bytes in
      bytes.withMemoryRebound(to: CChar.self) { characters in
        characters.baseAddress.map { readlink("/proc/self/exe", $0, characters.count) } ?? -1
      }
    }
    return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
  }
}
