import Kernels

/// The memory of a pass: activations that the backward pass and the weights' gradients read again, and scratch.
///
/// Made for a number of tokens and sentences and kept from step to step: a step allocates nothing. Shares of a batch
/// use disjoint rows.
final class Workspace {
  let tokenCapacity: Int
  let sentenceCapacity: Int
  /// Output of the embeddings and of each layer, [layers + 1][tokens, hidden].
  let hiddenStates: [FloatBuffer]
  let layers: [LayerActivations]
  /// The embeddings' normalized sum, [tokens, hidden], and 1 / deviation, [tokens].
  let embeddingNormalized: FloatBuffer
  let embeddingInverse: FloatBuffer
  /// Scratch, [tokens, hidden]: a projection before its LayerNorm; gradients on their way down.
  let projection: FloatBuffer
  let gradient: FloatBuffer
  let otherGradient: FloatBuffer
  /// Scratch, [tokens, intermediate].
  let activatedGradient: FloatBuffer
  /// [tokens, hidden]: the tag head's input after dropout.
  let tagInput: FloatBuffer
  /// [tokens, C_b]: logits, then their gradient.
  let tagLogits: FloatBuffer
  /// [sentences, hidden]: hidden state of the first token; pooled; pooled after dropout; pooled's gradient.
  let first: FloatBuffer
  let pooled: FloatBuffer
  let pooledDropped: FloatBuffer
  let pooledGradient: FloatBuffer
  /// [sentences, C_a]: logits, then their gradient.
  let sentenceLogits: FloatBuffer
  /// Index of the largest logit, [sentences] and [tokens].
  let classes: AlignedBuffer<Int32>
  let tags: AlignedBuffer<Int32>

  /// What one layer's forward pass leaves for its backward pass. The names say what the forward pass puts there; the
  /// backward pass puts gradients in places whose values it has used up.
  struct LayerActivations {
    /// [tokens, 3 × hidden]; then their gradients.
    let queryKeyValue: FloatBuffer
    /// [tokens, hidden].
    let context: FloatBuffer
    /// [tokens × heads]: log Σ exp of each attention row, sentence by sentence, head by head.
    let logSums: FloatBuffer
    /// [tokens, hidden]; then the gradient at the attention's output projection.
    let attentionNormalized: FloatBuffer
    let attentionInverse: FloatBuffer
    /// [tokens, hidden]: the attention sub-layer's output.
    let attended: FloatBuffer
    /// [tokens, intermediate]: GELU's derivative; then the gradient before GELU.
    let derivative: FloatBuffer
    /// [tokens, intermediate]: GELU's output.
    let activated: FloatBuffer
    /// [tokens, hidden]; then the gradient at the feed-forward's second projection.
    let outputNormalized: FloatBuffer
    let outputInverse: FloatBuffer
  }

  init(_ configuration: ModelConfiguration, tokens: Int, sentences: Int) {
    tokenCapacity = tokens
    sentenceCapacity = sentences
    let hidden = tokens * configuration.hiddenSize
    let intermediate = tokens * configuration.intermediateSize
    hiddenStates = (0...configuration.layerCount).map { _ in FloatBuffer(count: hidden) }
    layers = (0..<configuration.layerCount).map { _ in
      LayerActivations(
        queryKeyValue: FloatBuffer(count: 3 * hidden), context: FloatBuffer(count: hidden),
        logSums: FloatBuffer(count: tokens * configuration.headCount),
        attentionNormalized: FloatBuffer(count: hidden), attentionInverse: FloatBuffer(count: tokens),
        attended: FloatBuffer(count: hidden), derivative: FloatBuffer(count: intermediate),
        activated: FloatBuffer(count: intermediate), outputNormalized: FloatBuffer(count: hidden),
        outputInverse: FloatBuffer(count: tokens))
    }
    embeddingNormalized = FloatBuffer(count: hidden)
    embeddingInverse = FloatBuffer(count: tokens)
    projection = FloatBuffer(count: hidden)
    gradient = FloatBuffer(count: hidden)
    otherGradient = FloatBuffer(count: hidden)
    activatedGradient = FloatBuffer(count: intermediate)
    tagInput = FloatBuffer(count: hidden)
    tagLogits = FloatBuffer(count: tokens * configuration.tagCount)
    let sentenceRows = sentences * configuration.hiddenSize
    first = FloatBuffer(count: sentenceRows)
    pooled = FloatBuffer(count: sentenceRows)
    pooledDropped = FloatBuffer(count: sentenceRows)
    pooledGradient = FloatBuffer(count: sentenceRows)
    sentenceLogits = FloatBuffer(count: sentences * configuration.sentenceClassCount)
    classes = AlignedBuffer(count: sentences)
    tags = AlignedBuffer(count: tokens)
  }
}
