public import LoggedRuns

/// What curves of several runs are laid out over.
public enum CurveAxis: String, Hashable, Sendable, CaseIterable {
  case step, epoch
  /// Seconds since the run's first point.
  case relative
  /// The time of day.
  case wall
  /// Steps since the run's first.
  case aligned
  /// Sentences, pictures, …: steps times the batch.
  case samples

  public var next: CurveAxis {
    let all = Self.allCases
    return all[((all.firstIndex(of: self) ?? 0) + 1) % all.count]
  }
}

/// Turns a run's steps and times into places on an axis.
public struct AxisMapping: Sendable {
  private let axis: CurveAxis
  private let start: Double
  private let firstStep: Int64
  private let batch: Double
  private let epochs: [SeriesBucket]

  private static let batchKeys = [
    "batchSize", "batch_size", "train_batch_size", "per_device_train_batch_size", "batch",
  ]

  public init(_ axis: CurveAxis, _ run: LoggedRun) {
    self.axis = axis
    switch axis {
    case .relative, .wall:
      let firsts = run.metrics.compactMap { $0.first?.time }.filter { !$0.isNaN }
      start = axis == .wall ? 0 : firsts.min() ?? .nan
    default: start = 0
    }
    firstStep = axis == .aligned ? run.metrics.compactMap(\.summary.firstStep).min() ?? 0 : 0
    batch =
      axis == .samples ? Self.batchKeys.lazy.compactMap { run.configuration[$0]?.number }.first ?? .nan : 1
    epochs = axis == .epoch ? (run.metric("epoch") ?? run.metric("train/epoch"))?.buckets ?? [] : []
  }

  /// Where a bucket lies; NaN where the axis does not apply to it.
  public func place(_ bucket: SeriesBucket) -> Double {
    switch axis {
    case .step: Double(bucket.step)
    case .aligned: Double(bucket.step - firstStep)
    case .samples: Double(bucket.step) * batch
    case .relative, .wall: bucket.time - start
    case .epoch: epoch(at: bucket.step)
    }
  }

  /// The epoch at a step, between those that were logged.
  private func epoch(at step: Int64) -> Double {
    guard let last = epochs.last else { return .nan }
    var (low, high) = (0, epochs.count)
    while low < high {
      let middle = (low + high) / 2
      if epochs[middle].step < step { low = middle + 1 } else { high = middle }
    }
    guard low < epochs.count else {
      guard epochs.count > 1 else { return Double(last.last) }
      // Beyond the last one logged: on at the same pace.
      let first = epochs[0]
      let pace = Double(last.last - first.last) / Double(max(1, last.step - first.step))
      return Double(last.last) + pace * Double(step - last.step)
    }
    let after = epochs[low]
    guard low > 0, after.step != step else { return Double(after.last) }
    let before = epochs[low - 1]
    let share = Double(step - before.step) / Double(after.step - before.step)
    return Double(before.last) + share * Double(after.last - before.last)
  }
}
