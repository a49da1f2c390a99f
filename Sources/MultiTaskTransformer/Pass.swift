import CKernels
import Kernels

/// What one share's way through the model works with. Lives for one pass over a micro-batch, on one worker.
struct Pass {
  let configuration: ModelConfiguration
  /// All parameters, laid out by `ParameterLayout`.
  let parameters: UnsafePointer<Float>
  let weights: ProductWeights
  /// This share's sums of the vectors' gradients, laid out as the vector region.
  let vectorSums: UnsafeMutablePointer<Float>
  /// The micro-batch.
  let batch: PackedBatch
  let share: Share
  let workspace: Workspace
  /// [tokens of the micro-batch, hidden]: where the gradients at the embeddings' sums go.
  let embeddingGradients: UnsafeMutablePointer<Float>
  let dropout: Dropout
  /// Where training notes how far labels are believed.
  let margins: LabelMargins
  /// This worker's scratch memory for attention and the chain.
  let scratch: UnsafeMutablePointer<Float>
  let clock: PartClock

  var hidden: Int { configuration.hiddenSize }
  /// The share's own scratch for what is rounded to bfloat16: a row of any layer for each of its tokens.
  var words: UnsafeMutablePointer<Float> { workspace.words.start + firstRow * workspace.wordColumns }
  /// Real tokens of the share.
  var rows: Int { share.tokens.count }
  /// Number of the share's first token in the micro-batch.
  var firstRow: Int { share.tokens.lowerBound }
  /// Number of the share's first token and sentence in the whole batch: what dropout's masks depend on.
  var firstToken: Int { batch.firstToken + share.tokens.lowerBound }
  var firstSentence: Int { batch.firstSentence + share.sentences.lowerBound }
}

/// What a step's time goes to.
public enum ModelPart: Int, CaseIterable, Sendable {
  case forwardProducts, inputGradients, weightGradients, attention, rowOperations, optimizer
}

/// Time spent by one worker on each part.
final class PartClock {
  private(set) var seconds = [Double](repeating: 0, count: ModelPart.allCases.count)
  private var last = 0.0

  /// Starts counting anew from now.
  func start() { last = monotonicSeconds() }

  /// Counts the time since the last mark or start towards `part`.
  func mark(_ part: ModelPart) {
    let now = monotonicSeconds()
    seconds[part.rawValue] += now - last
    last = now
  }
}
