import Formatting
import Foundation
import Glibc
import Paths
import RunSession
import TrainingEvents

/// What can be said of an engine whose process is gone without a last event.
enum LastWords {
  private static let longestTail = 4096
  private static let mostLines = 6

  /// `ending`: how the process ended, as the start of a sentence.
  /// `console`: what it printed before it had a folder; -1 for none.
  static func loss(of run: RunDescription?, ending: String, console: Int32 = -1) -> RunLoss {
    guard let run else {
      let words = console >= 0 ? lines(tail(of: console)) : []
      return RunLoss(message: ending + " before the run began. " + words.joined(separator: " "), lastWords: words)
    }
    return RunLoss(
      message: "\(ending). Go on from the last checkpoint with: mtt-tui --resume \(ShellWord.path(run.directory))",
      lastWords: lines(tail(of: run.directory + "/console.txt")))
  }

  /// How a process ended, by what `waitpid` says.
  static func ending(status: Int32) -> String {
    let signal = status & 0x7F
    guard signal != 0 else { return "The engine's process ended with exit code \(status >> 8 & 0xFF)" }
    let name = strsignal(signal).map { String(cString: $0) } ?? "?"
    return "The engine's process was ended by signal \(signal) (\(name))"
  }

  private static func lines(_ text: String) -> [String] {
    text.split(whereSeparator: \.isNewline).suffix(mostLines).map(String.init)
  }

  private static func tail(of path: String) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return "" }
    defer { close(descriptor) }
    return tail(of: descriptor)
  }

  private static func tail(of descriptor: Int32) -> String {
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return "" }
    var bytes = [UInt8](repeating: 0, count: longestTail)
    let count = pread(descriptor, &bytes, bytes.count, max(0, status.st_size - off_t(longestTail)))
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
  }
}

extension ShellWord {
  /// A path, relative where it lies below the current folder.
  static func path(_ path: String) -> String {
    let here = (currentFolder() ?? "") + "/"
    return quoted(path.hasPrefix(here) ? String(path.dropFirst(here.count)) : path)
  }
}
