/// Where each parameter lies in the one allocation that holds them all.
///
/// Four regions: vectors (biases, LayerNorm and other small ones, no weight decay), matrices, embedding rows (the tables
/// one after the other, all `hiddenSize` wide), whose gradients touch few rows of a step, and what is never learned.
struct ParameterLayout: Sendable {
  /// How a tensor begins.
  enum Initial: Sendable {
    /// Normal with the configuration's deviation.
    case normal
    /// Uniform in ±√(6 / (inputs + outputs)) (Glorot and Bengio 2010).
    case xavier
    case zeros
    case ones
    /// Counted from the data; never learned.
    case given
  }

  struct Tensor: Sendable {
    let name: String
    let shape: [Int]
    let offset: Int
    let initial: Initial
    /// The part that it is trained with; nil where it is never learned.
    let part: TrainingPlan.Part?
    var count: Int { shape.reduce(1, *) }
  }

  /// All of them, in Hugging Face's order.
  let tensors: [Tensor]
  let subLayers: [SubLayer]
  let embeddings: Embeddings
  let pooler: Linear
  let sentenceClassifier: Linear
  let tagClassifier: Linear
  /// Head B's transitions, if it is a conditional random field.
  let chain: ChainParameters?
  /// What else decoding adds to the logits: a `TagPrior`'s scores, already weighted.
  let prior: ChainParameters?
  /// What a `ClassPrior` adds to the class logits, already weighted.
  let classPrior: ClassPriorParameters?
  /// Floats of the vector region.
  let vectorCount: Int
  /// Floats of the vector and matrix regions: what has a dense gradient.
  let denseCount: Int
  /// Rows of the embedding region, `hiddenSize` floats each.
  let rowCount: Int
  /// Floats of the three regions that can be learned.
  let learnedCount: Int
  /// Floats of all regions.
  let count: Int

  init(_ configuration: ModelConfiguration) {
    var builder = LayoutBuilder(configuration)
    let (embeddings, rowCount) = builder.embeddings()
    self.embeddings = embeddings
    self.rowCount = rowCount
    subLayers = builder.subLayers()
    (pooler, sentenceClassifier, tagClassifier, chain, prior) = builder.heads()
    classPrior = builder.classPrior()

    vectorCount = builder.vectorEnd
    denseCount = vectorCount + builder.matrixEnd
    learnedCount = denseCount + rowCount * configuration.hiddenSize
    count = learnedCount + builder.constantEnd
    tensors = builder.tensors
  }
}

/// Places tensors one after the other, each group on a 64-byte boundary.
///
/// Vectors come first, so their number must be known before a matrix is placed: a first walk counts, a second places.
private struct LayoutBuilder {
  private let configuration: ModelConfiguration
  private(set) var tensors: [ParameterLayout.Tensor] = []
  private(set) var vectorEnd = 0
  private(set) var matrixEnd = 0
  private(set) var constantEnd = 0
  private var rowCount = 0
  /// The part that what is placed belongs to.
  private var part = TrainingPlan.Part.embeddings
  private let matrixStart: Int
  private let rowStart: Int

  init(_ configuration: ModelConfiguration) {
    var counting = LayoutBuilder(configuration, matrixStart: 0, rowStart: 0)
    _ = counting.embeddings()
    _ = counting.subLayers()
    _ = counting.heads()
    _ = counting.classPrior()
    self.init(
      configuration, matrixStart: counting.vectorEnd, rowStart: counting.vectorEnd + counting.matrixEnd)
  }

  private init(_ configuration: ModelConfiguration, matrixStart: Int, rowStart: Int) {
    self.configuration = configuration
    self.matrixStart = matrixStart
    self.rowStart = rowStart
  }

  private mutating func takeVector(_ count: Int) -> Int {
    defer { vectorEnd = (vectorEnd + count + 15) / 16 * 16 }
    return vectorEnd
  }

  private mutating func takeMatrix(_ count: Int) -> Int {
    defer { matrixEnd = (matrixEnd + count + 15) / 16 * 16 }
    return matrixStart + matrixEnd
  }

  private mutating func takeConstants(_ count: Int) -> Int {
    defer { constantEnd = (constantEnd + count + 15) / 16 * 16 }
    return rowStart + rowCount * configuration.hiddenSize + constantEnd
  }

  private mutating func add(_ name: String, _ shape: [Int], _ offset: Int, _ initial: ParameterLayout.Initial) {
    tensors.append(
      ParameterLayout.Tensor(
        name: name, shape: shape, offset: offset, initial: initial, part: initial == .given ? nil : part))
  }

  private mutating func linear(_ name: String, inputs: Int, outputs: Int) -> Linear {
    let linear = Linear(
      weight: takeMatrix(inputs * outputs), bias: takeVector(outputs), inputs: inputs, outputs: outputs)
    addTensors(name, linear)
    return linear
  }

  private mutating func addTensors(_ name: String, _ linear: Linear) {
    add(
      name + ".weight", [linear.outputs, linear.inputs], linear.weight,
      configuration.normalization == .pre ? .xavier : .normal)
    add(name + ".bias", [linear.outputs], linear.bias, .zeros)
  }

  private mutating func layerNorm(_ name: String) -> LayerNorm {
    let hidden = configuration.hiddenSize
    let norm = LayerNorm(gamma: takeVector(hidden), beta: takeVector(hidden))
    add(name + ".weight", [hidden], norm.gamma, .ones)
    add(name + ".bias", [hidden], norm.beta, .zeros)
    return norm
  }

  mutating func heads() -> (
    pooler: Linear, sentenceClassifier: Linear, tagClassifier: Linear, chain: ChainParameters?, prior: ChainParameters?
  ) {
    part = .heads
    let hidden = configuration.hiddenSize
    let pooler = linear("pooler.dense", inputs: hidden, outputs: hidden)
    let sentence = linear("classifier.sentence", inputs: hidden, outputs: configuration.sentenceClassCount)
    let tags = linear("classifier.tags", inputs: hidden, outputs: configuration.tagCount)
    let (chain, prior) = chains()
    return (pooler, sentence, tags, chain, prior)
  }

  /// The learned scores and the counted ones: one of them or neither.
  private mutating func chains() -> (learned: ChainParameters?, prior: ChainParameters?) {
    guard let name = configuration.chainName else { return (nil, nil) }
    return configuration.learnsTransitions ? (chain(name, .zeros), nil) : (nil, chain(name, .given))
  }

  private mutating func chain(_ name: String, _ initial: ParameterLayout.Initial) -> ChainParameters {
    let tags = configuration.tagCount
    func place(_ builder: inout LayoutBuilder, _ count: Int) -> Int {
      initial == .given ? builder.takeConstants(count) : builder.takeVector(count)
    }
    let chain = ChainParameters(
      transitions: place(&self, tags * tags), start: place(&self, tags), end: place(&self, tags))
    add(name + ".transitions", [tags, tags], chain.transitions, initial)
    add(name + ".start_transitions", [tags], chain.start, initial)
    add(name + ".end_transitions", [tags], chain.end, initial)
    return chain
  }

  mutating func classPrior() -> ClassPriorParameters? {
    guard configuration.classPrior > 0 else { return nil }
    let classes = configuration.sentenceClassCount
    func place(_ builder: inout LayoutBuilder, _ name: String, _ shape: [Int]) -> Int {
      let offset = builder.takeConstants(shape.reduce(1, *))
      builder.add("class_prior.\(name)", shape, offset, .given)
      return offset
    }
    func table(_ builder: inout LayoutBuilder, _ name: String, _ rows: Int) -> ClassPriorParameters.Table {
      ClassPriorParameters.Table(
        scores: place(&builder, name + ".scores", [rows, classes]),
        squares: place(&builder, name + ".squares", [rows]))
    }
    let buckets = configuration.nGramBuckets
    return ClassPriorParameters(
      tokens: table(&self, "tokens", configuration.vocabularySize),
      nGrams: buckets > 0 ? table(&self, "ngrams", buckets) : nil, bias: place(&self, "bias", [classes]))
  }

  /// The tables and their LayerNorm, and how many rows the tables have together.
  mutating func embeddings() -> (Embeddings, rowCount: Int) {
    part = .embeddings
    let hidden = configuration.hiddenSize
    func table(_ builder: inout LayoutBuilder, _ name: String, _ count: Int) -> Int {
      let offset = builder.rowStart + builder.rowCount * hidden
      builder.rowCount += count
      builder.add("embeddings.\(name).weight", [count, hidden], offset, .normal)
      return offset
    }
    let word = table(&self, "word_embeddings", configuration.vocabularySize)
    let isAbsolute = configuration.positions == .absolute
    let position = isAbsolute ? table(&self, "position_embeddings", configuration.maxPositions) : nil
    let type = isAbsolute ? table(&self, "token_type_embeddings", configuration.typeVocabularySize) : nil
    let nGram = configuration.nGramBuckets > 0 ? table(&self, "ngram_embeddings", configuration.nGramBuckets) : nil
    let norm = layerNorm("embeddings.LayerNorm")
    let firstNorm = configuration.normalization == .pre ? layerNorm(preNormName(0)) : nil
    return (
      Embeddings(word: word, position: position, type: type, nGram: nGram, norm: norm, firstNorm: firstNorm), rowCount
    )
  }

  private enum Kind: CaseIterable { case attention, convolution, feedForward }

  private var chainOfKinds: [(layer: Int, kind: Kind)] {
    (0..<configuration.layerCount).flatMap { layer in
      Kind.allCases.filter { $0 != .convolution || configuration.convolution }.map { (layer, $0) }
    }
  }

  /// In pre-norm, the name of the LayerNorm before sub-layer `index`, or of the last one.
  private func preNormName(_ index: Int) -> String {
    guard index < chainOfKinds.count else { return "encoder.LayerNorm" }
    let (layer, kind) = chainOfKinds[index]
    return switch kind {
    case .attention: "encoder.layer.\(layer).attention.LayerNorm"
    case .convolution: "encoder.layer.\(layer).convolution.LayerNorm"
    case .feedForward: "encoder.layer.\(layer).intermediate.LayerNorm"
    }
  }

  mutating func subLayers() -> [SubLayer] {
    let hidden = configuration.hiddenSize
    var subLayers: [SubLayer] = []
    for (index, (layer, kind)) in chainOfKinds.enumerated() {
      part = .layer(layer)
      let prefix = "encoder.layer.\(layer)."
      let function: SubLayer.Function
      let postNormName: String
      switch kind {
      case .attention:
        function = .attention(attention(prefix))
        postNormName = prefix + "attention.output.LayerNorm"
      case .convolution:
        function = .convolution(
          Convolution(kernel: linear(prefix + "convolution.dense", inputs: 3 * hidden, outputs: hidden)))
        postNormName = prefix + "convolution.LayerNorm"
      case .feedForward:
        let wide = configuration.intermediateSize
        let intermediate = linear(prefix + "intermediate.dense", inputs: hidden, outputs: wide)
        function = .feedForward(
          FeedForward(
            intermediate: intermediate, output: linear(prefix + "output.dense", inputs: wide, outputs: hidden)))
        postNormName = prefix + "output.LayerNorm"
      }
      // A LayerNorm is trained with the sub-layer that ends in it.
      let norm = layerNorm(configuration.normalization == .pre ? preNormName(index + 1) : postNormName)
      subLayers.append(SubLayer(index: index, layer: layer, function: function, norm: norm))
    }
    return subLayers
  }

  private mutating func attention(_ prefix: String) -> SelfAttention {
    let hidden = configuration.hiddenSize
    // One product for all three; three tensors outside, as Hugging Face has them.
    let all = Linear(
      weight: takeMatrix(3 * hidden * hidden), bias: takeVector(3 * hidden), inputs: hidden, outputs: 3 * hidden)
    for (part, name) in ["query", "key", "value"].enumerated() {
      addTensors(
        prefix + "attention.self." + name,
        Linear(
          weight: all.weight + part * hidden * hidden, bias: all.bias + part * hidden, inputs: hidden,
          outputs: hidden))
    }
    var relative: Int?
    if configuration.positions == .relative {
      let distances = 2 * configuration.relativeClip + 1
      let offset = takeVector(configuration.headCount * distances)
      add(prefix + "attention.self.relative_bias.weight", [configuration.headCount, distances], offset, .zeros)
      relative = offset
    }
    return SelfAttention(
      queryKeyValue: all, output: linear(prefix + "attention.output.dense", inputs: hidden, outputs: hidden),
      headCount: configuration.headCount, relative: relative, relativeClip: configuration.relativeClip)
  }
}
