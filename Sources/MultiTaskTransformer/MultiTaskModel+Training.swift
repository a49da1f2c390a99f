import CKernels
import Kernels
public import TrainingEvents

extension MultiTaskModel {
  /// Forward and backward for both tasks at once: leaves the gradients of the losses' weighted sum in `set`.
  ///
  /// - Parameters:
  ///   - dropoutKey: fixes every dropout mask; nil switches dropout off.
  ///   - set: the model's own if nil.
  @discardableResult public func forwardBackward(
    _ batch: PackedBatch, weights: PerTask<Float>, dropoutKey: UInt64?, into set: GradientSet? = nil
  ) -> BatchOutcome {
    let outcomes = makeGradients(
      batch, parts: 0..<parts, weights: weights, dropoutKey: dropoutKey, into: set ?? gradientSet)
    return BatchOutcome.sum(outcomes.flatMap(\.words), counts: outcomes[0].counts)
  }

  /// Leaves in `set` the gradients of some parts of a batch: their sum as a balanced binary tree.
  ///
  /// Losses are means over the whole batch, whose labels are counted first. All sets of one batch have the same rows.
  ///
  /// - Parameters:
  ///   - own: the parts' numbers, a power of two of them.
  ///   - count: how many parts the batch has; the model's number if nil.
  /// - Returns: losses and correct labels of each part; the counts are the whole batch's.
  func makeGradients(
    _ batch: PackedBatch, parts own: Range<Int>, of count: Int? = nil, weights: PerTask<Float>,
    dropoutKey: UInt64?, into set: GradientSet
  ) -> [BatchOutcome] {
    precondition(gradientSet.dense.count == layout.denseCount, "a model for inference cannot be trained")
    let counts = labelCounts(batch, weights: sentenceClassWeights)
    prepareRows(batch)
    updateChain()
    margins.begin(
      sentences: batch.firstSentence + batch.sentenceCount, tokens: batch.firstToken + batch.tokenCount)
    let work = PartsWork(
      batch: batch, parts: batch.parts(count ?? parts), counts: counts,
      goals: PerTask { task in
        .train(scale: counts.inLoss[task] == 0 ? 0 : Float(Double(weights[task]) / counts.weight[task]))
      }, dropoutKey: dropoutKey)
    var outcomes: [BatchOutcome] = []
    addParts(own, work, depth: 0, into: set, &outcomes)
    return outcomes
  }

  /// What the passes over a batch's parts have in common.
  private struct PartsWork {
    let batch: PackedBatch
    let parts: [PackedBatch]
    /// Of the whole batch.
    let counts: LabelCounts
    let goals: PerTask<HeadGoal>
    let dropoutKey: UInt64?
  }

  /// Leaves the sum of some parts' gradients in `set`: of those of both halves, each made likewise.
  private func addParts(
    _ range: Range<Int>, _ work: PartsWork, depth: Int, into set: GradientSet, _ outcomes: inout [BatchOutcome]
  ) {
    set.use(rows: touched.rows)
    guard range.count > 1 else {
      outcomes.append(makePart(work.parts[range.lowerBound], work, into: set))
      return
    }
    let middle = range.lowerBound + range.count / 2
    addParts(range.lowerBound..<middle, work, depth: depth + 1, into: set, &outcomes)
    let other = branchSet(depth)
    addParts(middle..<range.upperBound, work, depth: depth + 1, into: other, &outcomes)
    for clock in clocks { clock.start() }
    set.add(other, over: rates.trainedRegion, team)
    for clock in clocks { clock.mark(.optimizer) }
  }

  /// Leaves one part's gradients in `set`; those of an empty one are 0.
  private func makePart(_ part: PackedBatch, _ work: PartsWork, into set: GradientSet) -> BatchOutcome {
    var outcome = BatchOutcome(counts: work.counts)
    guard part.tokenCount > 0 else {
      set.clear(rates.trainedRegion)
      return outcome
    }
    let first = part.firstToken - work.batch.firstToken
    let tokens = first..<first + part.tokenCount
    let microBatches = part.microBatches(tokens: memory.tokenLimit)
    for (index, microBatch) in microBatches.enumerated() {
      let place = WeightGradients.Place(isFirst: index == 0, isLast: index == microBatches.count - 1)
      pass(
        over: microBatch, at: microBatch.firstToken - work.batch.firstToken, dropoutKey: work.dropoutKey,
        sums: place.isFirst ? .begin : .goOn, into: &outcome
      ) { pass in
        let a = sentenceHead.forward(pass, work.goals.sentence, weights: sentenceClassWeights)
        let b = tagHead.forward(pass, work.goals.words)
        backward(pass)
        return PerTask(a, b)
      }
      makeWeightGradients(microBatch, place, partTokens: tokens, into: set)
    }
    return outcome
  }

  /// The numbers of a set that are trained.
  func trainedRuns(of set: GradientSet) -> [UnsafeMutableBufferPointer<Float>] { set.runs(over: rates.trainedRegion) }

  /// A hash of some of the parameters, others after each step: processes that train one model have the same.
  ///
  /// Embedding rows have no part in it, as each process brings them up to the current step when it wants to.
  var parameterSample: UInt64 {
    let count = layout.denseCount
    let length = min(count, 16_384)
    let pieces = (count + length - 1) / length
    let first = optimizer.step % pieces * length
    let values = UnsafeBufferPointer(start: parameterBuffer.start + first, count: min(length, count - first))
    // FNV-1a, a number at a time.
    return values.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1.bitPattern)) &* 0x100_0000_01B3 }
  }

  /// Euclidean norm of the last gradients; not finite if any of them is not.
  public var gradientNorm: Double {
    for clock in clocks { clock.start() }
    defer { for clock in clocks { clock.mark(.optimizer) } }
    return gradientSet.norm(over: rates.trainedRegion, team)
  }

  /// One step of the optimizers with the last gradients.
  ///
  /// - Parameter gradientScale: what they are multiplied by.
  public func applyStep(learningRate: Float, weightDecay: Float, gradientScale: Float) {
    // A prior stays as it is.
    if layout.chain != nil { decodingScoresAreStale = true }
    for clock in clocks { clock.start() }
    optimizer.apply(
      team, gradientSet, touched, learningRate: learningRate, weightDecay: weightDecay, gradientScale: gradientScale)
    muon.apply(
      team, gradientSet, learningRate: learningRate, weightDecay: weightDecay, gradientScale: gradientScale)
    for clock in clocks { clock.mark(.optimizer) }
  }

  /// Finds the embedding rows that the batch uses, brings them up to the current step, and makes room for the gradients
  /// at its tokens.
  private func prepareRows(_ batch: PackedBatch) {
    if rates.rows == nil {
      touched.removeAll()
    } else {
      touched.collect(batch, configuration)
      memory.prepareEmbeddingGradients(tokens: batch.tokenCount)
    }
    for clock in clocks { clock.start() }
    optimizer.catchUp(team, rows: touched.rows)
    for clock in clocks { clock.mark(.optimizer) }
  }

  /// From the gradients at both heads' logits down to the lowest part that is trained.
  private func backward(_ pass: Pass) {
    tagHead.backward(pass)
    sentenceHead.backward(pass)
    let (workspace, hidden) = (pass.workspace, configuration.hiddenSize)
    if workspace.states[0].keepsSum {
      (workspace.streamGradient.start + pass.firstRow * hidden).update(repeating: 0, count: pass.rows * hidden)
    }
    for subLayer in layout.subLayers[rates.lowestSubLayer...].reversed() { subLayer.backward(pass) }
    if rates.rows != nil { layout.embeddings.backward(pass) }
  }

  private func makeWeightGradients(
    _ batch: PackedBatch, _ place: WeightGradients.Place, partTokens: Range<Int>, into set: GradientSet
  ) {
    let gradients = WeightGradients(
      layout, batch, place, memory.workspace, weights, touched, rates, hidden: configuration.hiddenSize,
      partTokens: partTokens)
    for clock in clocks { clock.start() }
    team.run(tasks: gradients.taskCount) { task, worker in
      gradients.run(
        task, into: set, vectorSums: memory.vectorSums, shares: shares, embeddingGradients: memory.embeddingGradients,
        scratch: memory.scratch[worker], clock: clocks[worker])
    }
  }
}
