import Glibc
import TrainingEvents

/// Prints what a run reports: epoch lines on standard output, everything else on standard error.
@MainActor
final class HeadlessReporter {
  private let format: DisplayOptions.LogFormat
  private var text = TextReport()
  private var progress: ProgressReport
  private var outputIsOpen = true

  /// A reporter that shows progress as suits what standard error is now.
  init(format: DisplayOptions.LogFormat) {
    self.format = format
    let canRedraw = StandardStreams.isTerminal(STDERR_FILENO) && Self.terminalMovesTheCursor
    progress = ProgressReport(style: canRedraw ? .bar : .lines, clock: { ContinuousClock.now })
  }

  /// A terminal of no known type shows a bar's control characters as they are.
  private static var terminalMovesTheCursor: Bool {
    guard let name = getenv("TERM") else { return false }
    return !["", "dumb", "unknown"].contains(String(cString: name))
  }

  func show(_ event: TrainingEvent) {
    text.note(event)
    let lines =
      switch format {
      case .text: text.lines(for: event)
      case .json: JSONReport.lines(for: event)
      }
    if !lines.isEmpty { StandardStreams.writeError(progress.erase()) }
    for line in lines { writeOutput(line) }
    if let remark = TextReport.remark(for: event) { say(remark) }
    if let update = progress.update(event, columns: StandardStreams.columns(of: STDERR_FILENO)) {
      StandardStreams.writeError(update)
    }
  }

  /// A line on standard error, in place of the bar.
  func say(_ line: String) {
    StandardStreams.writeError(progress.erase() + line + "\n")
  }

  /// Takes the bar away for good.
  func finish() {
    StandardStreams.writeError(progress.erase())
  }

  private func writeOutput(_ line: String) {
    guard outputIsOpen else { return }
    outputIsOpen = StandardStreams.writeOutput(line + "\n")
    if !outputIsOpen { say("mtt-tui: Standard output was closed; the run goes on without it.") }
  }
}
