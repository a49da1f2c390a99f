internal import Glibc

/// A name in a folder.
public struct FolderEntry: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    case file, folder
    /// A link, a pipe, or what the file system does not say.
    case other
  }

  public var name: String
  /// What lies there itself: links are not followed.
  public var kind: Kind

  public init(name: String, kind: Kind) { (self.name, self.kind) = (name, kind) }

  /// Whether it is a folder, in which case of a link what it points to counts.
  ///
  /// - Parameter folder: what it lies in.
  public func isFolder(in folder: String) -> Bool {
    kind == .folder || kind == .other && pathKind(folder + "/" + name) == .folder
  }

  /// What lies in a folder, without `.` and `..`, in the order of names; nothing where it cannot be read.
  public static func all(in folder: String) -> [FolderEntry] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var entries: [FolderEntry] = []
    while let entry = readdir(stream) {
      let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      guard bytes != [UInt8(ascii: ".")], bytes != [UInt8(ascii: "."), UInt8(ascii: ".")] else { continue }
      let kind: Kind =
        switch Int(entry.pointee.d_type) {
        case DT_REG: .file
        case DT_DIR: .folder
        default: .other
        }
      entries.append(FolderEntry(name: PathText.text(bytes), kind: kind))
    }
    return entries.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
  }
}
