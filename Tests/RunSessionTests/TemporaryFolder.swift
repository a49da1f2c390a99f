import Foundation

/// A folder that goes away with the value.
final class TemporaryFolder {
  let path: String

  /// `below`: names of folders to make in it; `path` is the last.
  init(below names: [String] = []) throws {
    root = FileManager.default.temporaryDirectory.appendingPathComponent("mtt-session-\(UUID().uuidString)")
    let folder = names.reduce(root) { $0.appendingPathComponent($1) }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    path = folder.path
  }

  deinit { try? FileManager.default.removeItem(at: root) }

  private let root: URL
}
