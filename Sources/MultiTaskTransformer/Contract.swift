/// A named tensor: a value that can be written to or read from disk.
public struct NamedTensor: Sendable {
  /// Hugging Face's name, such as `encoder.layer.0.attention.self.query.weight`.
  public var name: String
  public var shape: [Int]
  /// Row-major.
  public var values: [Float]

  public init(name: String, shape: [Int], values: [Float]) {
    self.name = name
    self.shape = shape
    self.values = values
  }
}

/// A batch's real tokens, packed: what the encoder computes over. Padding costs nothing from here on.
public struct PackedBatch: Sendable {
  /// Packs a batch of B rows of L positions; positions whose mask is 0 are left out.
  ///
  /// - Parameters:
  ///   - inputIDs: [B, L].
  ///   - attentionMask: [B, L], 1 at real tokens, which come first in each row.
  ///   - taskALabels: [B], -100 without a class. Ids of C_a or more are classes not seen in training: they take no
  ///     part in the loss and count as wrong.
  ///   - taskBLabels: [B, L], -100 where there is no tag; C_b or more as above.
  public init(
    count: Int, length: Int, inputIDs: [Int32], attentionMask: [Int32], taskALabels: [Int32], taskBLabels: [Int32]
  ) {
    fatalError("stub")
  }
}

/// What a pass over one batch gave.
public struct BatchOutcome: Sendable {
  /// Mean cross-entropy over the batch's labelled sentences; 0 if there are none.
  public var lossA: Double
  /// Mean cross-entropy over the batch's labelled tokens; 0 if there are none.
  public var lossB: Double
  public var correctA: Int
  public var totalA: Int
  public var correctB: Int
  public var totalB: Int
  public var realTokens: Int
}

/// Logits of one batch in the mission's shapes, and the predictions taken from them.
public struct BatchPredictions: Sendable {
  public var outcome: BatchOutcome
  /// [B, C_a].
  public var logitsA: [Float]
  /// [real tokens, C_b], rows in packed order: sentence by sentence, real positions only.
  public var logitsB: [Float]
  /// [B]: index of the largest logit.
  public var classes: [Int32]
  /// [real tokens].
  public var tags: [Int32]
}

/// The MultiTaskTransformer with its gradients, optimizer and worker threads. Owned by one thread.
public final class MultiTaskModel {
  public let configuration: ModelConfiguration

  /// - Parameters:
  ///   - seed: fixes the initial weights.
  ///   - threads: worker threads, at least 1.
  ///   - shares: parts a batch is split into, at least 1; results depend on it, not on `threads`.
  public init(configuration: ModelConfiguration, seed: UInt64, threads: Int, shares: Int) {
    fatalError("stub")
  }

  public var parameterCount: Int { 0 }

  /// Forward and joint backward; leaves the gradients of weightA × lossA + weightB × lossB in the model.
  ///
  /// - Parameter dropoutKey: fixes every dropout mask; nil switches dropout off.
  public func forwardBackward(
    _ batch: PackedBatch, weightA: Float, weightB: Float, dropoutKey: UInt64?
  ) -> BatchOutcome {
    fatalError("stub")
  }

  /// Euclidean norm of all gradients of the last `forwardBackward`; not finite if any of them is not.
  public var gradientNorm: Double { 0 }

  /// One AdamW step with the last gradients, scaled down to a norm of `clip` where they exceed it.
  ///
  /// - Parameter clip: 0 for no clipping.
  public func applyStep(learningRate: Float, weightDecay: Float, clip: Double) {}

  /// Forward only, dropout off: losses and counts.
  public func evaluate(_ batch: PackedBatch) -> BatchOutcome { fatalError("stub") }

  /// Forward only, dropout off: with logits.
  public func predict(_ batch: PackedBatch) -> BatchPredictions { fatalError("stub") }

  /// All parameters by name.
  public func parameters() -> [NamedTensor] { [] }

  /// The last gradients by name, dense.
  public func gradients() -> [NamedTensor] { [] }

  /// Optimizer steps taken, and AdamW's moments as `optimizer.exp_avg.<name>` and `optimizer.exp_avg_sq.<name>`.
  public func optimizerState() -> (step: Int, moments: [NamedTensor]) { (0, []) }

  /// Takes parameters in; every parameter must be there with its shape, nothing else.
  public func load(parameters: [NamedTensor]) throws(ModelError) {}

  public func load(optimizerStep: Int, moments: [NamedTensor]) throws(ModelError) {}
}

/// Why tensors could not be taken in.
public struct ModelError: Error, CustomStringConvertible, Hashable {
  public var description: String

  public init(description: String) {
    self.description = description
  }
}
