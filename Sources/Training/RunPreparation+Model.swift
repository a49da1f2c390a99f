internal import Machine
internal import MultiTaskTransformer
internal import TextData
internal import TrainingEvents

extension RunPreparation {
  static func makeModel(
    _ configuration: RunConfiguration, _ dataset: TextDataset, _ encoder: PretrainedEncoder?, threads: Int
  ) throws(RunFailure) -> TransformerModel {
    var shape = shape(configuration, dataset)
    encoder?.complete(&shape)
    return try makeModel(configuration, dataset, shape, threads: threads)
  }

  static func makeModel(
    _ configuration: RunConfiguration, _ dataset: TextDataset, _ shape: ModelConfiguration, threads: Int
  ) throws(RunFailure) -> TransformerModel {
    let plan = try plan(configuration)
    let needed = leastBytes(shape)
    guard needed <= Processors.memory else {
      throw RunFailure(
        exitCode: 65,
        "The model needs at least \(needed >> 20) MiB and this process may use \(Processors.memory >> 20): choose a smaller"
          + " hidden, layers or intermediate")
    }
    let model = TransformerModel(
      ModelEnsemble(
        configuration: shape, tagConstraints: tagConstraints(dataset.tags), seed: configuration.seed, threads: threads,
        shares: configuration.shares, parts: configuration.parts ?? 1,
        precision: precision(configuration.precision).used, plan: plan))
    if shape.tagPrior > 0 {
      let seen = dataset.train.tagTransitions(tagCount: dataset.tags.count)
      model.take(TagPrior(steps: seen.steps, first: seen.first, last: seen.last))
    }
    if shape.classPrior > 0 { model.take(classPrior(shape, dataset)) }
    model.sentenceClassWeights = ClassWeights(configuration, dataset).values
    return model
  }

  /// What train's sentences, as they are without chance changes, say of their classes.
  private static func classPrior(_ shape: ModelConfiguration, _ dataset: TextDataset) -> ClassPrior {
    let all = collate(dataset.train, rows: Array(0..<Int32(dataset.train.count)), padTo: nil)
    return ClassPrior(
      fitting: TransformerModel.packed(all), vocabularySize: shape.vocabularySize, nGramBuckets: shape.nGramBuckets,
      classCount: shape.sentenceClassCount)
  }

  /// A lower bound of a model's bytes while it trains: its large matrices with gradients and two moments, 4 bytes each,
  /// and the scores of steps between tags that decoding keeps beside those that are learned.
  ///
  /// The options' ranges keep it far from overflow.
  static func leastBytes(_ shape: ModelConfiguration) -> Int {
    let rows = shape.vocabularySize + shape.maxPositions + shape.nGramBuckets
    let embeddings = rows * shape.hiddenSize
    let layer = 4 * shape.hiddenSize * shape.hiddenSize + 2 * shape.hiddenSize * shape.intermediateSize
    let steps = shape.tagCount * shape.tagCount
    let perMember = 16 * (embeddings + shape.layerCount * layer) + (shape.learnsTransitions ? 20 : 4) * steps
    return shape.members * perMember
  }

  /// What is trained, and how fast.
  ///
  /// - Parameter unfreezings: with gradual unfreezing, the optimizer steps done when each part so far began.
  static func plan(
    _ configuration: RunConfiguration, unfreezings: [Int] = []
  ) throws(RunFailure) -> TrainingPlan {
    do throws(FreezeFault) {
      let frozen = try configuration.frozen(unfrozen: unfreezings.count)
      var plan = TrainingPlan()
      plan.frozenEmbeddings = frozen.embeddings
      plan.frozenLayers = frozen.layers
      for (place, steps) in unfreezings.enumerated() {
        let layer = configuration.layers - 1 - place
        if layer >= 0 { plan.stepsBeforeLayers[layer] = steps } else { plan.stepsBeforeEmbeddings = steps }
      }
      if let rate = configuration.encoderLearningRate { plan.encoderRate = rate / configuration.learningRate }
      plan.layerDecay = configuration.layerDecay
      plan.optimizer = configuration.plannedOptimizer
      return plan
    } catch {
      throw RunFailure(exitCode: 65, error.sentence)
    }
  }

  /// The number format of the products, and a sentence where it is not the one asked for.
  static func precision(_ wanted: RunConfiguration.Precision) -> (used: MatmulPrecision, remarks: [String]) {
    switch wanted {
    case .f32: (.f32, [])
    case .bf16 where MultiTaskModel.supportsBFloat16: (.bf16, [])
    case .bf16: (.f32, ["This processor does not multiply bfloat16 numbers; float32 is used instead."])
    }
  }

  /// How a run's products order their sums here.
  static func productOrder(_ configuration: RunConfiguration) -> String {
    MultiTaskModel.productOrder(configuration.plannedOptimizer, precision(configuration.precision).used)
  }

  /// The shape of the model that a configuration asks for on its data.
  static func shape(_ configuration: RunConfiguration, _ dataset: TextDataset) -> ModelConfiguration {
    let dropout = Float(configuration.dropout)
    var shape = ModelConfiguration(
      vocabularySize: dataset.vocabulary.count, hiddenSize: configuration.hidden, layerCount: configuration.layers,
      headCount: configuration.heads, intermediateSize: configuration.intermediate,
      maxPositions: configuration.maxLength, hiddenDropout: dropout,
      attentionDropout: configuration.attentionDropout.map { Float($0) } ?? dropout,
      classifierDropout: configuration.headDropout.map { Float($0) } ?? dropout,
      sentenceClassCount: max(1, dataset.sentenceClasses.count),
      tagCount: max(1, dataset.tags.count))
    shape.normalization = configuration.normalization == .pre ? .pre : .post
    shape.positions = configuration.positions == .relative ? .relative : .absolute
    shape.sentencePooling = configuration.sentencePooling == .mean ? .mean : .first
    shape.convolution = configuration.convolution
    shape.nGramBuckets = dataset.tokenizer.nGramBuckets
    shape.embeddingDropout = configuration.embeddingDropout.map { Float($0) }
    shape.labelSmoothing = Float(configuration.labelSmoothing)
    shape.tagLoss = configuration.tagLoss == .crf ? .crf : .crossEntropy
    shape.tagChain = configuration.tagChain ?? false
    if !shape.learnsTransitions, tagConstraints(dataset.tags) != nil {
      shape.tagPrior = Float(configuration.tagPrior ?? 0)
    }
    if dataset.sentenceClasses.count > 1 { shape.classPrior = Float(configuration.classPrior ?? 0) }
    shape.lazyEmbeddings = configuration.lazyEmbeddings
    shape.neighbourHeads = configuration.neighbourHeads
    shape.members = configuration.members
    return shape
  }

  /// What BIO allows; nil where the tags are no entity tags.
  static func tagConstraints(_ tags: [String]) -> TagConstraints? {
    guard !tags.isEmpty, tags.allSatisfy(Tag.isEntityTag) else { return nil }
    return TagConstraints(
      tags.map(Tag.init).map { tag in
        switch tag.prefix {
        case .begin: .begins(tag.type)
        case .inside: .continues(tag.type)
        default: .other
        }
      })
  }
}

extension RunConfiguration {
  /// What moves the encoder's matrices.
  var plannedOptimizer: TrainingPlan.Optimizer { optimizer == .muon ? .muon : .adamW }
}
