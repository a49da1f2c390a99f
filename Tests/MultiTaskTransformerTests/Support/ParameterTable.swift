import MultiTaskTransformer

/// Name and shape of every parameter a configuration asks for, written down independently of the model.
func expectedParameters(_ configuration: ModelConfiguration) -> [(name: String, shape: [Int])] {
  let (hidden, inner) = (configuration.hiddenSize, configuration.intermediateSize)
  var table: [(name: String, shape: [Int])] = []
  func dense(_ name: String, _ outputs: Int, _ inputs: Int) {
    table.append((name + ".weight", [outputs, inputs]))
    table.append((name + ".bias", [outputs]))
  }
  func layerNorm(_ name: String) {
    table.append((name + ".weight", [hidden]))
    table.append((name + ".bias", [hidden]))
  }
  table.append(("embeddings.word_embeddings.weight", [configuration.vocabularySize, hidden]))
  if configuration.positions == .absolute {
    table.append(("embeddings.position_embeddings.weight", [configuration.maxPositions, hidden]))
    table.append(("embeddings.token_type_embeddings.weight", [configuration.typeVocabularySize, hidden]))
  }
  if configuration.nGramBuckets > 0 {
    table.append(("embeddings.ngram_embeddings.weight", [configuration.nGramBuckets, hidden]))
  }
  layerNorm("embeddings.LayerNorm")
  if configuration.normalization == .pre { layerNorm("encoder.LayerNorm") }
  let isPre = configuration.normalization == .pre
  for layer in 0..<configuration.layerCount {
    let prefix = "encoder.layer.\(layer)"
    for part in ["query", "key", "value"] { dense("\(prefix).attention.self.\(part)", hidden, hidden) }
    dense("\(prefix).attention.output.dense", hidden, hidden)
    if configuration.positions == .relative {
      table.append(
        (
          "\(prefix).attention.self.relative_bias.weight",
          [configuration.headCount, 2 * configuration.relativeClip + 1]
        ))
    }
    layerNorm(isPre ? "\(prefix).attention.LayerNorm" : "\(prefix).attention.output.LayerNorm")
    if configuration.convolution {
      dense("\(prefix).convolution.dense", hidden, 3 * hidden)
      layerNorm("\(prefix).convolution.LayerNorm")
    }
    dense("\(prefix).intermediate.dense", inner, hidden)
    dense("\(prefix).output.dense", hidden, inner)
    layerNorm(isPre ? "\(prefix).intermediate.LayerNorm" : "\(prefix).output.LayerNorm")
  }
  dense("pooler.dense", hidden, hidden)
  dense("classifier.sentence", configuration.sentenceClassCount, hidden)
  dense("classifier.tags", configuration.tagCount, hidden)
  let tags = configuration.tagCount
  func chain(_ name: String) {
    table.append(("\(name).transitions", [tags, tags]))
    table.append(("\(name).start_transitions", [tags]))
    table.append(("\(name).end_transitions", [tags]))
  }
  if configuration.learnsTransitions { chain("crf") } else if configuration.tagPrior > 0 { chain("tag_prior") }
  func priorTable(_ name: String, _ rows: Int) {
    table.append(("class_prior.\(name).scores", [rows, configuration.sentenceClassCount]))
    table.append(("class_prior.\(name).squares", [rows]))
  }
  if configuration.classPrior > 0 {
    priorTable("tokens", configuration.vocabularySize)
    if configuration.nGramBuckets > 0 { priorTable("ngrams", configuration.nGramBuckets) }
    table.append(("class_prior.bias", [configuration.sentenceClassCount]))
  }
  return table
}

/// Random parameters well above a usual start, so that every gradient stands clear of float32's rounding.
func lively(_ configuration: ModelConfiguration, seed: UInt64) -> [NamedTensor] {
  var generator = SeededGenerator(seed: seed)
  return expectedParameters(configuration).map { name, shape in
    let values = (0..<shape.reduce(1, *)).map { _ -> Float in
      let noise = generator.normal()
      if name.hasSuffix("LayerNorm.weight") { return Float(1 + 0.2 * noise) }
      if name.hasSuffix("squares") { return Float(noise * noise) }
      if name.hasSuffix("bias") { return Float(0.2 * noise) }
      if name.contains("embeddings") || name.contains("relative") || name.contains("transitions") {
        return Float(0.5 * noise)
      }
      return Float(1.2 * noise / Double(shape[1]).squareRoot())
    }
    return NamedTensor(name: name, shape: shape, values: values)
  }
}

/// Whether AdamW's weight decay applies to a parameter: everything but biases, LayerNorm and other small vectors.
func decays(_ name: String) -> Bool {
  !name.hasSuffix("bias") && !name.contains("LayerNorm") && !name.contains("relative_bias") && !name.hasPrefix("crf")
}

extension [NamedTensor] {
  /// Values by name, as float64.
  var byName: [String: [Double]] {
    Dictionary(uniqueKeysWithValues: map { ($0.name, $0.values.map(Double.init)) })
  }
}

/// A shape whose sizes are odd on purpose: nothing is a multiple of a vector register.
let oddShape = ModelConfiguration(
  vocabularySize: 23, hiddenSize: 20, layerCount: 2, headCount: 2, intermediateSize: 36, maxPositions: 14,
  hiddenDropout: 0.3, attentionDropout: 0.2, classifierDropout: 0.25, sentenceClassCount: 3, tagCount: 5)

/// A shape of round sizes.
let roundShape = ModelConfiguration(
  vocabularySize: 23, hiddenSize: 32, layerCount: 2, headCount: 4, intermediateSize: 64, maxPositions: 16,
  hiddenDropout: 0.3, attentionDropout: 0.2, classifierDropout: 0.25, sentenceClassCount: 3, tagCount: 5)

/// Everything that BERT does not have, at odd sizes.
let optionalShape: ModelConfiguration = {
  var shape = oddShape
  shape.normalization = .pre
  shape.positions = .relative
  shape.relativeClip = 4
  shape.convolution = true
  shape.sentencePooling = .mean
  shape.nGramBuckets = 11
  shape.embeddingDropout = 0.3
  shape.labelSmoothing = 0.2
  shape.tagLoss = .crf
  return shape
}()
