import CKernels
import Kernels

/// Makes the gradients of weights, from what the backward pass of a micro-batch left in the workspace, and, after a
/// part's last micro-batch, those of vectors and embedding rows.
///
/// Each task makes its own part of the gradients from all tokens of the micro-batch, so nothing has to be summed over
/// workers and the result does not depend on how many there are.
struct WeightGradients {
  /// The gradient of some outputs' weights: dyᵀ x.
  private struct Product {
    let linear: Linear
    let outputs: Range<Int>
    let dy: UnsafePointer<Float>
    let x: UnsafePointer<Float>
    let rows: Int
    let half: HalfPrecision?

    func run(into gradient: UnsafeMutablePointer<Float>, add: Bool, scratch: UnsafeMutablePointer<Float>) {
      if let half {
        half.products.weightGradient(
          half.dy.start + outputs.lowerBound, half.x.start, into: gradient, rows: rows, count: outputs.count,
          add: add)
      } else {
        Matmul.weightGradient(
          dy + outputs.lowerBound, stride: linear.outputs, x, into: gradient, rows: rows, inputs: linear.inputs,
          outputs: outputs.count, add: add, scratch: scratch)
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
    _ layout: ParameterLayout, _ batch: PackedBatch, _ place: Place, _ workspace: Workspace, _ touched: TouchedRows,
    _ rates: PartRates, hidden: Int, partTokens: Range<Int>
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
      guard rates.rate(linear) != nil, let (dy, x, rows) = factors[linear.weight] else { return [] }
      return linear.gradientBlocks.map {
        Product(
          linear: linear, outputs: $0, dy: dy.start, x: x.start, rows: rows, half: workspace.halves[linear.weight])
      }
    }
  }

  /// Where the backward pass left each linear layer's factors, by the offset of its weights.
  private static func factors(
    _ layout: ParameterLayout, _ batch: PackedBatch, _ workspace: Workspace
  ) -> [Int: (dy: FloatBuffer, x: FloatBuffer, rows: Int)] {
    let (tokens, sentences) = (batch.tokenCount, batch.sentenceCount)
    var factors: [Int: (dy: FloatBuffer, x: FloatBuffer, rows: Int)] = [
      layout.tagClassifier.weight: (workspace.tagLogits, workspace.tagInput, tokens),
      layout.sentenceClassifier.weight: (workspace.sentenceLogits, workspace.pooledDropped, sentences),
      layout.pooler.weight: (workspace.pooledGradient, workspace.first, sentences),
    ]
    for subLayer in layout.subLayers {
      let activations = workspace.activations[subLayer.index]
      let x = workspace.states[subLayer.index].output
      let dy = workspace.states[subLayer.index + 1].normalized
      switch subLayer.function {
      case .attention(let attention):
        factors[attention.queryKeyValue.weight] = (activations.projected, x, tokens)
        factors[attention.output.weight] = (dy, activations.inner, tokens)
      case .convolution(let convolution):
        factors[convolution.kernel.weight] = (activations.derivative, activations.projected, tokens)
      case .feedForward(let feedForward):
        factors[feedForward.output.weight] = (dy, activations.inner, tokens)
        factors[feedForward.intermediate.weight] = (activations.derivative, x, tokens)
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
      let gradient = gradients.dense.start + product.linear.weights(ofOutputs: product.outputs).lowerBound
      product.run(into: gradient, add: !place.isFirst, scratch: scratch.start)
      clock.mark(.products)
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
