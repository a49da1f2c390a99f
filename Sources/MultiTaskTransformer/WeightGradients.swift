import CKernels
import Kernels

/// Makes the gradients of weights, from what the backward pass of a micro-batch left in the workspace, and, after a
/// part's last micro-batch, those of vectors and embedding rows.
///
/// Each task makes its own part of the gradients from all tokens of the micro-batch, so nothing has to be summed over
/// workers and the result does not depend on how many there are.
struct WeightGradients {
  /// What the gradient of a layer's weights is the product of: dyᵀ x.
  private struct Factors {
    let dy: FloatBuffer
    let x: FloatBuffer
    let rows: Int
    /// Floats from row to row; nil where rows lie without gaps.
    var dyStride: Int?
    var xStride: Int?
  }

  /// The gradient of a tile of weights.
  private struct Product {
    let shape: Matmul.WeightGradient
    /// Where it begins among the parameters.
    let offset: Int
    let dy: UnsafePointer<Float>
    let x: UnsafePointer<Float>
    let isRounded: Bool

    init(_ linear: Linear, _ tile: Linear.Tile, _ factors: Factors, isRounded: Bool) {
      shape = Matmul.WeightGradient(
        rows: factors.rows, inputs: tile.inputs.count, outputs: tile.outputs.count,
        dyStride: factors.dyStride ?? linear.outputs, xStride: factors.xStride ?? linear.inputs,
        gradientStride: linear.inputs)
      offset = linear.weights(ofOutputs: tile.outputs).lowerBound + tile.inputs.lowerBound
      dy = UnsafePointer(factors.dy.start + tile.outputs.lowerBound)
      x = UnsafePointer(factors.x.start + tile.inputs.lowerBound)
      self.isRounded = isRounded
    }

    func run(into gradient: UnsafeMutablePointer<Float>, add: Bool, scratch: UnsafeMutablePointer<Float>) {
      if isRounded {
        BFloat16Matmul.weightGradient(shape, dy, x, into: gradient, add: add, scratch: scratch)
      } else {
        Matmul.weightGradient(shape, dy, x, into: gradient, add: add, scratch: scratch)
      }
    }
  }

  /// A micro-batch's place in its part of a batch.
  struct Place {
    let isFirst: Bool
    let isLast: Bool
  }

  private let products: [Product]
  private let place: Place
  private let rates: PartRates
  private let vectorCount: Int
  private let touched: TouchedRows
  /// The part's tokens among those of the whole batch.
  private let partTokens: Range<Int>
  private let hidden: Int
  private let rowTasks: Int

  var taskCount: Int { products.count + (place.isLast ? rowTasks + 1 : 0) }

  /// - Parameters:
  ///   - batch: the micro-batch.
  ///   - partTokens: the part's tokens among those of the whole batch.
  ///   - touched: the rows that the whole batch uses.
  init(
    _ layout: ParameterLayout, _ batch: PackedBatch, _ place: Place, _ workspace: Workspace, _ weights: ProductWeights,
    _ touched: TouchedRows, _ rates: PartRates, hidden: Int, partTokens: Range<Int>
  ) {
    self.partTokens = partTokens
    self.place = place
    self.rates = rates
    vectorCount = layout.vectorCount
    self.touched = touched
    self.hidden = hidden
    rowTasks = (touched.rows.count + 31) / 32
    let factors = Self.factors(layout, batch, workspace)
    products = layout.linearsInBackwardOrder.flatMap { linear -> [Product] in
      guard rates.rate(linear) != nil, let factors = factors[linear.weight] else { return [] }
      return linear.gradientTiles.map {
        Product(linear, $0, factors, isRounded: weights.isRounded(linear))
      }
    }
  }

  /// Where the backward pass left each linear layer's factors, by the offset of its weights.
  private static func factors(
    _ layout: ParameterLayout, _ batch: PackedBatch, _ workspace: Workspace
  ) -> [Int: Factors] {
    let (tokens, sentences) = (batch.tokenCount, batch.sentenceCount)
    var factors: [Int: Factors] = [
      layout.tagClassifier.weight: Factors(dy: workspace.tagLogits, x: workspace.tagInput, rows: tokens),
      layout.sentenceClassifier.weight: Factors(
        dy: workspace.sentenceLogits, x: workspace.pooledDropped, rows: sentences),
      layout.pooler.weight: Factors(dy: workspace.pooledGradient, x: workspace.first, rows: sentences),
    ]
    for subLayer in layout.subLayers {
      let activations = workspace.activations[subLayer.index]
      let x = workspace.states[subLayer.index].output
      let dy = workspace.states[subLayer.index + 1].normalized
      switch subLayer.function {
      case .attention(let attention):
        factors[attention.queryKeyValue.weight] = Factors(dy: activations.projected, x: x, rows: tokens)
        factors[attention.output.weight] = Factors(dy: dy, x: activations.inner, rows: tokens)
      case .convolution(let convolution):
        factors[convolution.kernel.weight] = Factors(
          dy: activations.derivative, x: activations.projected, rows: tokens)
      case .feedForward(let feedForward):
        let stride = feedForward.wideStride
        factors[feedForward.output.weight] = Factors(dy: dy, x: activations.inner, rows: tokens, xStride: stride)
        factors[feedForward.intermediate.weight] = Factors(
          dy: activations.derivative, x: x, rows: tokens, dyStride: stride)
      }
    }
    return factors
  }

  /// Does task `index`.
  ///
  /// - Parameters:
  ///   - gradients: with room for the touched rows.
  ///   - vectorSums: [shares, vectorCount].
  ///   - embeddingGradients: [tokens of the whole batch, hidden].
  ///   - scratch: the worker's.
  func run(
    _ index: Int, into gradients: GradientSet, vectorSums: FloatBuffer, shares: Int, embeddingGradients: FloatBuffer,
    scratch: FloatBuffer, clock: PartClock
  ) {
    if index < products.count {
      let product = products[index]
      product.run(into: gradients.dense.start + product.offset, add: !place.isFirst, scratch: scratch.start)
      clock.mark(.weightGradients)
    } else if index == products.count {
      for (range, _) in rates.vectors {
        mtt_strided_sum(
          vectorSums.start + range.lowerBound, shares, vectorCount, range.count,
          gradients.dense.start + range.lowerBound)
      }
      clock.mark(.optimizer)
    } else {
      makeRows(index - products.count - 1, into: gradients, embeddingGradients)
      clock.mark(.optimizer)
    }
  }

  private func makeRows(_ task: Int, into gradients: GradientSet, _ embeddingGradients: FloatBuffer) {
    touched.tokens.withUnsafeBufferPointer { tokens in
      touched.weights.withUnsafeBufferPointer { weights in
        for place in task * 32..<min(task * 32 + 32, touched.rows.count) {
          // A row's tokens are in ascending order.
          var (start, end) = (Int(touched.starts[place]), Int(touched.starts[place + 1]))
          while start < end, Int(tokens[start]) < partTokens.lowerBound { start += 1 }
          while start < end, Int(tokens[end - 1]) >= partTokens.upperBound { end -= 1 }
          mtt_gather_sum(
            embeddingGradients.start, tokens.baseAddress.map { $0 + start },
            weights.isEmpty ? nil : weights.baseAddress.map { $0 + start }, end - start, hidden,
            gradients.rowValues.start + place * hidden)
        }
      }
    }
  }
}
