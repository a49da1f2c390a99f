import CKernels
import Kernels

/// What becomes of a head's logits once their loss is known.
enum HeadGoal: Sendable {
  /// They stay.
  case evaluate
  /// They are replaced by the gradient of scale × the loss.
  case train(scale: Float)

  var trains: Bool {
    switch self {
    case .evaluate: false
    case .train: true
    }
  }

  /// 0 where nothing is trained.
  var scale: Float {
    switch self {
    case .evaluate: 0
    case .train(let scale): scale
    }
  }
}

/// Head A: dropout(tanh(pooler(first token, or the mean of all tokens))) → class logits, to which a prior adds its scores.
struct SentenceHead: Sendable {
  let pooler: Linear
  let classifier: Linear
  let prior: ClassPriorParameters?

  /// Fills the sentence logits and returns the share's summed loss and correct predictions.
  ///
  /// - Parameter weights: what a sentence of each class counts; empty for all alike. For training only.
  func forward(_ pass: Pass, _ goal: HeadGoal, weights: [Float] = []) -> MTTCrossEntropy {
    let (workspace, hidden) = (pass.workspace, pass.hidden)
    let sentences = pass.share.sentences
    let start = sentences.lowerBound * hidden
    for sentence in sentences { pool(pass, sentence, into: workspace.first.start + sentence * hidden) }
    let pooled = workspace.pooled.start + start
    let dropped = workspace.pooledDropped.start + start
    let logits = workspace.sentenceLogits.start + sentences.lowerBound * classifier.outputs
    pooler.forward(pass, workspace.first.start + start, into: pooled, rows: sentences.count)
    mtt_tanh_forward(pooled, pass.parameters + pooler.bias, sentences.count, hidden)
    mtt_dropout(pooled, dropped, sentences.count, hidden, pass.firstSentence, pass.dropout(.pooled))
    pass.clock.mark(.rowOperations)
    classifier.forward(pass, dropped, into: logits, rows: sentences.count)
    if let prior {
      for (row, sentence) in sentences.enumerated() {
        prior.add(pass, sentence: sentence, to: logits + row * classifier.outputs)
      }
    }
    if goal.trains { noteMargins(pass, logits) }
    // A measured loss spreads no target over other classes.
    let smoothing = goal.trains ? pass.configuration.labelSmoothing : 0
    let bias = pass.parameters + classifier.bias
    let result =
      weights.isEmpty
      ? crossEntropy(
        logits, bias, pass.batch.classLabels, workspace.classes, sentences, classifier.outputs, smoothing: smoothing,
        goal)
      : weightedCrossEntropy(
        logits, bias, pass.batch.classLabels, workspace.classes, sentences, weights, smoothing: smoothing,
        gradientScale: goal.scale)
    pass.clock.mark(.rowOperations)
    return result
  }

  /// Sets `pooled`, [hidden], to what is read of a sentence's last hidden state.
  private func pool(_ pass: Pass, _ sentence: Int, into pooled: UnsafeMutablePointer<Float>) {
    let (hidden, tokens) = (pass.hidden, pooledTokens(pass, sentence))
    let last = pass.workspace.lastState.start
    pooled.update(from: last + tokens.lowerBound * hidden, count: hidden)
    guard tokens.count > 1 else { return }
    for token in tokens.dropFirst() {
      for column in 0..<hidden { pooled[column] += last[token * hidden + column] }
    }
    let share = 1 / Float(tokens.count)
    for column in 0..<hidden { pooled[column] *= share }
  }

  /// The tokens whose mean is read of a sentence.
  private func pooledTokens(_ pass: Pass, _ sentence: Int) -> Range<Int> {
    let tokens = pass.batch.tokens(of: sentence)
    return pass.configuration.sentencePooling == .mean ? tokens : tokens.lowerBound..<tokens.lowerBound + 1
  }

  /// Adds the gradient at the tokens that were read to `gradient`, [tokens, hidden].
  func backward(_ pass: Pass) {
    let (workspace, hidden) = (pass.workspace, pass.hidden)
    let sentences = pass.share.sentences
    let start = sentences.lowerBound * hidden
    let logitsGradient = workspace.sentenceLogits.start + sentences.lowerBound * classifier.outputs
    let pooledGradient = workspace.pooledGradient.start + start
    mtt_column_sums(logitsGradient, pass.vectorSums + classifier.bias, sentences.count, classifier.outputs)
    classifier.backward(pass, logitsGradient, into: pooledGradient, rows: sentences.count)
    mtt_tanh_backward(
      pooledGradient, workspace.pooled.start + start, pass.vectorSums + pooler.bias, sentences.count, hidden,
      pass.firstSentence, pass.dropout(.pooled))
    // The projection scratch has a row for each token, so one for each sentence too.
    let firstGradient = workspace.projection.start + pass.firstRow * hidden
    pooler.backward(pass, pooledGradient, into: firstGradient, rows: sentences.count)
    for (index, sentence) in sentences.enumerated() {
      let tokens = pooledTokens(pass, sentence)
      let share = 1 / Float(tokens.count)
      for token in tokens {
        let row = workspace.gradient.start + token * hidden
        for column in 0..<hidden { row[column] += share * firstGradient[index * hidden + column] }
      }
    }
    pass.clock.mark(.rowOperations)
  }
}

/// Head B: dropout(hidden state) → tag logits, for every token; with a chain, these and its transitions → the marginals
/// of each token's tag.
struct TagHead {
  let classifier: Linear
  /// Where the chain's parameters lie and its scores with the training penalty, if there is one.
  let chain: (parameters: ChainParameters, scores: ChainScores)?
  /// Whether the loss is that of the whole sequence of tags instead of a cross-entropy over tokens.
  let isRandomField: Bool

  /// Fills the tag logits; otherwise as `SentenceHead.forward`.
  func forward(_ pass: Pass, _ goal: HeadGoal) -> MTTCrossEntropy {
    let (workspace, hidden, tokens) = (pass.workspace, pass.hidden, pass.share.tokens)
    let input = workspace.tagInput.start + pass.firstRow * hidden
    let logits = workspace.tagLogits.start + pass.firstRow * classifier.outputs
    mtt_dropout(
      workspace.lastState.start + pass.firstRow * hidden, input, pass.rows, hidden, pass.firstToken,
      pass.dropout(.tagInput))
    pass.clock.mark(.rowOperations)
    classifier.forward(pass, input, into: logits, rows: pass.rows)
    if goal.trains { noteMargins(pass, logits) }
    var result = crossEntropy(
      logits, pass.parameters + classifier.bias, pass.batch.tagLabels, workspace.tags, tokens, classifier.outputs,
      smoothing: 0, chain == nil ? goal : .evaluate)
    if let chain {
      result.loss = 0
      // The largest logit stays what counts for a random field, whose tokens have no probabilities of their own.
      if !isRandomField { result.correct = 0 }
      for sentence in pass.share.sentences {
        let own = chainLoss(pass, chain, sentence: sentence, goal)
        result.loss += own.loss
        result.correct += own.correct
      }
    }
    pass.clock.mark(.rowOperations)
    return result
  }

  /// The chain's loss over one sentence's labelled tokens.
  private func chainLoss(
    _ pass: Pass, _ chain: (parameters: ChainParameters, scores: ChainScores), sentence: Int, _ goal: HeadGoal
  ) -> MTTCrossEntropy {
    let tokens = pass.batch.tokens(of: sentence)
    let tags = classifier.outputs
    let logits = pass.workspace.tagLogits.start
    return withUnsafeTemporaryAllocation(of: Int32.self, capacity: tokens.count) { rows in
      var length = 0
      for token in tokens {
        // A random field's loss has no place for a tag that was not seen in training.
        if pass.batch.tagLabels[token] >= 0, !isRandomField || pass.batch.tagLabels[token] < Int32(tags) {
          rows[length] = Int32(token)
          length += 1
        } else if goal.trains {
          (logits + token * tags).update(repeating: 0, count: tags)
        }
      }
      guard length > 0 else { return MTTCrossEntropy(loss: 0, correct: 0) }
      var scores = chain.scores.chain
      let (transitions, start, end) = (
        pass.vectorSums + chain.parameters.transitions, pass.vectorSums + chain.parameters.start,
        pass.vectorSums + chain.parameters.end
      )
      return pass.batch.tagLabels.withUnsafeBufferPointer { labels in
        guard isRandomField else {
          return mtt_chain_cross_entropy(
            logits, rows.baseAddress, labels.baseAddress, pass.workspace.tags.start, length, &scores, goal.trains,
            goal.scale, transitions, start, end, pass.scratch)
        }
        let loss = mtt_chain_loss(
          logits, rows.baseAddress, labels.baseAddress, length, &scores, goal.trains, goal.scale, transitions,
          start, end, pass.scratch)
        return MTTCrossEntropy(loss: loss, correct: 0)
      }
    }
  }

  /// Sets `gradient`, [tokens, hidden], to the gradient at the last hidden state.
  func backward(_ pass: Pass) {
    let workspace = pass.workspace
    let logitsGradient = workspace.tagLogits.start + pass.firstRow * classifier.outputs
    let gradient = workspace.gradient.start + pass.firstRow * pass.hidden
    mtt_column_sums(logitsGradient, pass.vectorSums + classifier.bias, pass.rows, classifier.outputs)
    classifier.backward(pass, logitsGradient, into: gradient, rows: pass.rows)
    mtt_dropout(gradient, gradient, pass.rows, pass.hidden, pass.firstToken, pass.dropout(.tagInput))
    pass.clock.mark(.rowOperations)
  }
}

/// Cross-entropy of the labels in `range`, whose first logits are given; predictions go to the same range.
private func crossEntropy(
  _ logits: UnsafeMutablePointer<Float>, _ bias: UnsafePointer<Float>, _ labels: [Int32],
  _ predictions: AlignedBuffer<Int32>, _ range: Range<Int>, _ classes: Int, smoothing: Float, _ goal: HeadGoal
) -> MTTCrossEntropy {
  labels.withUnsafeBufferPointer { labels in
    guard let labels = labels.baseAddress else { return MTTCrossEntropy(loss: 0, correct: 0) }
    return mtt_cross_entropy(
      logits, bias, labels + range.lowerBound, predictions.start + range.lowerBound, range.count, classes,
      smoothing, goal.trains, goal.scale)
  }
}

/// As `crossEntropy`, each class's loss times its weight, the share that smoothing spreads included: PyTorch's
/// `cross_entropy` with `weight`, before the division by the labels' weights. Replaces the logits by gradients.
private func weightedCrossEntropy(
  _ logits: UnsafeMutablePointer<Float>, _ bias: UnsafePointer<Float>, _ labels: [Int32],
  _ predictions: AlignedBuffer<Int32>, _ range: Range<Int>, _ weights: [Float], smoothing: Float,
  gradientScale: Float
) -> MTTCrossEntropy {
  let classes = weights.count
  let spread = smoothing / Float(classes)
  let spreadWeight = spread * weights.reduce(0, +)
  var total = MTTCrossEntropy(loss: 0, correct: 0)
  for (index, row) in range.enumerated() {
    let own = logits + index * classes
    let scores = (0..<classes).map { own[$0] + bias[$0] }
    // Leaves softmax − 1 on the label.
    let plain = crossEntropy(
      own, bias, labels, predictions, row..<row + 1, classes, smoothing: 0, .train(scale: 1))
    guard labels[row] >= 0, labels[row] < Int32(classes) else { continue }
    let label = Int(labels[row])
    let labelWeight = (1 - smoothing) * weights[label]
    total.correct += plain.correct
    total.loss += Double(labelWeight) * plain.loss
    let logSum = plain.loss + Double(scores[label])
    for column in 0..<classes {
      total.loss += Double(spread * weights[column]) * (logSum - Double(scores[column]))
      let isLabel: Float = column == label ? 1 : 0
      own[column] =
        gradientScale
        * ((labelWeight + spreadWeight) * (own[column] + isLabel) - labelWeight * isLabel - spread * weights[column])
    }
  }
  return total
}
