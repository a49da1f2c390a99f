internal import MultiTaskTransformer
internal import TextData
internal import TrainingEvents

/// A model that other processes have, too, and train with this one: what the loop does to it, all do.
final class SharedModel: TrainableModel {
  private let model: TransformerModel
  private let coordinator: Coordinator
  /// Plans that the others have not heard of yet.
  private var plans: [TrainingPlan] = []
  /// Whether this process has what others trained by themselves.
  private var hasParameters = true
  private var hasMoments = true

  init(_ model: TransformerModel, _ coordinator: Coordinator) {
    self.model = model
    self.coordinator = coordinator
  }

  var parameterCount: Int { model.parameterCount }
  var trainedCount: Int { model.trainedCount }
  var optimizerStep: Int { model.optimizerStep }

  func follow(_ plan: TrainingPlan) {
    model.follow(plan)
    plans.append(plan)
  }

  func step(_ batch: Batch, _ settings: StepSettings) throws(RunFailure) -> StepFigures {
    for plan in plans { try coordinator.order(.follow(plan)) }
    plans = []
    try coordinator.order(.step(settings))
    hasParameters = !coordinator.sharesMembers
    hasMoments = hasParameters
    return try coordinator.step(model, batch, settings)
  }

  func taskGradients(_ batch: Batch, _ settings: StepSettings) -> TaskGradients? {
    model.taskGradients(batch, settings)
  }

  func answers(_ batch: Batch) -> BatchAnswers { model.answers(batch) }

  func decodedTags(_ answers: BatchAnswers, tokens: [Int32]) -> [Int32] { model.decodedTags(answers, tokens: tokens) }

  func tagProbabilities(_ answers: BatchAnswers, tokens: [Int32]) -> [Double] {
    model.tagProbabilities(answers, tokens: tokens)
  }

  func configurationFile(padTokenID: Int) -> [UInt8] { model.configurationFile(padTokenID: padTokenID) }

  func gather(moments: Bool) throws(RunFailure) {
    guard !hasParameters || (moments && !hasMoments) else { return }
    try coordinator.gather(model, moments: moments)
    hasParameters = true
    hasMoments = hasMoments || moments
  }

  func parameters() -> [NamedTensor] { model.parameters() }

  func optimizerState() -> (step: Int, moments: [NamedTensor]) { model.optimizerState() }

  /// For the run's end: the others keep theirs.
  func load(parameters: [NamedTensor]) throws(ModelError) {
    try model.load(parameters: parameters)
    hasParameters = true
  }

  func load(optimizerStep: Int, moments: [NamedTensor]) throws(ModelError) {
    try model.load(optimizerStep: optimizerStep, moments: moments)
  }
}
