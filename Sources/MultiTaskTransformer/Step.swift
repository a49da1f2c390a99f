import TrainingEvents

/// One training step, in four phases: `pass` → `exchange` → `balance` → `apply`.
public struct Step {
  public var batch: PackedBatch
  /// Fixes every dropout mask; nil switches dropout off.
  public var dropoutKey: UInt64?
  public var balancer: any Balancer
  public var learningRate: Float
  public var weightDecay: Float
  /// Gradients with a larger norm are scaled down to it; 0 for no clipping.
  public var clip: Double

  /// What a step gave.
  public struct Outcome: Hashable, Sendable {
    /// Means over the members.
    public var batch: BatchOutcome
    /// The weighted sum of the losses.
    public var loss: Double
    /// Mean of the members' norms before clipping.
    public var gradientNorm: Double
    /// Whether the parameters have moved: not where the loss or the norm is not finite.
    public var isApplied: Bool
  }

  public init(
    _ batch: PackedBatch, dropoutKey: UInt64?, balancer: any Balancer, learningRate: Float, weightDecay: Float,
    clip: Double
  ) {
    self.batch = batch
    self.dropoutKey = dropoutKey
    self.balancer = balancer
    self.learningRate = learningRate
    self.weightDecay = weightDecay
    self.clip = clip
  }

  /// Trains every member on the batch, or none: all of them have to have finite gradients.
  public func run(on ensemble: ModelEnsemble) -> Outcome { run(on: ensemble, with: Alone()) }

  /// The same in each of some processes, with the same batch in all of them.
  public func run<Processes: Communicator>(
    on ensemble: ModelEnsemble, with communicator: Processes
  ) throws(Processes.Failure) -> Outcome {
    let members = ensemble.members
    let own = communicator.ownMembers(of: members.count)
    var outcomes: [BatchOutcome] = []
    var norms: [Double] = []
    for index in own {
      let model = members[index]
      let (outcome, gradients) = pass(
        model, parts: communicator.ownParts(of: model.parts),
        dropoutKey: ModelEnsemble.key(dropoutKey, ofMember: index))
      outcomes.append(try exchange(outcome, gradients, of: model, communicator))
      balance(gradients)
      norms.append(model.gradientNorm)
    }
    if communicator.sharesMembers {
      (outcomes, norms) = try exchange(outcomes, norms, members, communicator)
    }
    let (mean, weights) = (ModelEnsemble.mean(outcomes), balancer.weights)
    var outcome = Outcome(
      batch: mean, loss: weights.sentence * mean.losses.sentence + weights.words * mean.losses.words,
      gradientNorm: norms.reduce(0, +) / Double(members.count), isApplied: false)
    outcome.isApplied = outcome.loss.isFinite && outcome.gradientNorm.isFinite
    if outcome.isApplied {
      for index in own { apply(to: members[index], norm: norms[index]) }
    }
    return outcome
  }

  /// Counts the labels, then goes forward and backward: once for both tasks, or once for each.
  ///
  /// The gradients are the sums over this process's parts of the batch; the outcomes are theirs, in order.
  private func pass(
    _ model: MultiTaskModel, parts own: Range<Int>, dropoutKey: UInt64?
  ) -> ([BatchOutcome], [GradientSet]) {
    let weights = balancer.weights.map { Float($0) }
    func gradients(_ weights: PerTask<Float>, into set: GradientSet) -> [BatchOutcome] {
      model.makeGradients(batch, parts: own, weights: weights, dropoutKey: dropoutKey, into: set)
    }
    guard balancer.separatesTasks else { return (gradients(weights, into: model.gradientSet), [model.gradientSet]) }
    let sets = [model.gradientSet, model.secondGradientSet]
    _ = gradients(weights.only(.sentence), into: sets[0])
    return (gradients(weights.only(.words), into: sets[1]), sets)
  }

  /// Makes losses and gradients those of the whole batch.
  private func exchange<Processes: Communicator>(
    _ outcomes: [BatchOutcome], _ gradients: [GradientSet], of model: MultiTaskModel, _ communicator: Processes
  ) throws(Processes.Failure) -> BatchOutcome {
    if communicator.sharesMembers { return BatchOutcome.sum(outcomes.flatMap(\.words), counts: outcomes[0].counts) }
    let own = outcomes.flatMap(\.words)
    let hasOthers = communicator.processCount > 1
    let words = try communicator.exchange(
      own + (hasOthers ? model.margins.words : []), state: hasOthers ? model.parameterSample : 0,
      adding: gradients.flatMap { model.trainedRuns(of: $0) }, model.team)
    for other in words { model.margins.take(other.dropFirst(own.count)) }
    return BatchOutcome.sum(words.flatMap { $0.prefix(own.count) }, counts: outcomes[0].counts)
  }

  /// What all members gave, where each process has some of them.
  private func exchange<Processes: Communicator>(
    _ outcomes: [BatchOutcome], _ norms: [Double], _ members: [MultiTaskModel], _ communicator: Processes
  ) throws(Processes.Failure) -> ([BatchOutcome], [Double]) {
    let first = communicator.ownMembers(of: members.count).lowerBound
    let own = outcomes.indices.map { outcomes[$0].words + [norms[$0].bitPattern] + members[first + $0].margins.words }
    let words = try communicator.exchange(
      own.flatMap(\.self), state: UInt64(members[first].optimizerStep), adding: [], members[first].team)
    let all = words.flatMap { $0 }
    let starts = stride(from: 0, to: all.count, by: own[0].count)
    for (member, start) in zip(members, starts) {
      member.margins.begin(sentences: batch.sentenceCount, tokens: batch.tokenCount)
      member.margins.take(all[start + 5..<start + own[0].count])
    }
    return (
      starts.map { BatchOutcome.sum(Array(all[$0..<$0 + 4]), counts: outcomes[0].counts) },
      starts.map { Double(bitPattern: all[$0 + 4]) }
    )
  }

  /// Makes one gradient of the tasks'.
  private func balance(_ gradients: [GradientSet]) { balancer.combine(gradients) }

  /// Clips by the norm and moves the parameters.
  private func apply(to model: MultiTaskModel, norm: Double) {
    model.applyStep(
      learningRate: learningRate, weightDecay: weightDecay,
      gradientScale: clip > 0 && norm > clip ? Float(clip / norm) : 1)
  }
}
