import Foundation

@testable import TextData

/// Data sets that lie beside the checkout in `shared/data`, found by walking up from this file; they may be absent.
enum SharedData {
  /// Path of `shared/data/NAME`, nil where there is none.
  static func path(_ name: String) -> String? {
    var folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    while folder.path != "/" {
      folder.deleteLastPathComponent()
      let candidate = folder.appendingPathComponent("shared/data").appendingPathComponent(name)
      if FileManager.default.fileExists(atPath: candidate.path) { return candidate.path }
    }
    return nil
  }

  static func options(_ path: String, maxLength: Int = 128, lowercase: Bool = false) -> DataOptions {
    DataOptions(source: .folder(path), lowercase: lowercase, minimumCount: 1, maxLength: maxLength)
  }
}
