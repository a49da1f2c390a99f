public import LoggedRuns

/// What curves of several runs are laid out over.
public enum CurveAxis: String, Hashable, Sendable, CaseIterable {
  case step, epoch
  /// Seconds of training where the log counts them, else seconds since the run's first point.
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
  /// What lies at 0.
  private let start: Double
  private let batch: Double
  /// A metric that is itself the axis, by step.
  private let logged: [SeriesBucket]

  private static let batchKeys = [
    "batchSize", "batch_size", "train_batch_size", "per_device_train_batch_size", "batch",
  ]

  public init(_ axis: CurveAxis, _ run: LoggedRun) {
    self.axis = axis
    switch axis {
    case .relative: start = run.metrics.compactMap { $0.first?.time }.filter { !$0.isNaN }.min() ?? .nan
    case .aligned: start = Double(run.metrics.compactMap(\.summary.firstStep).min() ?? 0)
    default: start = 0
    }
    batch =
      axis == .samples ? Self.batchKeys.lazy.compactMap { run.configuration[$0]?.number }.first ?? .nan : 1
    let names: [String] =
      switch axis {
      case .epoch: PlainAxis.epochs
      // A log of this program's: a pause is no training, nor is the time until a run was resumed.
      case .relative: run.format == .run ? [PlainAxis.elapsed] : []
      default: []
      }
    logged = names.lazy.compactMap { run.metric($0) }.first?.buckets ?? []
  }

  /// Whether all buckets have places, in the order of their steps.
  var keepsOrder: Bool { axis == .step || axis == .aligned || axis == .samples && batch > 0 && batch.isFinite }

  /// Where buckets lie; an axis that counts steps asks nothing else of each.
  func places(of buckets: [SeriesBucket]) -> [Double] {
    switch axis {
    case .step: buckets.map { Double($0.step) }
    case .aligned: buckets.map { Double($0.step) - start }
    case .epoch where logged.isEmpty: Array(repeating: .nan, count: buckets.count)
    default: buckets.map(place)
    }
  }

  /// Where a bucket lies; NaN where the axis does not apply to it.
  public func place(_ bucket: SeriesBucket) -> Double {
    switch axis {
    case .step: Double(bucket.step)
    case .aligned: Double(bucket.step) - start
    case .samples: Double(bucket.step) * batch
    case .relative: logged.isEmpty ? bucket.time - start : logged(at: bucket.step)
    case .wall: bucket.time
    case .epoch: logged(at: bucket.step)
    }
  }

  /// The place at a step, between those that were logged.
  private func logged(at step: Int64) -> Double {
    guard let last = logged.last else { return .nan }
    var (low, high) = (0, logged.count)
    while low < high {
      let middle = (low + high) / 2
      if logged[middle].step < step { low = middle + 1 } else { high = middle }
    }
    guard low < logged.count else {
      guard logged.count > 1 else { return Double(last.last) }
      // Beyond the last one logged: on at the same pace.
      let first = logged[0]
      let pace = Double(last.last - first.last) / Double(max(1, last.step - first.step))
      return Double(last.last) + pace * Double(step - last.step)
    }
    let after = logged[low]
    guard low > 0, after.step != step else { return Double(after.last) }
    let before = logged[low - 1]
    let share = Double(step - before.step) / Double(after.step - before.step)
    return Double(before.last) + share * Double(after.last - before.last)
  }
}
