import Kernels
public import TrainingEvents

/// Models of one shape that are trained side by side on the same batches and answer together.
///
/// Each has its own start and dropout; what one misreads by chance the others seldom misread the same way. Answers are
/// means: of the class probabilities, of the tag logits and of the transition scores. One member is a model like any.
public final class ModelEnsemble {
  public let members: [MultiTaskModel]

  /// - Parameter members: at least one, all of one configuration.
  public init(_ members: [MultiTaskModel]) {
    precondition(!members.isEmpty, "an ensemble has at least one member")
    self.members = members
  }

  /// Makes the members, whose number is the configuration's; they share their worker threads and
  /// working memory.
  public convenience init(
    configuration: ModelConfiguration, tagConstraints: TagConstraints?, seed: UInt64, threads: Int, shares: Int,
    parts: Int = 1, precision: MatmulPrecision = .f32, plan: TrainingPlan = TrainingPlan(), purpose: Purpose = .training
  ) {
    var members: [MultiTaskModel] = []
    for index in 0..<max(1, configuration.members) {
      members.append(
        MultiTaskModel(
          configuration: configuration, tagConstraints: tagConstraints,
          seed: index == 0 ? seed : mixed(seed, UInt64(index)), threads: threads, shares: shares,
          parts: parts, precision: precision, plan: plan, purpose: purpose, sharing: members.first))
    }
    self.init(members)
  }

  public var configuration: ModelConfiguration { members[0].configuration }
  public var precision: MatmulPrecision { members[0].precision }
  /// Threads it computes on.
  public var threads: Int { members[0].threads }
  public var parameterCount: Int { members.reduce(0) { $0 + $1.parameterCount } }
  public var trainedCount: Int { members.reduce(0) { $0 + $1.trainedCount } }

  /// See `MultiTaskModel.sentenceClassWeights`.
  public var sentenceClassWeights: [Float] {
    get { members[0].sentenceClassWeights }
    set { for member in members { member.sentenceClassWeights = newValue } }
  }

  /// See `MultiTaskModel.take`.
  public func take(_ prior: TagPrior) {
    for member in members { member.take(prior) }
    cached = nil
  }

  /// See `MultiTaskModel.take`.
  public func take(_ prior: ClassPrior) {
    for member in members { member.take(prior) }
  }

  /// See `MultiTaskModel.follow`.
  public func follow(_ plan: TrainingPlan) {
    for member in members { member.follow(plan) }
  }

  /// Optimizer steps done.
  public var optimizerStep: Int { members[0].optimizerStep }

  /// Seconds that all workers together have spent on each part.
  public var partSeconds: [ModelPart: Double] {
    members.reduce(into: [:]) { total, member in
      total.merge(member.partSeconds) { $0 + $1 }
    }
  }

  /// A member's own key, so that each drops other elements.
  static func key(_ dropoutKey: UInt64?, ofMember index: Int) -> UInt64? {
    index == 0 ? dropoutKey : dropoutKey.map { mixed($0, UInt64(index)) }
  }

  /// What each task asks of the first member's encoder; see `MultiTaskModel.taskGradients`.
  public func taskGradients(
    _ batch: PackedBatch, weights: PerTask<Float>, dropoutKey: UInt64?
  ) -> TaskGradients? {
    members[0].taskGradients(batch, weights: weights, dropoutKey: dropoutKey)
  }

  /// The gradients of a batch's first part in the first member, run by run: whether two machines compute alike shows in
  /// their bits. No parameter moves.
  public func probe(_ batch: PackedBatch, dropoutKey: UInt64?, _ read: (UnsafeRawBufferPointer) -> Void) {
    let model = members[0]
    _ = model.makeGradients(
      batch, parts: 0..<1, weights: PerTask.all(1), dropoutKey: dropoutKey, into: model.gradientSet)
    for run in model.trainedRuns(of: model.gradientSet) { read(UnsafeRawBufferPointer(run)) }
  }

  /// The members' common answer; its losses are the means of theirs, its counts its own.
  public func predict(_ batch: PackedBatch) -> BatchPredictions {
    let all = members.map { $0.predict(batch) }
    guard members.count > 1 else { return all[0] }
    let classCount = configuration.sentenceClassCount
    let tagCount = configuration.tagCount
    let share = 1 / Float(members.count)
    var probabilities = [Float](repeating: 0, count: all[0].logits.sentence.count)
    var tagLogits = [Float](repeating: 0, count: all[0].logits.words.count)
    for answer in all {
      addProbabilities(answer.logits.sentence, columns: classCount, share: share, to: &probabilities)
      for index in tagLogits.indices { tagLogits[index] += answer.logits.words[index] * share }
    }
    let classLogits = probabilities.map { logarithm($0) }
    let classes = argmax(classLogits, columns: classCount)
    var tags = argmax(tagLogits, columns: tagCount)
    if configuration.tagChain, configuration.tagLoss != .crf {
      tags = members[0].marginalTags(tagLogits, tags, of: batch, with: decodingScores)
    }
    var outcome = Self.mean(all.map(\.outcome))
    outcome.correct.sentence = zip(classes, batch.classLabels).count { $0 == $1 }
    outcome.correct.words = zip(tags, batch.tagLabels).count { $0 == $1 }
    return BatchPredictions(
      outcome: outcome, logits: PerTask(classLogits, tagLogits), classes: classes, tags: tags)
  }

  /// The best sequence of tags through some tokens of the last `predict`; see `MultiTaskModel.decode`.
  public func decode(_ logits: [Float], tokens: [Int32]) -> [Int32] {
    members[0].decode(logits, tokens: tokens, with: decodingScores)
  }

  /// Calls `body` once for each index below `tasks` on the model's threads, which may decode the last answers and ask for
  /// their probabilities.
  public func run(tasks: Int, _ body: (_ task: Int) -> Void) {
    // Made here if they are stale, instead of by several threads at once.
    _ = decodingScores
    members[0].team.run(tasks: tasks) { task, _ in body(task) }
  }

  /// The scores that tags are decoded with.
  var decodingScores: ChainScores { members.count == 1 ? members[0].decodingScores : commonScores }

  /// The mean of the members' transition scores, made anew when they may have changed.
  private var commonScores: ChainScores {
    if let cached, cached.step == members[0].optimizerStep { return cached.scores }
    let scores = ChainScores(meanOf: members.map(\.decodingScores))
    cached = (members[0].optimizerStep, scores)
    return scores
  }

  private var cached: (step: Int, scores: ChainScores)?

  /// Means of the losses; counts are rounded means.
  static func mean(_ outcomes: [BatchOutcome]) -> BatchOutcome {
    guard outcomes.count > 1 else { return outcomes[0] }
    var mean = outcomes[0]
    let count = Double(outcomes.count)
    mean.losses = PerTask { task in outcomes.reduce(0) { $0 + $1.losses[task] } / count }
    mean.correct = PerTask { task in
      Int((Double(outcomes.reduce(0) { $0 + $1.correct[task] }) / count).rounded())
    }
    return mean
  }
}

/// Tensors in and out: with several members, each one's names begin with `member.<n>.`.
extension ModelEnsemble {
  public func parameters() -> [NamedTensor] { named { $0.parameters() } }

  /// Name and shape of every parameter that models of this configuration have; nothing is allocated.
  public static func parameterShapes(_ configuration: ModelConfiguration) -> [(name: String, shape: [Int])] {
    let shapes = MultiTaskModel.parameterShapes(configuration)
    guard configuration.members > 1 else { return shapes }
    return (0..<configuration.members).flatMap { index in shapes.map { (Self.prefix(index) + $0.name, $0.shape) } }
  }

  private static func prefix(_ member: Int) -> String { "member.\(member)." }

  public func optimizerState() -> (step: Int, moments: [NamedTensor]) {
    (members[0].optimizerStep, named { $0.optimizerState().moments })
  }

  public func load(parameters: [NamedTensor]) throws(ModelError) {
    let parts = try split(parameters)
    for (member, tensors) in zip(members, parts) { try member.load(parameters: tensors) }
    cached = nil
  }

  /// Lets `read` fill each parameter, by its name among those of `parameterShapes`, where it lies.
  public func fill<Failure: Error>(
    _ read: (_ name: String, UnsafeMutableBufferPointer<Float>) throws(Failure) -> Void
  ) throws(Failure) {
    cached = nil
    for (index, member) in members.enumerated() {
      let prefix = members.count > 1 ? Self.prefix(index) : ""
      try member.fill { (name, values) throws(Failure) in try read(prefix + name, values) }
    }
  }

  public func load(optimizerStep: Int, moments: [NamedTensor]) throws(ModelError) {
    let parts = try split(moments)
    for (member, tensors) in zip(members, parts) { try member.load(optimizerStep: optimizerStep, moments: tensors) }
  }

  /// Loads one member's parameters and, if given, its optimizer's state: from whoever trained it.
  public func load(
    member index: Int, parameters: [NamedTensor], moments: [NamedTensor]?, optimizerStep: Int
  ) throws(ModelError) {
    try members[index].load(parameters: parameters)
    if let moments { try members[index].load(optimizerStep: optimizerStep, moments: moments) }
    cached = nil
  }

  private func named(_ tensors: (MultiTaskModel) -> [NamedTensor]) -> [NamedTensor] {
    guard members.count > 1 else { return tensors(members[0]) }
    return members.enumerated().flatMap { index, member in
      tensors(member).map { NamedTensor(name: Self.prefix(index) + $0.name, shape: $0.shape, values: $0.values) }
    }
  }

  private func split(_ tensors: [NamedTensor]) throws(ModelError) -> [[NamedTensor]] {
    guard members.count > 1 else { return [tensors] }
    var parts = [[NamedTensor]](repeating: [], count: members.count)
    for tensor in tensors {
      let pieces = tensor.name.split(separator: ".", maxSplits: 2)
      guard pieces.count == 3, pieces[0] == "member", let index = Int(pieces[1]), parts.indices.contains(index) else {
        throw ModelError(
          description: "tensor \(tensor.name) belongs to none of the model's \(members.count) members (member.<n>.…).")
      }
      parts[index].append(NamedTensor(name: String(pieces[2]), shape: tensor.shape, values: tensor.values))
    }
    return parts
  }
}
