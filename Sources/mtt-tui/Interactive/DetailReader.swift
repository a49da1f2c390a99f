import Comparison
import Dashboard
import LogFormats
import LoggedRuns

/// Reads logs again for what a comparison shows zoomed in, one request at a time and off the screen's thread.
@MainActor
final class DetailReader {
  /// Requests that follow each other while the user zooms on are not begun.
  private static let pause = Duration.milliseconds(120)
  /// Seconds until more of a live run is read again.
  private static let patience = 2.0

  private let library: LogLibrary
  private let give: ([String: [String: CurveDetail]]) -> Void
  private var asked: DetailRequest?
  private var task: Task<Void, Never>?
  private var begun = -Double.infinity

  /// `give`: takes what was read, by run and metric; nothing where nothing is wanted any more.
  init(_ library: LogLibrary, _ give: @escaping ([String: [String: CurveDetail]]) -> Void) {
    self.library = library
    self.give = give
  }

  /// Says what is wanted now.
  func want(_ request: DetailRequest?, now: Double) {
    guard request != asked else { return }
    let isSamePlace = request.map { [$0.range] } == asked.map { [$0.range] } && request?.metrics == asked?.metrics
    if isSamePlace, task != nil || now - begun < Self.patience { return }
    leave()
    asked = request
    guard let request else { return give([:]) }
    begun = now
    task = Task {
      try? await Task.sleep(for: Self.pause)
      guard !Task.isCancelled else { return }
      let found = await library.points(of: request.metrics, steps: request.steps)
      guard !Task.isCancelled else { return }
      task = nil
      give(
        found.reduce(into: [:]) { details, entry in
          guard let steps = request.steps[entry.key] else { return }
          details[entry.key] = entry.value.mapValues { CurveDetail(steps: steps, buckets: $0) }
        })
    }
  }

  /// Stops reading.
  func leave() {
    task?.cancel()
    task = nil
  }
}
