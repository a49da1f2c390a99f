import CKernels
import Kernels

/// Muon (Jordan 2024, kellerjordan.github.io/posts/muon): steps along a momentum whose singular values are all made
/// about 1, so that no direction of a matrix learns much faster than another.
///
/// For the encoder's matrices; everything else is AdamW's. Updates have the root mean square that AdamW's are found to
/// have (Liu et al. 2025, arXiv:2502.16982), so that one learning rate and one weight decay serve both.
final class Muon {
  /// Names how the iteration's products are ordered: other names give other last bits.
  static let order = "Groups"
  static let momentum: Float = 0.95
  static let rootMeanSquare = 0.2

  /// One matrix that is orthogonalized by itself.
  struct Matrix: Sendable {
    /// Its rows among those of the linear layer that they are a part of.
    let piece: ProductWeights.Piece
    let rate: PartRate

    var rows: Int { piece.outputs.count }
    var columns: Int { piece.linear.inputs }
    var iteration: NewtonSchulz { NewtonSchulz(rows: rows, columns: columns) }
    /// Room for an update, in whole cache lines.
    var updateFloats: Int { (piece.count + 15) / 16 * 16 }
    /// What makes an orthogonal matrix's root mean square `rootMeanSquare`.
    var scale: Double { Muon.rootMeanSquare * Double(max(rows, columns)).squareRoot() }
  }

  private var matrices: [Matrix] = []
  private let parameters: FloatBuffer
  /// Where the momentum lies, at the parameters' offsets.
  private let momenta: FloatBuffer
  private let weights: ProductWeights
  /// By worker: an update, and behind it the iteration's.
  private var scratch: [FloatBuffer] = []

  init(parameters: FloatBuffer, momenta: FloatBuffer, weights: ProductWeights) {
    self.parameters = parameters
    self.momenta = momenta
    self.weights = weights
  }

  /// Trains these matrices from the next step on, the largest first.
  func follow(_ rates: PartRates, workers: Int) {
    matrices = rates.orthogonalized.sorted { $0.piece.count > $1.piece.count }
    let size = matrices.map { $0.updateFloats + $0.iteration.scratchFloats }.max()
    scratch = (0..<workers).map { _ in FloatBuffer(count: size ?? 0) }
  }

  /// One step.
  func apply(
    _ team: ThreadTeam, _ gradients: GradientSet, learningRate: Float, weightDecay: Float, gradientScale: Float
  ) {
    guard !matrices.isEmpty else { return }
    team.run(tasks: matrices.count) { task, worker in
      let matrix = matrices[task]
      let (at, count) = (matrix.piece.offset, matrix.piece.count)
      let update = scratch[worker].start
      let (gradient, momentum) = (gradients.dense.start + at, momenta.start + at)
      let share = (1 - Self.momentum) * gradientScale
      mtt_weighted_sum(momentum, Self.momentum, momentum, share, gradient, count)
      // Nesterov's look ahead.
      mtt_weighted_sum(update, Self.momentum, momentum, share, gradient, count)
      matrix.iteration.orthogonalize(update, scratch: update + matrix.updateFloats)
      let rate = Double(learningRate) * matrix.rate.factor
      mtt_weighted_sum(
        parameters.start + at, Float(1 - rate * Double(weightDecay)), parameters.start + at,
        Float(-rate * matrix.scale), update, count)
      weights.refresh(matrix.piece, from: parameters.start)
    }
  }
}
