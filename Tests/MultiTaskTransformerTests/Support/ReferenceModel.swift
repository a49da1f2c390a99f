import Glibc
import MultiTaskTransformer
import TrainingEvents

/// The MultiTaskTransformer's forward pass in float64 with plain loops: what the fast one is measured against.
///
/// Shares nothing with the model but the parameters' names. A sentence is computed on its own, over its real tokens.
struct ReferenceModel {
  let configuration: ModelConfiguration
  var constraints: TagConstraints?
  /// One a class; empty for all alike.
  var classWeights: [Double] = []

  /// Dropout multipliers by site, laid out as `MultiTaskModel.dropoutMask` says; a site that is missing drops nothing.
  typealias Masks = [DropoutSite: [Double]]

  struct Outcome {
    var losses = PerTask.all(0.0)
    var correct = PerTask.all(0)
    var total = PerTask.all(0)
    /// [B, C_a], and [real tokens, C_b].
    var logits = PerTask<[Double]>.all([])
  }

  /// A matrix of `count` rows.
  struct Rows {
    var count: Int
    var width: Int
    var values: [Double]

    func row(_ index: Int) -> ArraySlice<Double> { values[index * width..<(index + 1) * width] }
  }

  /// Where a sentence lies in the masks: its row, its first packed token, its first attention weight.
  private struct Place {
    var row = 0
    var token = 0
    var attention = 0
  }

  /// What the sentence head reads.
  private func sentenceState(_ hidden: Rows) -> Rows {
    guard configuration.sentencePooling == .mean else {
      return Rows(count: 1, width: hidden.width, values: Array(hidden.row(0)))
    }
    let sums = (0..<hidden.width).map { column in
      (0..<hidden.count).reduce(0) { $0 + hidden.values[$1 * hidden.width + column] }
    }
    return Rows(count: 1, width: hidden.width, values: sums.map { $0 / Double(hidden.count) })
  }

  /// What a class prior adds to a sentence's class logits.
  private func priorScores(_ tokens: SampleBatch.Sentence, _ parameters: [String: [Double]]) -> [Double] {
    let classes = configuration.sentenceClassCount
    var (sums, squares) = (Array(repeating: 0.0, count: classes), 0.0)
    func take(_ rows: [Int32], _ table: String) {
      for row in rows {
        squares += parameters["class_prior.\(table).squares"]?[Int(row)] ?? 0
        PlainLoops.combine(&sums, with: parameters["class_prior.\(table).scores"] ?? [], from: Int(row) * classes) {
          $0 + $1
        }
      }
    }
    take(tokens.ids, "tokens")
    if configuration.nGramBuckets > 0 { take(tokens.nGrams.flatMap { $0 }, "ngrams") }
    PlainLoops.apply(&sums) { squares > 0 ? $0 / squares.squareRoot() : 0 }
    PlainLoops.combine(&sums, with: parameters["class_prior.bias"] ?? []) { $0 + $1 }
    return sums
  }

  func forward(_ parameters: [String: [Double]], _ batch: SampleBatch, masks: Masks = [:]) -> Outcome {
    var outcome = Outcome()
    var place = Place()
    for (row, length) in batch.lengths.enumerated() {
      place.row = row
      let hidden = encode(batch.sentence(row, length: length), parameters, masks, place)
      var pooled = dense(sentenceState(hidden), "pooler.dense", parameters)
      PlainLoops.apply(&pooled.values) { tanh($0) }
      pooled = dropped(pooled, masks[.pooled], offset: row * hidden.width)
      var classes = dense(pooled, "classifier.sentence", parameters).values
      if configuration.classPrior > 0 {
        PlainLoops.combine(&classes, with: priorScores(batch.sentence(row, length: length), parameters)) { $0 + $1 }
      }
      outcome.logits[.sentence] += classes
      let tagInput = dropped(hidden, masks[.tagInput], offset: place.token * hidden.width)
      outcome.logits[.words] += dense(tagInput, "classifier.tags", parameters).values
      place.token += length
      place.attention += configuration.headCount * length * length
    }
    (outcome.losses[.sentence], outcome.correct[.sentence], outcome.total[.sentence]) = score(
      outcome.logits[.sentence], configuration.sentenceClassCount, labels: batch.classes,
      smoothing: Double(configuration.labelSmoothing), weights: classWeights)
    (outcome.losses[.words], outcome.correct[.words], outcome.total[.words]) = score(
      outcome.logits[.words], configuration.tagCount, labels: batch.real(batch.tags), smoothing: 0, weights: [])
    if configuration.tagLoss == .crf {
      outcome.losses[.words] = ReferenceChain(parameters, configuration.tagCount, constraints).meanLoss(
        outcome.logits[.words], batch)
    } else if configuration.tagChain {
      let chain = ReferenceChain(parameters, configuration.tagCount, constraints)
      outcome.logits[.words] = chain.logMarginals(outcome.logits[.words], batch)
      (outcome.losses[.words], outcome.correct[.words], outcome.total[.words]) = score(
        outcome.logits[.words], configuration.tagCount, labels: batch.real(batch.tags), smoothing: 0, weights: [])
    }
    return outcome
  }

  /// [length, hidden] after the last layer.
  private func encode(
    _ tokens: SampleBatch.Sentence, _ parameters: [String: [Double]], _ masks: Masks, _ place: Place
  ) -> Rows {
    let offset = place.token * configuration.hiddenSize
    var stream = embed(tokens, parameters)
    stream = dropped(stream, masks[.embeddings], offset: offset)
    let isPre = configuration.normalization == .pre
    var hidden = isPre ? layerNorm(stream, "encoder.layer.0.attention.LayerNorm", parameters) : stream
    /// Dropout, the residual sum and the LayerNorm that ends a sub-layer.
    func end(_ inner: Rows, _ site: DropoutSite, postNorm: String, preNorm: String) {
      let inner = dropped(inner, masks[site], offset: offset)
      if isPre {
        stream = sum(inner, stream)
        hidden = layerNorm(stream, preNorm, parameters)
      } else {
        hidden = layerNorm(sum(inner, hidden), postNorm, parameters)
      }
    }
    for layer in 0..<configuration.layerCount {
      let prefix = "encoder.layer.\(layer)"
      let convolution = "\(prefix).convolution"
      let context = attention(hidden, layer, parameters, masks, place)
      end(
        dense(context, "\(prefix).attention.output.dense", parameters), .attentionOutput(layer: layer),
        postNorm: "\(prefix).attention.output.LayerNorm",
        preNorm: configuration.convolution ? "\(convolution).LayerNorm" : "\(prefix).intermediate.LayerNorm")
      if configuration.convolution {
        end(
          gelu(dense(neighbours(hidden), "\(convolution).dense", parameters)), .convolutionOutput(layer: layer),
          postNorm: "\(convolution).LayerNorm", preNorm: "\(prefix).intermediate.LayerNorm")
      }
      let inner = gelu(dense(hidden, "\(prefix).intermediate.dense", parameters))
      let isLast = layer == configuration.layerCount - 1
      end(
        dense(inner, "\(prefix).output.dense", parameters), .feedForwardOutput(layer: layer),
        postNorm: "\(prefix).output.LayerNorm",
        preNorm: isLast ? "encoder.LayerNorm" : "encoder.layer.\(layer + 1).attention.LayerNorm")
    }
    return hidden
  }

  private func embed(_ tokens: SampleBatch.Sentence, _ parameters: [String: [Double]]) -> Rows {
    let width = configuration.hiddenSize
    let word = parameters["embeddings.word_embeddings.weight"] ?? []
    let nGram = parameters["embeddings.ngram_embeddings.weight"] ?? []
    var hidden = Rows(count: tokens.ids.count, width: width, values: [])
    for (row, id) in tokens.ids.enumerated() {
      var sum = Array(word[Int(id) * width..<(Int(id) + 1) * width])
      if configuration.positions == .absolute {
        PlainLoops.combine(
          &sum, with: parameters["embeddings.position_embeddings.weight"] ?? [], from: row * width
        ) { $0 + $1 }
        PlainLoops.combine(&sum, with: parameters["embeddings.token_type_embeddings.weight"] ?? []) { $0 + $1 }
      }
      let grams = configuration.nGramBuckets > 0 ? tokens.nGrams[row] : []
      for gram in grams {
        PlainLoops.combine(&sum, with: nGram, from: Int(gram) * width) { $0 + $1 / Double(grams.count) }
      }
      hidden.values += sum
    }
    return layerNorm(hidden, "embeddings.LayerNorm", parameters)
  }

  /// Each row with the one before and the one after it, [count, 3 × width]; zeros beyond the ends.
  private func neighbours(_ rows: Rows) -> Rows {
    let nothing = Array(repeating: 0.0, count: rows.width)
    var joined = Rows(count: rows.count, width: 3 * rows.width, values: [])
    for index in 0..<rows.count {
      joined.values += index > 0 ? Array(rows.row(index - 1)) : nothing
      joined.values += rows.row(index)
      joined.values += index + 1 < rows.count ? Array(rows.row(index + 1)) : nothing
    }
    return joined
  }

  private func gelu(_ rows: Rows) -> Rows {
    var output = rows
    PlainLoops.apply(&output.values) { 0.5 * $0 * (1 + erf($0 / 2.0.squareRoot())) }
    return output
  }

  private func attention(
    _ hidden: Rows, _ layer: Int, _ parameters: [String: [Double]], _ masks: Masks, _ place: Place
  ) -> Rows {
    let prefix = "encoder.layer.\(layer).attention.self"
    let query = dense(hidden, "\(prefix).query", parameters)
    let key = dense(hidden, "\(prefix).key", parameters)
    let value = dense(hidden, "\(prefix).value", parameters)
    let size = configuration.hiddenSize / configuration.headCount
    let scale = 1 / Double(size).squareRoot()
    let mask = masks[.attentionWeights(layer: layer)]
    var context = Rows(
      count: hidden.count, width: hidden.width, values: Array(repeating: 0, count: hidden.values.count))
    for head in 0..<configuration.headCount {
      let keys = columns(key, head * size, size)
      let values = transposed(columns(value, head * size, size), size)
      for from in 0..<hidden.count {
        var scores = Array(repeating: 0.0, count: hidden.count)
        PlainLoops.addProducts(
          query.values, from: from * query.width + head * size, keys, rowLength: size, to: &scores, from: 0)
        PlainLoops.apply(&scores) { $0 * scale }
        if let relative = parameters["\(prefix).relative_bias.weight"] {
          let clip = configuration.relativeClip
          for to in scores.indices {
            scores[to] += relative[head * (2 * clip + 1) + min(max(to - from, -clip), clip) + clip]
          }
        }
        var weights = softmax(scores)
        if let mask {
          let start = place.attention + (head * hidden.count + from) * hidden.count
          PlainLoops.combine(&weights, with: mask, from: start) { $0 * $1 }
        }
        var mixed = Array(repeating: 0.0, count: size)
        PlainLoops.addProducts(weights, from: 0, values, rowLength: hidden.count, to: &mixed, from: 0)
        context.values.replaceSubrange(
          from * context.width + head * size..<from * context.width + (head + 1) * size, with: mixed)
      }
    }
    return context
  }

  /// Mean cross-entropy over labels within the classes, and counts over every label that is not -100.
  private func score(
    _ logits: [Double], _ classes: Int, labels: [Int32], smoothing: Double, weights: [Double]
  ) -> (loss: Double, correct: Int, total: Int) {
    let weights = weights.isEmpty ? [Double](repeating: 1, count: classes) : weights
    var (sum, count, correct, total) = (0.0, 0.0, 0, 0)
    for (row, label) in labels.enumerated() where label != -100 {
      let scores = Array(logits[row * classes..<(row + 1) * classes])
      total += 1
      guard label < classes else { continue }
      count += weights[Int(label)]
      let logarithms = softmax(scores).map { log($0) }
      sum -= (1 - smoothing) * weights[Int(label)] * logarithms[Int(label)]
      for (weight, logarithm) in zip(weights, logarithms) { sum -= smoothing / Double(classes) * weight * logarithm }
      if scores.indices.max(by: { scores[$0] < scores[$1] }) == Int(label) { correct += 1 }
    }
    return (count == 0 ? 0 : sum / count, correct, total)
  }
}

extension ReferenceModel {
  /// x · Wᵀ + b with W [out, in].
  private func dense(_ input: Rows, _ name: String, _ parameters: [String: [Double]]) -> Rows {
    let (weight, bias) = (parameters[name + ".weight"] ?? [], parameters[name + ".bias"] ?? [])
    precondition(weight.count == bias.count * input.width, "\(name) is missing or misshapen")
    var output = Rows(count: input.count, width: bias.count, values: [])
    for row in 0..<input.count {
      output.values += bias
      PlainLoops.addProducts(
        input.values, from: row * input.width, weight, rowLength: input.width, to: &output.values,
        from: row * output.width)
    }
    return output
  }

  private func layerNorm(_ input: Rows, _ name: String, _ parameters: [String: [Double]]) -> Rows {
    let (weight, bias) = (parameters[name + ".weight"] ?? [], parameters[name + ".bias"] ?? [])
    var output = Rows(count: input.count, width: input.width, values: [])
    for index in 0..<input.count {
      var row = Array(input.row(index))
      let mean = PlainLoops.sum(row) / Double(input.width)
      PlainLoops.apply(&row) { $0 - mean }
      var squares = row
      PlainLoops.apply(&squares) { $0 * $0 }
      let variance = PlainLoops.sum(squares) / Double(input.width)
      let scale = 1 / (variance + Double(configuration.layerNormEpsilon)).squareRoot()
      PlainLoops.combine(&row, with: weight) { $0 * scale * $1 }
      PlainLoops.combine(&row, with: bias) { $0 + $1 }
      output.values += row
    }
    return output
  }

  private func dropped(_ input: Rows, _ mask: [Double]?, offset: Int) -> Rows {
    guard let mask else { return input }
    var output = input
    PlainLoops.combine(&output.values, with: mask, from: offset) { $0 * $1 }
    return output
  }

  private func sum(_ left: Rows, _ right: Rows) -> Rows {
    var sum = left
    PlainLoops.combine(&sum.values, with: right.values) { $0 + $1 }
    return sum
  }

  private func softmax(_ scores: [Double]) -> [Double] {
    var powers = scores
    let largest = scores.max() ?? 0
    PlainLoops.apply(&powers) { exp($0 - largest) }
    let sum = PlainLoops.sum(powers)
    PlainLoops.apply(&powers) { $0 / sum }
    return powers
  }

  /// [count, width] of the columns from `start` on.
  private func columns(_ rows: Rows, _ start: Int, _ width: Int) -> [Double] {
    var columns: [Double] = []
    for row in 0..<rows.count { columns += rows.values[row * rows.width + start..<row * rows.width + start + width] }
    return columns
  }

  /// [width, count] of [count, width].
  private func transposed(_ values: [Double], _ width: Int) -> [Double] {
    (0..<width).flatMap { column in stride(from: column, to: values.count, by: width).map { values[$0] } }
  }
}
