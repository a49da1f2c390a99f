internal import Glibc
public import TrainingEvents

/// How long a run will still take, from how long its steps and evaluations have taken: the one estimate of every screen.
///
/// Batches of all lengths come in random order, so the pace is looked at over an epoch's steps, not over the last few.
public struct TimeLeft: Hashable, Sendable {
  private static let fewestSteps = 3
  /// About as many steps as this are remembered, at least and at most.
  private static let memory = 200...5000

  private var run: RunDescription?
  private var phase = RunPhase.loading
  private var phaseStart = 0.0
  private var step = 0
  /// Decaying sums.
  private var seconds = 0.0
  private var steps = 0.0
  private var sentences = 0.0
  private var seen = 0
  /// Epochs whose evaluation is done, and what the last one took.
  private var evaluatedEpochs = 0
  private var evaluationSeconds: Double?

  public init() {}

  public mutating func note(_ event: TrainingEvent, now: Double) {
    switch event {
    case .runStarted(let description):
      run = description
      step = description.startStep
      evaluatedEpochs = description.startStep / max(1, description.stepsPerEpoch)
    case .stepsCompleted(let records): for record in records { note(record) }
    case .evaluated(let record):
      if record.seconds.isFinite, record.seconds >= 0 { evaluationSeconds = record.seconds }
      // One that was asked for within an epoch takes no place of that epoch's own.
      if let run, record.split == .dev, record.step > 0, record.step.isMultiple(of: max(1, run.stepsPerEpoch)) {
        evaluatedEpochs = max(evaluatedEpochs, record.step / max(1, run.stepsPerEpoch))
      }
    case .phaseChanged(let change):
      if change.phase != phase { phaseStart = now }
      phase = change.phase
    default: break
    }
  }

  /// What a step's share in the sums is multiplied by at each later one.
  private var kept: Double {
    1 - 1 / Double(min(max(run?.stepsPerEpoch ?? 0, Self.memory.lowerBound), Self.memory.upperBound))
  }

  /// Takes in steps that are known by their summary: as that many steps of their mean.
  public mutating func note(_ summary: StepSummary) {
    step = summary.steps.upperBound
    guard summary.count > 0 else { return }
    let before = pow(kept, Double(summary.count))
    let weight = (1 - before) / (1 - kept)
    let count = Double(summary.count)
    seconds = seconds * before + summary.seconds / count * weight
    steps = steps * before + weight
    sentences = sentences * before + Double(summary.sentences) / count * weight
    seen += summary.count
  }

  private mutating func note(_ record: StepRecord) {
    step = record.step
    guard record.seconds.isFinite, record.seconds >= 0 else { return }
    seconds = seconds * kept + record.seconds
    steps = steps * kept + 1
    sentences = sentences * kept + Double(max(0, min(record.sentences, 1 << 40)))
    seen += 1
  }

  /// Seconds of training and evaluation left, pauses not counted; nil until it can be estimated.
  public func estimate(now: Double) -> Double? {
    guard let run, phase != .finished, phase != .failed, run.totalSteps > 0, seen >= Self.fewestSteps else {
      return nil
    }
    let training = Double(max(0, run.totalSteps - step)) * seconds / steps
    guard run.devSentences > 0 else { return training }
    let remaining = Double(max(0, run.configuration.epochs - evaluatedEpochs))
    var evaluating = remaining * secondsPerEvaluation
    if phase == .evaluating { evaluating -= min(max(0, now - phaseStart), secondsPerEvaluation) }
    return training + max(0, evaluating)
  }

  /// Whether the run may end sooner, for want of a better model (`--patience`).
  public var isAtMost: Bool { (run?.configuration.patience ?? 0) > 0 }

  /// Measured, or until then guessed from the training speed: a forward pass is a third of a step's work.
  private var secondsPerEvaluation: Double {
    if let evaluationSeconds { return evaluationSeconds }
    return sentences > 0 ? Double(run?.devSentences ?? 0) * seconds / (3 * sentences) : 0
  }
}
