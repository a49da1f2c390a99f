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
  /// `words`: what it printed before it had a folder, and whatever else is known of its end.
  /// `options`: what the run is to be resumed with, for a shell.
  static func loss(of run: RunDescription?, ending: String, words: [String] = [], options: String = "") -> RunLoss {
    guard let run else {
      return RunLoss(message: ending + " before the run began. " + words.joined(separator: " "), lastWords: words)
    }
    return RunLoss(
      message: "\(ending). Go on from the last checkpoint with: mtt-tui --resume \(ShellWord.path(run.directory))"
        + options,
      lastWords: words + lines(tail(of: run.directory + "/console.txt")))
  }

  /// How a process ended, by what `waitpid` says.
  static func ending(_ subject: String, status: Int32) -> String {
    let signal = status & 0x7F
    guard signal != 0 else { return "\(subject) ended with exit code \(status >> 8 & 0xFF)" }
    let name = strsignal(signal).map { String(cString: $0) } ?? "?"
    return "\(subject) was ended by signal \(signal) (\(name))"
  }

  /// The last lines of what was printed into a file; none for a negative descriptor.
  static func lines(of console: Int32, most: Int = mostLines) -> [String] {
    console >= 0 ? lines(tail(of: console), most: most) : []
  }

  private static func lines(_ text: String, most: Int = mostLines) -> [String] {
    text.split(whereSeparator: \.isNewline).suffix(most).map(String.init)
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
