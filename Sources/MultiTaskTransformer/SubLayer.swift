import CKernels
import Kernels

/// One step of the encoder: a function of the hidden state, dropout, the residual sum and a LayerNorm.
///
/// Post-norm (BERT): x' = LayerNorm(x + dropout(f(x))). Pre-norm: s' = s + dropout(f(x)), x' = LayerNorm(s'), where s is
/// the residual stream. Both end in the same fused operation; in pre-norm it keeps the sum too.
struct SubLayer: Sendable {
  enum Function: Sendable {
    case attention(SelfAttention)
    case convolution(Convolution)
    case feedForward(FeedForward)
  }

  /// Place in the chain: from state `index` to state `index + 1`.
  let index: Int
  let layer: Int
  let function: Function
  /// The LayerNorm that follows.
  let norm: LayerNorm

  private var dropoutSite: DropoutSite {
    switch function {
    case .attention: .attentionOutput(layer: layer)
    case .convolution: .convolutionOutput(layer: layer)
    case .feedForward: .feedForwardOutput(layer: layer)
    }
  }

  /// Offset of the bias that the function leaves to the fused end, if any.
  private var outputBias: Int? {
    switch function {
    case .attention(let attention): attention.output.bias
    case .convolution: nil
    case .feedForward(let feedForward): feedForward.output.bias
    }
  }

  /// From state `index` to state `index + 1`, for the share's rows.
  func forward(_ pass: Pass) {
    let workspace = pass.workspace
    let row = pass.firstRow * pass.hidden
    let projection = workspace.projection.start + row
    let x = workspace.states[index].output.start + row
    switch function {
    case .attention(let attention): attention.forward(pass, index, layer, x, into: projection)
    case .convolution(let convolution): convolution.forward(pass, index, x, into: projection)
    case .feedForward(let feedForward): feedForward.forward(pass, index, x, into: projection)
    }
    let next = workspace.states[index + 1]
    mtt_add_norm_forward(
      projection, outputBias.map { pass.parameters + $0 }, workspace.states[index].stream.start + row,
      pass.parameters + norm.gamma, pass.parameters + norm.beta, pass.configuration.layerNormEpsilon,
      next.keepsSum ? next.stream.start + row : nil, next.output.start + row, next.normalized.start + row,
      next.inverse.start + pass.firstRow, pass.rows, pass.hidden, pass.firstToken, pass.dropout(dropoutSite))
    pass.clock.mark(.rowOperations)
  }

  /// From the gradients at state `index + 1` to those at state `index`: `gradient` at its output and, in pre-norm,
  /// `streamGradient` at its stream.
  func backward(_ pass: Pass) {
    let workspace = pass.workspace
    let row = pass.firstRow * pass.hidden
    let gradient = workspace.gradient.start + row
    let stream = workspace.streamGradient.start + row
    let next = workspace.states[index + 1]
    let dy = next.normalized.start + row
    mtt_add_norm_backward(
      gradient, next.keepsSum ? stream : nil, dy, next.inverse.start + pass.firstRow, pass.parameters + norm.gamma,
      next.keepsSum ? stream : gradient, pass.vectorSums + norm.gamma, pass.vectorSums + norm.beta,
      outputBias.map { pass.vectorSums + $0 }, pass.rows, pass.hidden, pass.firstToken, pass.dropout(dropoutSite))
    pass.clock.mark(.rowOperations)
    // In post-norm `gradient` now holds what the residual brings; the function's share is added.
    let add = !next.keepsSum
    switch function {
    case .attention(let attention): attention.backward(pass, index, layer, dy, into: gradient, add: add)
    case .convolution(let convolution): convolution.backward(pass, index, dy, into: gradient, add: add)
    case .feedForward(let feedForward): feedForward.backward(pass, index, dy, into: gradient, add: add)
    }
  }
}
