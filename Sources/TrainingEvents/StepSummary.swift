/// The figures of a step that are curves.
public enum StepFigure: Hashable, Sendable, CaseIterable {
  case loss
  case taskLoss(ModelTask)
  case gradientNorm, learningRate

  public static let allCases = [.loss] + ModelTask.allCases.map(Self.taskLoss) + [.gradientNorm, .learningRate]

  /// Its place among all.
  public var place: Int {
    switch self {
    case .loss: 0
    case .taskLoss(.sentence): 1
    case .taskLoss(.words): 2
    case .gradientNorm: 3
    case .learningRate: 4
    }
  }

  /// Nil where the step has none.
  public func value(in step: StepRecord) -> Double? {
    switch self {
    case .loss: step.loss
    case .taskLoss(let task): step.losses[task]
    case .gradientNorm: step.gradientNorm
    case .learningRate: step.learningRate
    }
  }
}

/// What is kept of steps in a row: rows of a few steps each with every figure's extremes, mean and last value, and
/// whatever else a reader would have gathered from the steps one by one.
public struct StepSummary: Hashable, Sendable {
  /// A figure's values, row by row.
  public struct Curve: Hashable, Sendable {
    public package(set) var buckets: [Bucket] = []
    public package(set) var last: [Double] = []

    package init() {}
  }

  package init(steps: ClosedRange<Int>, span: Int, last: StepRecord) {
    self.steps = steps
    self.span = span
    self.last = last
  }

  /// Steps in a row that stand out for the same reason.
  public struct Stretch: Hashable, Sendable {
    public var steps: ClosedRange<Int>
    /// The gradient norm of the first.
    public var norm: Double
    /// Whether the first one's loss was finite.
    public var lossIsFinite: Bool

    package init(steps: ClosedRange<Int>, norm: Double, lossIsFinite: Bool) {
      self.steps = steps
      self.norm = norm
      self.lossIsFinite = lossIsFinite
    }
  }

  /// The steps that there are, first and last.
  public package(set) var steps: ClosedRange<Int>
  /// Steps of a row. Rows lie at multiples of it: row 0 is the one that `steps` begins in.
  public package(set) var span: Int
  /// By the figures' places.
  public package(set) var curves: [Curve] = StepFigure.allCases.map { _ in Curve() }
  /// Training seconds of the run at each row's end.
  public package(set) var elapsed: [Double] = []
  /// The last step as it was.
  public package(set) var last: StepRecord
  /// Counts of the last step's epoch up to it.
  public package(set) var epochCounts = MetricCounts()
  /// Steps whose gradient norm stands out.
  public package(set) var spikes: [Stretch] = []
  /// Steps whose loss or gradient was not finite, or that were left out, and how many.
  public package(set) var broken: [Stretch] = []
  public package(set) var brokenSteps = 0
  /// How spikes are detected from here on.
  public package(set) var detector = SpikeDetector()
  /// Sums over the steps.
  public package(set) var count = 0
  public package(set) var seconds = 0.0
  public package(set) var sentences = 0
  public package(set) var tokens = 0

  public subscript(figure: StepFigure) -> Curve { curves[figure.place] }

  /// The first step that a row may have.
  public func firstStep(ofRow row: Int) -> Int { Self.row(of: steps.lowerBound, span) * span + 1 + row * span }

  /// Steps count from 1.
  package static func row(of step: Int, _ span: Int) -> Int { (step - 1) / span }

  /// The same in rows of more steps; `span` must be a multiple of the present one.
  package func coarsened(to span: Int) -> StepSummary {
    guard span > self.span else { return self }
    var coarse = self
    coarse.span = span
    coarse.curves = StepFigure.allCases.map { _ in Curve() }
    coarse.elapsed = []
    let origin = Self.row(of: steps.lowerBound, span)
    for row in elapsed.indices {
      let place = Self.row(of: firstStep(ofRow: row), span) - origin
      if place == coarse.elapsed.count { coarse.addRow() }
      coarse.elapsed[place] = elapsed[row]
      for figure in curves.indices where !curves[figure].buckets[row].isEmpty {
        coarse.curves[figure].buckets[place].merge(curves[figure].buckets[row])
        coarse.curves[figure].last[place] = curves[figure].last[row]
      }
    }
    return coarse
  }

  package mutating func addRow() {
    for figure in curves.indices {
      curves[figure].buckets.append(Bucket())
      curves[figure].last.append(.nan)
    }
    elapsed.append(elapsed.last ?? 0)
  }
}

extension StepRecord {
  /// Whether its loss or gradient was not finite, or its update was left out.
  public var isBroken: Bool { !applied || !loss.isFinite || !gradientNorm.isFinite }
}
