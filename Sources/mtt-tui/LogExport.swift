import Dispatch
import Formatting
import Foundation
import LogFormats
import LoggedRuns
import Paths
import Training

/// Writes every point of a run's log, of this program's or another's, for other programs.
enum LogExport {
  enum Format: String {
    case csv, jsonl, tensorboard
  }

  /// `path`: one log. `target`: a new file, or `-` for standard output; for `tensorboard` a folder.
  ///
  /// Returns the number of points.
  static func write(_ format: Format, of path: String, to target: String) throws(RunFailure) -> Int {
    let (count, remarks) = try write(format, of: try location(path), to: target)
    for remark in remarks { StandardStreams.writeError("mtt-tui: \(remark)\n") }
    return count
  }

  /// Returns the number of points, and sentences about what could not be read or written as it was.
  static func write(
    _ format: Format, of location: LogLocation, to target: String
  ) throws(RunFailure) -> (count: Int, remarks: [String]) {
    switch format {
    case .csv, .jsonl: try writeLines(format, location, target)
    case .tensorboard: try writeEvents(location, target)
    }
  }

  private static func location(_ path: String) throws(RunFailure) -> LogLocation {
    let found: [LogLocation]
    do throws(LogError) {
      found = try LogDiscovery.logs(at: path)
    } catch {
      throw RunFailure(exitCode: 66, error.description)
    }
    guard found.count == 1 else {
      let names = found.prefix(8).map(\.path).joined(separator: ", ")
      throw RunFailure(exitCode: 64, "\(path): holds \(found.count) logs; name one of them: \(names)")
    }
    return found[0]
  }

  /// Reads a whole log, giving each point.
  private static func read(
    _ location: LogLocation, _ point: @escaping (String, Int64, Double, Double) -> Void
  ) -> (run: LoggedRun, remarks: [String]) {
    var log = OpenedLog(location)
    repeat { log.read(within: ReadBudget(seconds: .infinity), observer: point) } while log.hasMore
    var remarks = log.run.problems.map(\.description)
    if log.run.joinedPoints > 0 {
      remarks.append(
        "\(location.path): the log has its oldest steps only together, a few in a row: of \(log.run.joinedPoints) points"
          + " each row's last one is written.")
    }
    return (log.run, remarks)
  }

  // MARK: - Lines

  private static func writeLines(
    _ format: Format, _ location: LogLocation, _ target: String
  ) throws(RunFailure) -> (count: Int, remarks: [String]) {
    let descriptor = target == "-" ? STDOUT_FILENO : open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw RunFailure(exitCode: 73, SystemMessage.writing(target)) }
    defer { if target != "-" { close(descriptor) } }
    var (text, count, failure) = (format == .csv ? "metric,step,wall_time,value\n" : "", 0, Int32?.none)
    func flush() {
      if failure == nil, !StandardStreams.write(text, to: descriptor) { failure = errno }
      text = ""
    }
    let (_, remarks) = read(location) { metric, step, time, value in
      count += 1
      switch format {
      case .jsonl:
        text += "{\"metric\":\(JSONText.quoted(metric)),\"step\":\(step),\"wall_time\":\(JSONText.number(time)),"
        text +=
          "\"value\":\(value.isFinite ? "\(value)" : value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity")}\n"
      default: text += "\(quoted(metric)),\(step),\(time.isNaN ? "" : "\(time)"),\(value.isNaN ? "nan" : "\(value)")\n"
      }
      if text.utf8.count > 1 << 16 { flush() }
    }
    flush()
    if let failure { throw RunFailure(exitCode: 73, SystemMessage.writing(target, code: failure)) }
    return (count, remarks)
  }

  private static func quoted(_ text: String) -> String {
    guard text.contains(where: { ",\"\n\r".contains($0) }) else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }

  // MARK: - Event files

  private static func writeEvents(
    _ location: LogLocation, _ target: String
  ) throws(RunFailure) -> (count: Int, remarks: [String]) {
    if !FolderEntry.all(in: target).isEmpty {
      throw RunFailure(exitCode: 73, "\(target): is not empty; name a new or an empty folder")
    }
    do throws(LogError) {
      let writer = try EventFileWriter(folder: target, time: Date().timeIntervalSince1970, firstStep: nil)
      var (count, failure) = (0, LogError?.none)
      let (run, remarks) = read(location) { metric, step, time, value in
        count += 1
        do throws(LogError) {
          try writer.write([(metric, value)], step: step, time: time.isNaN ? 0 : time)
        } catch {
          failure = failure ?? error
        }
      }
      if let failure { throw failure }
      if !run.configuration.isEmpty { try writer.begin(run.configuration, metrics: [], time: run.created ?? 0) }
      try writer.end(isSuccess: run.declaredState != .failed, time: run.lastWrite ?? 0)
      return (count, remarks)
    } catch {
      throw RunFailure(exitCode: 73, error.description)
    }
  }
}
