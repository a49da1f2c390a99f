import Kernels

/// What each task alone asks of the encoder that both share.
public struct TaskGradients: Hashable, Sendable {
  /// Euclidean norms of the gradients of weightA × lossA and weightB × lossB on the encoder's parameters, embedding
  /// tables included, heads and pooler not.
  public var normA: Double
  public var normB: Double
  /// Cosine of the angle between the two; nil where one of them is zero or not finite.
  public var cosine: Double?
}

extension MultiTaskModel {
  /// Goes twice over a batch, once for each task, and compares what both leave on the encoder.
  ///
  /// Parameters and the optimizer's moments stay as they are; the gradients left behind are task B's, so a step's own
  /// `forwardBackward` has to follow. With the same key it makes the same bits as without this look.
  public func taskGradients(
    _ batch: PackedBatch, weightA: Float, weightB: Float, dropoutKey: UInt64?
  ) -> TaskGradients {
    _ = forwardBackward(batch, weightA: weightA, weightB: 0, dropoutKey: dropoutKey)
    let a = encoderGradients.map { Array($0) }
    _ = forwardBackward(batch, weightA: 0, weightB: weightB, dropoutKey: dropoutKey)
    var (squaresA, squaresB, product) = (0.0, 0.0, 0.0)
    for (own, other) in zip(a, encoderGradients) {
      own.withUnsafeBufferPointer { own in
        for index in 0..<min(own.count, other.count) {
          let (x, y) = (Double(own[index]), Double(other[index]))
          squaresA += x * x
          squaresB += y * y
          product += x * y
        }
      }
    }
    let norms = squaresA.squareRoot() * squaresB.squareRoot()
    let cosine = norms > 0 && norms.isFinite && product.isFinite ? min(max(product / norms, -1), 1) : nil
    return TaskGradients(normA: squaresA.squareRoot(), normB: squaresB.squareRoot(), cosine: cosine)
  }

  /// The encoder's part of the last gradients: its vectors, its matrices, the embedding rows of the batch. The heads lie
  /// behind it in their regions.
  private var encoderGradients: [UnsafeBufferPointer<Float>] {
    let dense = gradientBuffer.start
    let rows = touched.rows.count * configuration.hiddenSize
    return [
      UnsafeBufferPointer(start: dense, count: layout.pooler.bias),
      UnsafeBufferPointer(start: dense + layout.vectorCount, count: layout.pooler.weight - layout.vectorCount),
      UnsafeBufferPointer(start: rowGradients.start, count: rows),
    ]
  }
}
