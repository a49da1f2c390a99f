internal import MultiTaskTransformer

/// Floating-point operations of training: two for each multiplication with its addition, thrice over, since the backward
/// pass has two products for each of the forward pass's.
struct ModelWork {
  private let weightsPerToken: Int
  private let weightsPerSentence: Int
  private let attentionPerSquaredLength: Int

  init(_ shape: ModelConfiguration) {
    let (hidden, inner) = (shape.hiddenSize, shape.intermediateSize)
    let convolution = shape.convolution ? 3 * hidden * hidden : 0
    weightsPerToken =
      shape.layerCount * (4 * hidden * hidden + convolution + 2 * hidden * inner) + hidden * shape.tagCount
    weightsPerSentence = hidden * hidden + hidden * shape.sentenceClassCount
    // Scores and the mix of values: hidden multiplications each for a pair of tokens.
    attentionPerSquaredLength = shape.layerCount * 2 * hidden
  }

  /// - Parameter squaredLengths: Σ length² over the sentences.
  func operations(tokens: Int, sentences: Int, squaredLengths: Int) -> Double {
    6
      * (Double(weightsPerToken) * Double(tokens) + Double(weightsPerSentence) * Double(sentences)
        + Double(attentionPerSquaredLength) * Double(squaredLengths))
  }
}
