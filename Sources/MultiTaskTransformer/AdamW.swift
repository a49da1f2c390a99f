import CKernels
import Kernels

/// AdamW (Loshchilov and Hutter, arXiv:1711.05101), dense and exact, with late updates for embedding rows.
///
/// A row that a batch does not touch still moves: its moments decay and its weights with them. Doing that at once would
/// stream the whole table through memory at each step; so a row keeps the number of the step it is at and catches up,
/// all missed steps in registers, when it is next used or when the sweep comes by, bit for bit as if done at once.
final class AdamW {
  static let beta1 = 0.9
  static let beta2 = 0.999
  static let epsilon = 1e-8
  /// Every row is swept at least once in this many steps, so that no more of them need to be remembered.
  private static let sweepSteps = 32

  let firstMoments: FloatBuffer
  let secondMoments: FloatBuffer
  /// Steps done.
  private(set) var step = 0
  private let layout: ParameterLayout
  private let hidden: Int
  private let parameters: FloatBuffer
  /// The step each row is at, [rows].
  private let rowSteps: AlignedBuffer<Int32>
  /// What step `historyStart + 1` and those after it did to rows.
  private var history: [MTTAdamW] = []
  private var historyStart = 0
  private var sweepRow = 0
  /// Rows move only when a batch uses them, without decay, instead of at every step.
  private let lazyRows: Bool
  /// Copies of the matrices, which change with them.
  private let weights: ProductWeights
  /// The vector region in pieces that workers take one at a time; the matrix region's pieces are those of `weights`.
  private var vectorPieces: [(range: Range<Int>, rate: PartRate)] = []
  private var matrixPieces: [(piece: ProductWeights.Piece, rate: PartRate)] = []
  private var rates: PartRates

  init(
    layout: ParameterLayout, hidden: Int, parameters: FloatBuffer, weights: ProductWeights, rates: PartRates,
    lazyRows: Bool, purpose: Purpose = .training
  ) {
    // Weights that are never trained never move.
    self.lazyRows = lazyRows || purpose == .inference
    self.layout = layout
    self.hidden = hidden
    self.parameters = parameters
    firstMoments = FloatBuffer(count: purpose == .training ? layout.learnedCount : 0)
    secondMoments = FloatBuffer(count: purpose == .training ? layout.learnedCount : 0)
    rowSteps = AlignedBuffer(count: purpose == .training ? layout.rowCount : 0)
    self.weights = weights
    self.rates = rates
    follow(rates)
  }

  /// Trains other parts from the next step on. A part that was frozen before begins with moments of 0.
  func follow(_ rates: PartRates) {
    if self.rates.rows == nil, rates.rows != nil { restart(at: step) }
    self.rates = rates
    vectorPieces = rates.vectors.flatMap { range, rate in
      stride(from: range.lowerBound, to: range.upperBound, by: 16_384).map {
        ($0..<min($0 + 16_384, range.upperBound), rate)
      }
    }
    matrixPieces = weights.pieces.compactMap { piece in
      rates.orthogonalizes(piece.linear) ? nil : rates.rate(piece.linear).map { (piece, $0) }
    }
  }

  /// Takes up the state of an earlier run; the moments are written by the caller.
  func restore(step: Int) {
    self.step = step
    restart(at: step)
  }

  /// Takes every row to be at this step.
  private func restart(at step: Int) {
    historyStart = step
    history.removeAll()
    sweepRow = 0
    for row in 0..<layout.rowCount { rowSteps.start[row] = Int32(step) }
  }

  /// One step.
  ///
  /// - Parameters:
  ///   - touched: the rows that have gradients, which must be caught up with.
  func apply(
    _ team: ThreadTeam, _ gradients: GradientSet, _ touched: TouchedRows, learningRate: Float, weightDecay: Float,
    gradientScale: Float
  ) {
    step += 1
    let step = step
    @Sendable func update(rate: PartRate, decays: Bool) -> MTTAdamW {
      let correction1 = 1 - pow(Self.beta1, step - rate.stepsBefore)
      let correction2 = 1 - pow(Self.beta2, step - rate.stepsBefore)
      let factor = Double(learningRate) * rate.factor
      return MTTAdamW(
        gradient_scale: gradientScale, beta1: Float(Self.beta1), beta2: Float(Self.beta2),
        epsilon: Float(Self.epsilon), rest1: Float(1 - Self.beta1), rest2: Float(1 - Self.beta2),
        step_size: Float(factor / correction1), inverse_correction2: Float(1 / correction2.squareRoot()),
        keep: decays ? Float(1 - factor * Double(weightDecay)) : 1)
    }
    let rowStep = update(rate: rates.rows ?? PartRate(factor: 0), decays: !lazyRows)
    if movesIdleRows { history.append(rowStep) }

    let rowTasks = (touched.rows.count + 31) / 32
    let sweepSize = !movesIdleRows ? 0 : (layout.rowCount + Self.sweepSteps - 1) / Self.sweepSteps
    let swept = sweepRow..<min(sweepRow + sweepSize, layout.rowCount)
    let sweepTasks = (swept.count + 63) / 64
    let matrixTasks = matrixPieces.count
    let denseTasks = matrixTasks + vectorPieces.count
    let (p, m, v) = (parameters.start, firstMoments.start, secondMoments.start)
    let (dense, rowGradients) = (gradients.dense.start, gradients.rowValues.start)
    team.run(tasks: denseTasks + rowTasks + sweepTasks) { task, _ in
      if task < matrixTasks {
        let (piece, rate) = matrixPieces[task]
        let at = piece.offset
        withUnsafePointer(to: update(rate: rate, decays: true)) {
          mtt_adamw(p + at, dense + at, m + at, v + at, piece.count, $0)
        }
        weights.refresh(piece, from: p)
      } else if task < denseTasks {
        let (piece, rate) = vectorPieces[task - matrixTasks]
        let at = piece.lowerBound
        withUnsafePointer(to: update(rate: rate, decays: false)) {
          mtt_adamw(p + at, dense + at, m + at, v + at, piece.count, $0)
        }
      } else if task < denseTasks + rowTasks {
        let first = (task - denseTasks) * 32
        for place in first..<min(first + 32, touched.rows.count) {
          let row = Int(touched.rows[place])
          let at = layout.denseCount + row * hidden
          withUnsafePointer(to: rowStep) {
            mtt_adamw(p + at, rowGradients + place * hidden, m + at, v + at, hidden, $0)
          }
          rowSteps.start[row] = Int32(step)
        }
      } else {
        let first = swept.lowerBound + (task - denseTasks - rowTasks) * 64
        for row in first..<min(first + 64, swept.upperBound) where !touched.contains(row) { catchUp(row) }
      }
    }
    sweepRow = swept.upperBound == layout.rowCount ? 0 : swept.upperBound
    if history.count > 2 * Self.sweepSteps + 1 {
      // The sweep has passed every row since then: nothing before is asked for again.
      let old = history.count - Self.sweepSteps - 1
      history.removeFirst(old)
      historyStart += old
    }
  }

  /// Whether rows that no batch uses move too.
  private var movesIdleRows: Bool { !lazyRows && rates.rows != nil }

  /// Brings the given rows up to the current step.
  func catchUp(_ team: ThreadTeam, rows: [Int32]) {
    guard movesIdleRows else { return }
    team.run(tasks: (rows.count + 31) / 32) { task, _ in
      for index in (task * 32)..<min(task * 32 + 32, rows.count) { catchUp(Int(rows[index])) }
    }
  }

  /// Brings every row up to the current step: before anyone looks at the tables as a whole.
  func catchUpAll(_ team: ThreadTeam) {
    guard movesIdleRows else { return }
    let rowCount = layout.rowCount
    team.run(tasks: (rowCount + 255) / 256) { task, _ in
      for row in (task * 256)..<min(task * 256 + 256, rowCount) { catchUp(row) }
    }
  }

  private func catchUp(_ row: Int) {
    let missed = step - Int(rowSteps.start[row])
    guard missed > 0 else { return }
    let at = layout.denseCount + row * hidden
    history.withUnsafeBufferPointer { history in
      guard let first = history.baseAddress else { return }
      mtt_adamw_idle(
        parameters.start + at, firstMoments.start + at, secondMoments.start + at, hidden,
        first + (Int(rowSteps.start[row]) - historyStart), missed)
    }
    rowSteps.start[row] = Int32(step)
  }
}

/// base to a whole power, by repeated squaring: the same bits everywhere, unlike a library's `pow`.
private func pow(_ base: Double, _ exponent: Int) -> Double {
  var (result, factor, rest) = (1.0, base, exponent)
  while rest > 0 {
    if rest & 1 == 1 { result *= factor }
    factor *= factor
    rest >>= 1
  }
  return result
}
