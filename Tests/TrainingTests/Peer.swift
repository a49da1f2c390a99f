import Foundation
import Testing

/// The Python programs that compare us with PyTorch, transformers and onnxruntime.
enum Peer {
  /// An interpreter that has those packages, named by `MTT_PYTHON`.
  static let python = ProcessInfo.processInfo.environment["MTT_PYTHON"]

  /// Runs `Benchmarks/check_export.py`; its exit code, 0 where all is equal.
  static func check(_ arguments: String...) throws -> Int32 {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(python))
    process.arguments = [root.appendingPathComponent("Benchmarks/check_export.py").path] + arguments
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }
}
