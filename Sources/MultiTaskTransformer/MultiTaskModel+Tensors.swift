import CKernels
import Kernels

/// Tensors in and out by name: for checkpoints and tests.
extension MultiTaskModel {
  /// Name and shape of every parameter that a model of this configuration has; nothing is allocated.
  static func parameterShapes(_ configuration: ModelConfiguration) -> [(name: String, shape: [Int])] {
    ParameterLayout(configuration).tensors.map { ($0.name, $0.shape) }
  }

  /// All parameters, in Hugging Face's order.
  public func parameters() -> [NamedTensor] {
    optimizer.catchUpAll(team)
    return tensors(parameterBuffer, layout.tensors)
  }

  /// The last gradients, dense: embedding rows that the batch did not touch have 0.
  public func gradients() -> [NamedTensor] {
    let all = FloatBuffer(count: layout.count)
    all.start.update(from: gradientSet.dense.start, count: layout.denseCount)
    let hidden = configuration.hiddenSize
    for (place, row) in gradientSet.rows.enumerated() {
      (all.start + layout.denseCount + Int(row) * hidden).update(
        from: gradientSet.rowValues.start + place * hidden, count: hidden)
    }
    return tensors(all, layout.tensors)
  }

  /// Optimizer steps done.
  public var optimizerStep: Int { optimizer.step }

  /// Optimizer steps done, and what the optimizers keep, under PyTorch's names for it: `optimizer.exp_avg.<name>` and
  /// `optimizer.exp_avg_sq.<name>` by AdamW, `optimizer.momentum_buffer.<name>` by Muon.
  public func optimizerState() -> (step: Int, moments: [NamedTensor]) {
    optimizer.catchUpAll(team)
    return (optimizer.step, storedMoments.flatMap { tensors($0.buffer, $0.tensors, prefix: $0.prefix) })
  }

  private var storedMoments: [(prefix: String, buffer: FloatBuffer, tensors: [ParameterLayout.Tensor])] {
    let trained = layout.tensors.filter { rates.trains($0) }
    let byAdamW = trained.filter { !rates.orthogonalizes($0) }
    return [
      ("optimizer.exp_avg.", optimizer.firstMoments, byAdamW),
      ("optimizer.exp_avg_sq.", optimizer.secondMoments, byAdamW),
      // In the place of the first moments.
      ("optimizer.momentum_buffer.", optimizer.firstMoments, trained.filter { rates.orthogonalizes($0) }),
    ]
  }

  /// Takes parameters in; every parameter must be there with its shape, and nothing else.
  public func load(parameters tensors: [NamedTensor]) throws(ModelError) {
    let found = try checked(tensors, [("", layout.tensors)])
    optimizer.catchUpAll(team)
    for tensor in layout.tensors { write(found[tensor.name], to: parameterBuffer, at: tensor) }
    weights.refresh(team, from: parameterBuffer.start)
    decodingScoresAreStale = true
  }

  /// Lets `read` fill each parameter, by its name, where it lies.
  func fill<Failure: Error>(
    _ read: (_ name: String, UnsafeMutableBufferPointer<Float>) throws(Failure) -> Void
  ) throws(Failure) {
    optimizer.catchUpAll(team)
    for tensor in layout.tensors {
      let values = UnsafeMutableBufferPointer(start: parameterBuffer.start + tensor.offset, count: tensor.count)
      try read(tensor.name, values)
    }
    weights.refresh(team, from: parameterBuffer.start)
    decodingScoresAreStale = true
  }

  /// Takes the optimizer's state in, as `optimizerState` gave it.
  public func load(optimizerStep: Int, moments: [NamedTensor]) throws(ModelError) {
    let stored = storedMoments
    let found = try checked(moments, stored.map { ($0.prefix, $0.tensors) })
    for (prefix, buffer, tensors) in stored {
      for tensor in tensors { write(found[prefix + tensor.name], to: buffer, at: tensor) }
    }
    optimizer.restore(step: optimizerStep)
  }

  private func tensors(
    _ buffer: FloatBuffer, _ tensors: [ParameterLayout.Tensor], prefix: String = ""
  ) -> [NamedTensor] {
    tensors.map {
      NamedTensor(name: prefix + $0.name, shape: $0.shape, values: buffer.copy($0.offset..<$0.offset + $0.count))
    }
  }

  private func write(_ values: [Float]?, to buffer: FloatBuffer, at tensor: ParameterLayout.Tensor) {
    guard let values else { return }
    values.withUnsafeBufferPointer { source in
      guard let base = source.baseAddress else { return }
      (buffer.start + tensor.offset).update(from: base, count: tensor.count)
    }
  }

  /// The values by name, once every expected tensor is found with its shape and none is left over.
  private func checked(
    _ tensors: [NamedTensor], _ allExpected: [(prefix: String, tensors: [ParameterLayout.Tensor])]
  ) throws(ModelError) -> [String: [Float]] {
    var found: [String: NamedTensor] = [:]
    for tensor in tensors {
      if found.updateValue(tensor, forKey: tensor.name) != nil {
        throw ModelError(description: "tensor \(tensor.name) is there twice; it must be there once.")
      }
    }
    var values: [String: [Float]] = [:]
    for (prefix, tensors) in allExpected {
      for expected in tensors {
        let name = prefix + expected.name
        guard let tensor = found.removeValue(forKey: name) else {
          throw ModelError(description: "tensor \(name) is missing; expected its shape to be \(expected.shape).")
        }
        guard tensor.shape == expected.shape, tensor.values.count == expected.count else {
          throw ModelError(
            description:
              "tensor \(name) has shape \(tensor.shape); the model's configuration asks for \(expected.shape).")
        }
        values[name] = tensor.values
      }
    }
    if let extra = found.keys.min() {
      throw ModelError(description: "tensor \(extra) is not part of this model; remove it or change the configuration.")
    }
    return values
  }
}
