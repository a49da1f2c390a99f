import MultiTaskTransformer
import Testing

/// What goes in and out of a model by name.
@Suite struct ParameterTests {
  private func model(_ shape: ModelConfiguration = oddShape) -> MultiTaskModel {
    MultiTaskModel(configuration: shape, seed: 1, threads: 1, shares: 1)
  }

  @Test(arguments: [oddShape, optionalShape]) func namesAndShapesAreHuggingFaces(shape: ModelConfiguration) {
    let model = model(shape)
    let expected = expectedParameters(shape)
    for tensors in [model.parameters(), model.gradients()] {
      #expect(Set(tensors.map(\.name)) == Set(expected.map(\.name)) && tensors.count == expected.count)
      for (name, shape) in expected {
        let tensor = tensors.first { $0.name == name }
        #expect(tensor?.shape == shape && tensor?.values.count == shape.reduce(1, *), "\(name)")
      }
    }
    let counts = expected.map { $0.shape.reduce(1, *) }
    #expect(model.parameterCount == counts.reduce(0, +))
  }

  @Test func startIsAsBERTs() {
    for tensor in model().parameters() {
      if tensor.name.hasSuffix("LayerNorm.weight") {
        #expect(tensor.values.allSatisfy { $0 == 1 }, "\(tensor.name)")
      } else if tensor.name.hasSuffix("bias") {
        #expect(tensor.values.allSatisfy { $0 == 0 }, "\(tensor.name)")
      } else {
        #expect(tensor.values.allSatisfy { $0.isFinite && abs($0) < 1 }, "\(tensor.name)")
        #expect(Set(tensor.values).count > tensor.values.count / 2, "\(tensor.name)")
      }
    }
  }

  @Test func loadedParametersComeBack() throws {
    let model = model()
    let wanted = lively(oddShape, seed: 3)
    try model.load(parameters: wanted.reversed())
    for tensor in model.parameters() {
      #expect(tensor.values == wanted.first { $0.name == tensor.name }?.values, "\(tensor.name)")
    }
  }

  enum Fault: CaseIterable, Sendable { case missing, unknown, misshapen, short, double }

  /// Spoils the tensor called `name`; returns the name that the error must mention.
  private func spoil(_ tensors: inout [NamedTensor], _ name: String, _ fault: Fault) throws -> String {
    let index = try #require(tensors.firstIndex { $0.name == name })
    switch fault {
    case .missing: tensors.remove(at: index)
    case .unknown:
      tensors.append(NamedTensor(name: "encoder.layer.9.surplus.weight", shape: [1], values: [0]))
      return "encoder.layer.9.surplus.weight"
    case .misshapen: tensors[index].shape.reverse()
    case .short: tensors[index].values.removeLast()
    case .double: tensors.append(tensors[index])
    }
    return name
  }

  @Test(arguments: Fault.allCases) func wrongParametersAreNamedAndLeftOut(fault: Fault) throws {
    let model = model()
    let before = bits(model)
    var tensors = lively(oddShape, seed: 3)
    let name = try spoil(&tensors, "encoder.layer.1.intermediate.dense.weight", fault)
    let error = #expect(throws: ModelError.self) { try model.load(parameters: tensors) }
    #expect(error?.description.contains(name) == true, "\(String(describing: error))")
    #expect(differences(bits(model), before) == [])
  }

  @Test(arguments: Fault.allCases) func wrongMomentsAreNamedAndLeftOut(fault: Fault) throws {
    let model = model()
    train(model, trainingBatches(oddShape, count: 1)[0], step: 0)
    let before = bits(model)
    var moments = model.optimizerState().moments
    #expect(moments.count == 2 * expectedParameters(oddShape).count)
    let name = try spoil(&moments, "optimizer.exp_avg_sq.encoder.layer.1.intermediate.dense.weight", fault)
    let error = #expect(throws: ModelError.self) { try model.load(optimizerStep: 4, moments: moments) }
    #expect(error?.description.contains(name) == true, "\(String(describing: error))")
    #expect(differences(bits(model), before) == [])
  }
}
