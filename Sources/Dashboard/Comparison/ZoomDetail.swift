public import Comparison
import LoggedRuns

/// Steps of some curves that are wanted as fine as their logs have them.
public struct DetailRequest: Hashable, Sendable {
  public var metrics: [String]
  /// By run.
  public var steps: [String: ClosedRange<Int64>]
  /// The part of the axis that is looked at: another one is asked for at once, while more of a live run can wait.
  public var range: ClosedRange<Double>
}

/// Zoomed far in, a curve's kept points are fewer than there is room for: the log is read again for what is shown.
extension ComparisonModel {
  /// Dots across the widest screens: more points than that cannot be distinguished.
  private static let columns = 1000

  /// What is wanted now; nil where what is kept will do.
  public var detailRequest: DetailRequest? {
    guard page == .runs, let range, let metrics = families.first(where: { $0.family == family })?.metrics else {
      return nil
    }
    var steps: [String: ClosedRange<Int64>] = [:]
    for run in drawn where run.format != .pipe && run.isComplete {
      let mapping = AxisMapping(axis, run)
      let hidden = metrics.compactMap { name in
        run.metric(name).flatMap { metric in
          Curve.hiddenSteps(of: metric.buckets, mapping, over: range, columns: Self.columns)
        }
      }
      guard let low = hidden.map(\.lowerBound).min(), let high = hidden.map(\.upperBound).max() else { continue }
      steps[run.id] = low...high
    }
    return steps.isEmpty ? nil : DetailRequest(metrics: metrics, steps: steps, range: range)
  }

  /// Whether what is shown is about to become finer.
  var isDetailDue: Bool { detailRequest.map { request in request.steps.keys.contains { details[$0] == nil } } ?? false }

  /// Takes in what was asked for, by run and metric; nothing where nothing is wanted any more.
  public mutating func apply(_ found: [String: [String: CurveDetail]]) {
    guard found != details else { return }
    details = found
    makeCurves()
    needsDisplay = true
  }
}
