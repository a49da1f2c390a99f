import Kernels

/// The memory of a pass: activations that the backward pass and the weights' gradients read again, and scratch.
///
/// Made for a micro-batch of some tokens and sentences and kept from step to step, so that no step allocates
/// activations. Shares use disjoint rows.
final class Workspace {
  let tokenCapacity: Int
  let sentenceCapacity: Int
  /// After the embeddings and after each sub-layer.
  let states: [State]
  /// Of each sub-layer.
  let activations: [Activations]
  /// The embeddings' normalized sum, [tokens, hidden], and 1 / deviation, [tokens].
  let embeddingNormalized: FloatBuffer
  let embeddingInverse: FloatBuffer
  /// Scratch, [tokens, hidden]: what a sub-layer's function gives; later the gradient inside it.
  let projection: FloatBuffer
  /// The gradient on its way down, [tokens, hidden].
  let gradient: FloatBuffer
  /// In pre-norm, the gradient at the residual stream, [tokens, hidden].
  let streamGradient: FloatBuffer
  /// Scratch, [tokens, wideColumns]: gradient inside the feed-forward or the convolution.
  let wideGradient: FloatBuffer
  let wideColumns: Int
  /// [tokens, hidden]: the tag head's input after dropout.
  let tagInput: FloatBuffer
  /// [tokens, C_b]: logits, then their gradient.
  let tagLogits: FloatBuffer
  /// [sentences, hidden]: hidden state of the first token, or the mean of all; pooled; pooled after dropout; pooled's gradient.
  let first: FloatBuffer
  let pooled: FloatBuffer
  let pooledDropped: FloatBuffer
  let pooledGradient: FloatBuffer
  /// [sentences, C_a]: logits, then their gradient.
  let sentenceLogits: FloatBuffer
  /// What accuracy counts: the largest logit or, with a chain, the most probable tag; [sentences] and [tokens].
  let classes: AlignedBuffer<Int32>
  let tags: AlignedBuffer<Int32>
  /// With products in bfloat16, scratch for the factor that is rounded, [tokens, wordColumns]; otherwise empty.
  let words: FloatBuffer
  let wordColumns: Int

  /// The hidden state between two sub-layers.
  struct State {
    /// What the next sub-layer's function takes, [tokens, hidden].
    let output: FloatBuffer
    /// What its residual takes, [tokens, hidden]: the same buffer in post-norm.
    let stream: FloatBuffer
    /// LayerNorm's x̂, [tokens, hidden]; in the backward pass, the gradient at the function's output.
    let normalized: FloatBuffer
    /// LayerNorm's 1 / deviation, [tokens].
    let inverse: FloatBuffer

    var keepsSum: Bool { stream !== output }
  }

  /// The encoder's output, [tokens, hidden].
  var lastState: FloatBuffer { states[states.count - 1].output }

  /// What a sub-layer's function keeps; empty where it has no use for it. The backward pass puts gradients in places
  /// whose values it has used up.
  struct Activations {
    /// Attention: query, key, value, then their gradients; convolution: gathered neighbours. [tokens, 3 × hidden].
    let projected: FloatBuffer
    /// Attention: context, [tokens, hidden]; feed-forward: GELU's output, [tokens, intermediate], rows its `wideStride`
    /// apart.
    let inner: FloatBuffer
    /// GELU's derivative, then the gradient before GELU: [tokens, intermediate], rows `wideStride` apart, or, in a
    /// convolution, [tokens, hidden].
    let derivative: FloatBuffer
    /// Attention: log Σ exp of each row, [tokens × heads], sentence by sentence, head by head.
    let logSums: FloatBuffer
  }

  init(
    _ configuration: ModelConfiguration, _ layout: ParameterLayout, precision: MatmulPrecision, tokens: Int,
    sentences: Int
  ) {
    tokenCapacity = tokens
    sentenceCapacity = sentences
    let hidden = configuration.hiddenSize
    func rows(_ columns: Int) -> FloatBuffer { FloatBuffer(count: tokens * columns) }
    let isPreNorm = configuration.normalization == .pre
    states = (0...layout.subLayers.count).map { _ in
      let output = rows(hidden)
      return State(
        output: output, stream: isPreNorm ? rows(hidden) : output, normalized: rows(hidden), inverse: rows(1))
    }
    activations = layout.subLayers.map { subLayer in
      switch subLayer.function {
      case .attention(let attention):
        Activations(
          projected: rows(3 * hidden), inner: rows(hidden), derivative: rows(0), logSums: rows(attention.headCount))
      case .convolution:
        Activations(projected: rows(3 * hidden), inner: rows(0), derivative: rows(hidden), logSums: rows(0))
      case .feedForward(let feedForward):
        Activations(
          projected: rows(0), inner: rows(feedForward.wideStride), derivative: rows(feedForward.wideStride),
          logSums: rows(0))
      }
    }
    embeddingNormalized = rows(hidden)
    embeddingInverse = rows(1)
    projection = rows(hidden)
    gradient = rows(hidden)
    streamGradient = rows(isPreNorm ? hidden : 0)
    wideColumns = max(
      Matmul.rowStride(configuration.intermediateSize), configuration.convolution ? 3 * hidden : 0)
    wideGradient = rows(wideColumns)
    tagInput = rows(hidden)
    tagLogits = rows(configuration.tagCount)
    first = FloatBuffer(count: sentences * hidden)
    pooled = FloatBuffer(count: sentences * hidden)
    pooledDropped = FloatBuffer(count: sentences * hidden)
    pooledGradient = FloatBuffer(count: sentences * hidden)
    sentenceLogits = FloatBuffer(count: sentences * configuration.sentenceClassCount)
    classes = AlignedBuffer(count: sentences)
    tags = AlignedBuffer(count: tokens)
    let widest = layout.encoderLinears.map { max($0.inputs, $0.outputs) }.max() ?? 0
    wordColumns = precision == .bf16 ? BFloat16Matmul.wordCount(widest) : 0
    words = rows(wordColumns)
  }
}
