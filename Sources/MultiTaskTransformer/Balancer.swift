public import TrainingEvents

/// How the losses of the tasks become one gradient.
public protocol Balancer {
  /// What each task's loss is multiplied by in the next pass.
  var weights: PerTask<Double> { get }

  /// Whether it wants each task's gradients by themselves, which takes a pass for each, instead of their sum.
  var separatesTasks: Bool { get }

  /// Makes the step's gradients, in the first set.
  ///
  /// - Parameter gradients: one set, or one for each task if `separatesTasks`.
  func combine(_ gradients: [GradientSet])
}

/// The weighted sum of the losses, with weights that somebody else sets.
public struct FixedWeights: Balancer {
  public var weights: PerTask<Double>
  public var separatesTasks: Bool { false }

  public init(_ weights: PerTask<Double>) { self.weights = weights }

  public func combine(_ gradients: [GradientSet]) {}
}
