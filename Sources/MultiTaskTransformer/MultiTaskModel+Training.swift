import CKernels
import Kernels

extension MultiTaskModel {
  /// Forward and backward for both tasks at once: leaves the gradients of weightA × lossA + weightB × lossB in `set`.
  ///
  /// The labels are counted first, over all processes that train together, since losses are means over the whole batch.
  ///
  /// - Parameters:
  ///   - dropoutKey: fixes every dropout mask; nil switches dropout off.
  ///   - set: the model's own if nil.
  /// - Returns: losses and counts; with several processes, losses and correct labels of this one's part.
  @discardableResult public func forwardBackward(
    _ batch: PackedBatch, weightA: Float, weightB: Float, dropoutKey: UInt64?, into set: GradientSet? = nil,
    communicator: any Communicator = Alone()
  ) -> BatchOutcome {
    precondition(gradientSet.dense.count == layout.denseCount, "a model for inference cannot be trained")
    var outcome = BatchOutcome(counts: communicator.allReduce(labelCounts(batch, weights: sentenceClassWeights)))
    let set = set ?? gradientSet
    prepareRows(batch, set, communicator)
    let counts = outcome.counts
    let goalA = HeadGoal.train(scale: counts.lossA == 0 ? 0 : Float(Double(weightA) / counts.weightA))
    let goalB = HeadGoal.train(scale: counts.lossB == 0 ? 0 : weightB / Float(counts.lossB))
    updateChain()
    let parts = batch.microBatches(tokens: memory.tokenLimit)
    for (index, part) in parts.enumerated() {
      let place = WeightGradients.Place(isFirst: index == 0, isLast: index == parts.count - 1)
      pass(
        over: part, at: part.firstToken - batch.firstToken, dropoutKey: dropoutKey,
        sums: place.isFirst ? .begin : .goOn, into: &outcome
      ) { pass in
        let a = sentenceHead.forward(pass, goalA, weights: sentenceClassWeights)
        let b = tagHead.forward(pass, goalB)
        backward(pass)
        return (a, b)
      }
      makeWeightGradients(part, place, into: set)
    }
    return outcome
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

  /// Finds the embedding rows that the batch uses, brings them up to the current step, and makes room for their
  /// gradients.
  private func prepareRows(_ batch: PackedBatch, _ set: GradientSet, _ communicator: any Communicator) {
    if rates.rows == nil {
      touched.removeAll()
    } else {
      touched.collect(batch, configuration)
      touched.arrange(as: communicator.union(touched.rows))
      memory.prepareEmbeddingGradients(tokens: batch.tokenCount)
    }
    set.use(rows: touched.rows)
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

  private func makeWeightGradients(_ batch: PackedBatch, _ place: WeightGradients.Place, into set: GradientSet) {
    let gradients = WeightGradients(
      layout, batch, place, memory.workspace, touched, rates, hidden: configuration.hiddenSize)
    for clock in clocks { clock.start() }
    team.run(tasks: gradients.taskCount) { task, worker in
      gradients.run(
        task, into: set, vectorSums: memory.vectorSums, shares: shares, embeddingGradients: memory.embeddingGradients,
        clock: clocks[worker])
    }
  }
}
