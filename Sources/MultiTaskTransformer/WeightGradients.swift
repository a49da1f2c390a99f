import CKernels
import Kernels

/// The weights' gradients, made after the backward pass of a micro-batch from what it left in the workspace, and, after
/// the last one, the gradients of vectors and embedding rows.
///
/// Each task makes its own part of the gradients from all tokens of the micro-batch, so nothing has to be summed over
/// workers and the result does not depend on how many there are.
struct WeightGradients {
  /// One product's inputs: dW rows `outputs` = dyᵀ x.
  private struct Product {
    let linear: Linear
    let outputs: Range<Int>
    let dy: UnsafePointer<Float>
    let x: UnsafePointer<Float>
    let rows: Int
    let half: HalfPrecision?

    func run(into gradient: UnsafeMutablePointer<Float>, add: Bool) {
      if let half {
        half.products.weightGradient(
          half.dy.start + outputs.lowerBound, half.x.start, into: gradient, rows: rows, count: outputs.count,
          add: add)
      } else {
        Matmul.weightGradient(
          dy + outputs.lowerBound, stride: linear.outputs, x, into: gradient, rows: rows, inputs: linear.inputs,
          outputs: outputs.count, add: add)
      }
    }
  }

  /// A micro-batch's place in its batch.
  struct Place {
    let isFirst: Bool
    let isLast: Bool
  }

  private let products: [Product]
  private let place: Place
  private let rates: PartRates
  private let vectorCount: Int
  private let touched: TouchedRows
  private let hidden: Int
  private let rowTasks: Int

  var taskCount: Int { products.count + (place.isLast ? rowTasks + 1 : 0) }

  /// - Parameters:
  ///   - batch: the micro-batch.
  ///   - touched: the rows that the whole batch uses.
  init(
    _ layout: ParameterLayout, _ batch: PackedBatch, _ place: Place, _ workspace: Workspace, _ touched: TouchedRows,
    _ rates: PartRates, hidden: Int
  ) {
    self.place = place
    self.rates = rates
    vectorCount = layout.vectorCount
    self.touched = touched
    self.hidden = hidden
    rowTasks = (touched.rows.count + 31) / 32
    var products: [Product] = []
    func add(_ linear: Linear, _ dy: FloatBuffer, _ x: FloatBuffer, rows: Int) {
      guard rates.rate(linear) != nil else { return }
      // Large enough to keep a product efficient, small enough that the last ones leave no worker idle for long.
      let block = max(64, 65_536 / linear.inputs)
      for first in stride(from: 0, to: linear.outputs, by: block) {
        products.append(
          Product(
            linear: linear, outputs: first..<min(first + block, linear.outputs), dy: dy.start, x: x.start, rows: rows,
            half: workspace.halves[linear.weight]))
      }
    }
    let tokens = batch.tokenCount
    for subLayer in layout.subLayers.reversed() {
      let activations = workspace.activations[subLayer.index]
      let x = workspace.states[subLayer.index].output
      let dy = workspace.states[subLayer.index + 1].normalized
      switch subLayer.function {
      case .attention(let attention):
        add(attention.queryKeyValue, activations.projected, x, rows: tokens)
        add(attention.output, dy, activations.inner, rows: tokens)
      case .convolution(let convolution):
        add(convolution.kernel, activations.derivative, activations.projected, rows: tokens)
      case .feedForward(let feedForward):
        add(feedForward.output, dy, activations.inner, rows: tokens)
        add(feedForward.intermediate, activations.derivative, x, rows: tokens)
      }
    }
    add(layout.tagClassifier, workspace.tagLogits, workspace.tagInput, rows: batch.tokenCount)
    add(layout.sentenceClassifier, workspace.sentenceLogits, workspace.pooledDropped, rows: batch.sentenceCount)
    add(layout.pooler, workspace.pooledGradient, workspace.first, rows: batch.sentenceCount)
    self.products = products
  }

  /// Does task `index` and returns, after the last micro-batch, the sum of squares of what it made.
  ///
  /// - Parameters:
  ///   - dense: gradients of the vector and matrix regions.
  ///   - rowGradients: [touched rows, hidden].
  ///   - vectorSums: [shares, vectorCount].
  ///   - embeddingGradients: [tokens of the whole batch, hidden].
  func run(
    _ index: Int, dense: FloatBuffer, rowGradients: FloatBuffer, vectorSums: FloatBuffer, shares: Int,
    embeddingGradients: FloatBuffer, clock: PartClock
  ) -> Double {
    if index < products.count {
      let product = products[index]
      let gradient = dense.start + product.linear.weight + product.outputs.lowerBound * product.linear.inputs
      product.run(into: gradient, add: !place.isFirst)
      clock.mark(.products)
      guard place.isLast else { return 0 }
      let squares = mtt_sum_of_squares(gradient, product.outputs.count * product.linear.inputs)
      clock.mark(.optimizer)
      return squares
    }
    defer { clock.mark(.optimizer) }
    if index == products.count {
      return rates.vectors.reduce(0) { squares, part in
        let at = part.range.lowerBound
        return squares
          + mtt_strided_sum(vectorSums.start + at, shares, vectorCount, part.range.count, dense.start + at)
      }
    }
    let first = (index - products.count - 1) * 32
    var squares = 0.0
    touched.tokens.withUnsafeBufferPointer { tokens in
      touched.weights.withUnsafeBufferPointer { weights in
        guard let tokens = tokens.baseAddress else { return }
        for place in first..<min(first + 32, touched.rows.count) {
          let start = Int(touched.starts[place])
          squares += mtt_gather_sum(
            embeddingGradients.start, tokens + start, weights.isEmpty ? nil : weights.baseAddress.map { $0 + start },
            Int(touched.starts[place + 1]) - start, hidden, rowGradients.start + place * hidden)
        }
      }
    }
    return squares
  }
}
