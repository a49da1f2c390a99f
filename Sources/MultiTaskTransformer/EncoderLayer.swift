import CKernels
import Kernels

/// One layer of BERT's encoder: attention and feed-forward, each with dropout, residual and LayerNorm after it.
struct EncoderLayer: Sendable {
  let index: Int
  let attention: SelfAttention
  let attentionOutput: Linear
  let attentionNorm: LayerNorm
  let intermediate: Linear
  let output: Linear
  let outputNorm: LayerNorm

  /// From hidden state `index` to hidden state `index + 1`, for the share's rows.
  func forward(_ pass: Pass) {
    let (workspace, rows, hidden) = (pass.workspace, pass.rows, pass.hidden)
    let activations = workspace.layers[index]
    let row = pass.firstRow * hidden
    let x = workspace.hiddenStates[index].start + row
    let projection = workspace.projection.start + row
    let attended = activations.attended.start + row
    let wide = pass.firstRow * intermediate.outputs
    let epsilon = pass.configuration.layerNormEpsilon

    attention.forward(pass, layer: index, x)
    attentionOutput.forward(pass, activations.context.start + row, into: projection, rows: rows)
    mtt_add_norm_forward(
      projection, pass.parameters + attentionOutput.bias, x, pass.parameters + attentionNorm.gamma,
      pass.parameters + attentionNorm.beta, epsilon, attended, activations.attentionNormalized.start + row,
      activations.attentionInverse.start + pass.firstRow, rows, hidden, pass.firstRow,
      pass.dropout(.attentionOutput(layer: index)))
    pass.clock.mark(.rowOperations)

    intermediate.forward(pass, attended, into: activations.derivative.start + wide, rows: rows)
    mtt_gelu_forward(
      activations.derivative.start + wide, pass.parameters + intermediate.bias, activations.activated.start + wide,
      rows, intermediate.outputs)
    pass.clock.mark(.rowOperations)
    output.forward(pass, activations.activated.start + wide, into: projection, rows: rows)
    mtt_add_norm_forward(
      projection, pass.parameters + output.bias, attended, pass.parameters + outputNorm.gamma,
      pass.parameters + outputNorm.beta, epsilon, workspace.hiddenStates[index + 1].start + row,
      activations.outputNormalized.start + row, activations.outputInverse.start + pass.firstRow, rows, hidden,
      pass.firstRow, pass.dropout(.feedForwardOutput(layer: index)))
    pass.clock.mark(.rowOperations)
  }

  /// From `gradient` at hidden state `index + 1` to `gradient` at hidden state `index`, for the share's rows.
  func backward(_ pass: Pass) {
    let (workspace, rows, hidden) = (pass.workspace, pass.rows, pass.hidden)
    let activations = workspace.layers[index]
    let row = pass.firstRow * hidden
    let wide = pass.firstRow * intermediate.outputs
    let gradient = workspace.gradient.start + row
    let otherGradient = workspace.otherGradient.start + row
    let projectionGradient = activations.outputNormalized.start + row
    let activatedGradient = workspace.activatedGradient.start + wide

    mtt_add_norm_backward(
      gradient, projectionGradient, activations.outputInverse.start + pass.firstRow,
      pass.parameters + outputNorm.gamma, otherGradient, pass.vectorSums + outputNorm.gamma,
      pass.vectorSums + outputNorm.beta, pass.vectorSums + output.bias, rows, hidden, pass.firstRow,
      pass.dropout(.feedForwardOutput(layer: index)))
    pass.clock.mark(.rowOperations)
    output.backward(pass, projectionGradient, into: activatedGradient, rows: rows)
    mtt_gelu_backward(
      activations.derivative.start + wide, activatedGradient, pass.vectorSums + intermediate.bias, rows,
      intermediate.outputs)
    pass.clock.mark(.rowOperations)
    intermediate.backward(pass, activations.derivative.start + wide, into: otherGradient, rows: rows, add: true)

    let attentionGradient = activations.attentionNormalized.start + row
    let contextGradient = workspace.projection.start + row
    mtt_add_norm_backward(
      otherGradient, attentionGradient, activations.attentionInverse.start + pass.firstRow,
      pass.parameters + attentionNorm.gamma, gradient, pass.vectorSums + attentionNorm.gamma,
      pass.vectorSums + attentionNorm.beta, pass.vectorSums + attentionOutput.bias, rows, hidden, pass.firstRow,
      pass.dropout(.attentionOutput(layer: index)))
    pass.clock.mark(.rowOperations)
    attentionOutput.backward(pass, attentionGradient, into: contextGradient, rows: rows)
    attention.backward(pass, layer: index, contextGradient, addingTo: gradient)
  }
}
