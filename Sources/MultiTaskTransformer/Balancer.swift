/// How the losses of the two tasks become one gradient.
public protocol Balancer {
  /// What each task's loss is multiplied by in the next pass.
  var weightA: Double { get }
  var weightB: Double { get }

  /// Whether it wants each task's gradients by themselves, which takes a pass for each, instead of their sum.
  var separatesTasks: Bool { get }

  /// Makes the step's gradients, in the first set.
  ///
  /// - Parameter gradients: one set, or one for each task if `separatesTasks`.
  func combine(_ gradients: [GradientSet])
}

/// The weighted sum of the losses, with weights that somebody else sets.
public struct FixedWeights: Balancer {
  public var weightA: Double
  public var weightB: Double
  public var separatesTasks: Bool { false }

  public init(_ weightA: Double, _ weightB: Double) {
    self.weightA = weightA
    self.weightB = weightB
  }

  public func combine(_ gradients: [GradientSet]) {}
}
