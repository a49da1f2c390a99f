import CKernels
import Kernels

/// What passes over batches work with, one after the other. Models of one shape that take turns may share it: nothing
/// in it is needed once a batch's gradients are made.
final class PassMemory {
  let configuration: ModelConfiguration
  private let layout: ParameterLayout
  private let workers: Int
  let shares: Int
  /// Tokens of a micro-batch, unless a single sentence has more: what bounds the memory of activations, however large a
  /// batch is.
  let tokenLimit: Int
  private let precision: MatmulPrecision
  private(set) var workspace: Workspace
  /// Gradients at the embeddings' sums, [tokens of the whole batch, hidden].
  private(set) var embeddingGradients = FloatBuffer(count: 0)
  /// Sums of the vectors' gradients by share, [shares, vectorCount].
  let vectorSums: FloatBuffer
  /// Each worker's own.
  private(set) var scratch: [FloatBuffer] = []
  private var scratchLength = 0
  private let purpose: Purpose

  init(
    _ configuration: ModelConfiguration, _ layout: ParameterLayout, precision: MatmulPrecision, shares: Int,
    tokensPerShare: Int, workers: Int, purpose: Purpose
  ) {
    self.configuration = configuration
    self.layout = layout
    self.workers = workers
    self.shares = shares
    self.purpose = purpose
    tokenLimit = shares * tokensPerShare
    self.precision = precision
    workspace = Workspace(configuration, layout, precision: precision, tokens: 0, sentences: 0)
    vectorSums = FloatBuffer(count: purpose == .training ? shares * layout.vectorCount : 0)
  }

  private var gradientScratch: Int {
    precision == .bf16 ? max(Matmul.scratchFloats, BFloat16Matmul.scratchFloats) : Matmul.scratchFloats
  }

  /// Sees to it that there is room for the gradients at a batch's embeddings.
  func prepareEmbeddingGradients(tokens: Int) {
    let count = tokens * configuration.hiddenSize
    if embeddingGradients.count < count { embeddingGradients = FloatBuffer(count: count * 5 / 4) }
  }

  /// Sees to it that the workspace is large enough; it grows in steps, so that growing soon ends.
  func prepare(for batch: PackedBatch) {
    precondition(
      batch.longest <= configuration.maxPositions,
      "a sentence has \(batch.longest) tokens, the model at most \(configuration.maxPositions)")
    if batch.tokenCount > workspace.tokenCapacity || batch.sentenceCount > workspace.sentenceCapacity {
      let tokens = max(batch.tokenCount, min(batch.tokenCount * 5 / 4, tokenLimit), workspace.tokenCapacity)
      // No micro-batch has more sentences than tokens.
      let sentences = max(batch.sentenceCount, min(batch.sentenceCount * 5 / 4, tokenLimit), workspace.sentenceCapacity)
      // The old one goes before the new one comes.
      workspace = Workspace(configuration, layout, precision: precision, tokens: 0, sentences: 0)
      workspace = Workspace(configuration, layout, precision: precision, tokens: tokens, sentences: sentences)
    }
    if batch.longest > scratchLength {
      scratchLength = batch.longest
      let size = max(
        mtt_attention_scratch(scratchLength, configuration.hiddenSize / configuration.headCount),
        mtt_chain_scratch(scratchLength, configuration.tagCount),
        purpose == .training ? gradientScratch : 0)
      scratch = (0..<workers).map { _ in FloatBuffer(count: size) }
    }
  }
}
