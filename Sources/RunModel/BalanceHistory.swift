public import TrainingEvents

/// How the two tasks share the model: their losses' weights, and what their gradients ask of the encoder.
public struct BalanceHistory: Hashable, Sendable {
  private static let kept = 4096

  public private(set) var weightA = 1.0
  public private(set) var weightB = 1.0
  /// Oldest first; when there are too many, every second goes.
  public private(set) var samples: [GradientSample] = []

  public init() {}

  public var latest: GradientSample? { samples.last }

  public mutating func start(_ run: RunDescription) {
    weightA = run.configuration.weightA
    weightB = run.configuration.weightB
  }

  public mutating func note(_ change: ParameterChange) {
    switch change.parameter {
    case .learningRate: break
    case .weightA: weightA = change.new
    case .weightB: weightB = change.new
    }
  }

  public mutating func add(_ sample: GradientSample) {
    weightA = sample.weightA
    weightB = sample.weightB
    guard sample.step >= samples.last?.step ?? 0 else { return }
    samples.append(sample)
    guard samples.count > Self.kept else { return }
    samples = samples.enumerated().filter { $0.offset.isMultiple(of: 2) }.map(\.element)
  }

  /// A's share of a weighted loss, in 0...1; nil where there is none.
  public func shareA(lossA: Double, lossB: Double) -> Double? {
    let (a, b) = (weightA * lossA, weightB * lossB)
    let share = a / (a + b)
    return share.isFinite && share >= 0 && share <= 1 ? share : nil
  }
}
