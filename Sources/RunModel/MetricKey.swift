public import TrainingEvents

/// Which figure of a run: its name, of which task, on which part of the data, and what kind of number it is.
///
/// Whoever reads other programs' logs makes keys of their names; nothing that is drawn is found by comparing strings.
public struct MetricKey: Hashable, Sendable {
  /// What kind of number a figure is: how a chart lays it out, and which way is better.
  public enum Role: String, Hashable, Sendable, CaseIterable {
    /// Better when lower, often over orders of magnitude.
    case loss
    /// A share of one, better when higher.
    case share
    case learningRate, gradientNorm, other
  }

  public var name: String
  /// The task it is of; nil for the model as a whole.
  public var task: ModelTask?
  /// The part of the data it was measured on; nil where that means nothing.
  public var split: DataSplit?
  public var role: Role

  public init(_ name: String, task: ModelTask? = nil, split: DataSplit? = nil, role: Role) {
    self.name = name
    self.task = task
    self.split = split
    self.role = role
  }

  /// The figures of each step.
  public init(_ figure: StepFigure) {
    switch figure {
    case .loss: self.init("loss", split: .train, role: .loss)
    case .taskLoss(let task): self.init("loss", task: task, split: .train, role: .loss)
    case .gradientNorm: self.init("gradient norm", split: .train, role: .gradientNorm)
    case .learningRate: self.init("learning rate", role: .learningRate)
    }
  }
}
