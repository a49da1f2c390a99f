public import TrainingEvents

/// How the two tasks share the model: their losses' weights, and what their gradients ask of the encoder.
public struct BalanceHistory: Hashable, Sendable {
  private static let kept = 4096

  public private(set) var weights = PerTask.all(1.0)
  /// Oldest first; when there are too many, every second goes.
  public private(set) var samples: [GradientSample] = []

  public init() {}

  public var latest: GradientSample? { samples.last }

  public mutating func start(_ run: RunDescription) { weights = run.configuration.weights }

  public mutating func note(_ change: ParameterChange) {
    if case .weight(let task) = change.parameter { weights[task] = change.new }
  }

  public mutating func add(_ sample: GradientSample) {
    weights = sample.weights
    guard sample.step >= samples.last?.step ?? 0 else { return }
    samples.append(sample)
    guard samples.count > Self.kept else { return }
    samples = samples.enumerated().filter { $0.offset.isMultiple(of: 2) }.map(\.element)
  }
}
