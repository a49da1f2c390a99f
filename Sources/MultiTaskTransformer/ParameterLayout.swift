/// Where each parameter lies in the one allocation that holds them all.
///
/// Three regions: vectors (biases and LayerNorm, no weight decay), matrices, and embedding rows (the three tables one
/// after the other, all `hiddenSize` wide), whose gradients touch few rows of a step.
struct ParameterLayout: Sendable {
  struct Tensor: Sendable {
    let name: String
    let shape: [Int]
    let offset: Int
    var count: Int { shape.reduce(1, *) }
  }

  /// All of them, in Hugging Face's order.
  let tensors: [Tensor]
  let layers: [EncoderLayer]
  let embeddings: Embeddings
  let pooler: Linear
  let sentenceClassifier: Linear
  let tagClassifier: Linear
  /// Floats of the vector region.
  let vectorCount: Int
  /// Floats of the vector and matrix regions: what has a dense gradient.
  let denseCount: Int
  /// Rows of the embedding region, `hiddenSize` floats each.
  let rowCount: Int
  /// Floats of all regions.
  let count: Int

  init(_ configuration: ModelConfiguration) {
    let hidden = configuration.hiddenSize
    var vectors = Region(start: 0)
    let layerVectors = (0..<configuration.layerCount).map { _ in
      (
        qkv: vectors.take(3 * hidden), attention: vectors.take(hidden), attentionNorm: vectors.take(2 * hidden),
        intermediate: vectors.take(configuration.intermediateSize), output: vectors.take(hidden),
        outputNorm: vectors.take(2 * hidden)
      )
    }
    let embeddingNorm = vectors.take(2 * hidden)
    let poolerBias = vectors.take(hidden)
    let sentenceBias = vectors.take(configuration.sentenceClassCount)
    let tagBias = vectors.take(configuration.tagCount)
    vectorCount = vectors.end

    var matrices = Region(start: vectors.end)
    var layers: [EncoderLayer] = []
    for vector in layerVectors {
      func linear(_ bias: Int, _ inputs: Int, _ outputs: Int) -> Linear {
        Linear(weight: matrices.take(inputs * outputs), bias: bias, inputs: inputs, outputs: outputs)
      }
      layers.append(
        EncoderLayer(
          index: layers.count,
          attention: SelfAttention(
            queryKeyValue: linear(vector.qkv, hidden, 3 * hidden), headCount: configuration.headCount),
          attentionOutput: linear(vector.attention, hidden, hidden),
          attentionNorm: LayerNorm(gamma: vector.attentionNorm, beta: vector.attentionNorm + hidden),
          intermediate: linear(vector.intermediate, hidden, configuration.intermediateSize),
          output: linear(vector.output, configuration.intermediateSize, hidden),
          outputNorm: LayerNorm(gamma: vector.outputNorm, beta: vector.outputNorm + hidden)))
    }
    func head(_ bias: Int, _ outputs: Int) -> Linear {
      Linear(weight: matrices.take(hidden * outputs), bias: bias, inputs: hidden, outputs: outputs)
    }
    pooler = head(poolerBias, hidden)
    sentenceClassifier = head(sentenceBias, configuration.sentenceClassCount)
    tagClassifier = head(tagBias, configuration.tagCount)
    denseCount = matrices.end

    self.layers = layers
    let word = denseCount
    let position = word + configuration.vocabularySize * hidden
    let type = position + configuration.maxPositions * hidden
    embeddings = Embeddings(
      word: word, position: position, type: type,
      norm: LayerNorm(gamma: embeddingNorm, beta: embeddingNorm + hidden))
    rowCount = configuration.vocabularySize + configuration.maxPositions + configuration.typeVocabularySize
    count = denseCount + rowCount * hidden
    tensors = Self.named(
      configuration, embeddings: embeddings, layers: layers, pooler: pooler, sentence: sentenceClassifier,
      tags: tagClassifier)
  }

  /// Hands out places one after the other, each group on a 64-byte boundary.
  private struct Region {
    var end: Int

    init(start: Int) { end = start }

    mutating func take(_ count: Int) -> Int {
      let offset = end
      end = (end + count + 15) / 16 * 16
      return offset
    }
  }

  private static func named(
    _ configuration: ModelConfiguration, embeddings: Embeddings, layers: [EncoderLayer], pooler: Linear,
    sentence: Linear, tags: Linear
  ) -> [Tensor] {
    let hidden = configuration.hiddenSize
    var tensors: [Tensor] = []
    func add(_ name: String, _ shape: [Int], _ offset: Int) {
      tensors.append(Tensor(name: name, shape: shape, offset: offset))
    }
    func add(_ name: String, _ linear: Linear) {
      add(name + ".weight", [linear.outputs, linear.inputs], linear.weight)
      add(name + ".bias", [linear.outputs], linear.bias)
    }
    func add(_ name: String, _ norm: LayerNorm) {
      add(name + ".weight", [hidden], norm.gamma)
      add(name + ".bias", [hidden], norm.beta)
    }
    add("embeddings.word_embeddings.weight", [configuration.vocabularySize, hidden], embeddings.word)
    add("embeddings.position_embeddings.weight", [configuration.maxPositions, hidden], embeddings.position)
    add("embeddings.token_type_embeddings.weight", [configuration.typeVocabularySize, hidden], embeddings.type)
    add("embeddings.LayerNorm", embeddings.norm)
    for layer in layers {
      let prefix = "encoder.layer.\(layer.index)."
      for (part, name) in ["query", "key", "value"].enumerated() {
        let all = layer.attention.queryKeyValue
        add(
          prefix + "attention.self.\(name)",
          Linear(
            weight: all.weight + part * hidden * hidden, bias: all.bias + part * hidden, inputs: hidden,
            outputs: hidden))
      }
      add(prefix + "attention.output.dense", layer.attentionOutput)
      add(prefix + "attention.output.LayerNorm", layer.attentionNorm)
      add(prefix + "intermediate.dense", layer.intermediate)
      add(prefix + "output.dense", layer.output)
      add(prefix + "output.LayerNorm", layer.outputNorm)
    }
    add("pooler.dense", pooler)
    add("classifier.sentence", sentence)
    add("classifier.tags", tags)
    return tensors
  }
}
