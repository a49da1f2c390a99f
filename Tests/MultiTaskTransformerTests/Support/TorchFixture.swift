import Foundation
import MultiTaskTransformer

/// What PyTorch computed for a small model; written by `Fixtures/make_torch_fixture.py`.
struct TorchFixture {
  var description: Description
  /// All tensors, one after the other.
  var values: [Float]

  struct Description: Decodable {
    var configuration: Shape
    var batches: [Batch]
    var firstLossA: Double
    var firstLossB: Double
    var classWeights: [Float]
    var weighted: [Weighted]
    var gradientWeights: [Float]
    var trainingWeights: [Float]
    var weightDecay: Float
    var clip: Double
    var steps: [Step]
    var tensors: [Tensor]
  }

  struct Shape: Decodable {
    var vocabulary: Int
    var hidden: Int
    var layers: Int
    var heads: Int
    var intermediate: Int
    var positions: Int
    var types: Int
    var layerNormEpsilon: Float
    var classes: Int
    var tags: Int
  }

  struct Batch: Decodable {
    var count: Int
    var length: Int
    var inputIds: [Int32]
    var attentionMask: [Int32]
    var taskALabels: [Int32]
    var taskBLabels: [Int32]
  }

  struct Step: Decodable {
    var batch: Int
    var learningRate: Float
    var lossA: Double
    var lossB: Double
    var gradientNorm: Double
  }

  /// The first batch's class loss with class weights, and its gradients on the sentence classifier.
  struct Weighted: Decodable {
    var smoothing: Float
    var lossA: Double
    var biasGradient: [Double]
    var weightGradient: [Double]
  }

  struct Tensor: Decodable {
    var kind: Kind
    var name: String
    var shape: [Int]
    var offset: Int
  }

  enum Kind: String, Decodable { case initial, gradient, final }

  /// A file in the fixtures' folder.
  static func bytes(_ name: String) throws -> Data {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Fixtures")
    return try Data(contentsOf: folder.appendingPathComponent(name))
  }

  static func floats(_ name: String) throws -> [Float] {
    let bytes = try bytes(name)
    return stride(from: 0, to: bytes.count - 3, by: 4).map { start in
      var pattern: UInt32 = 0
      for place in 0..<4 { pattern |= UInt32(bytes[start + place]) << UInt32(8 * place) }
      return Float(bitPattern: pattern)
    }
  }

  static func load() throws -> TorchFixture {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let description = try decoder.decode(Description.self, from: try bytes("torch_fixture.json"))
    return TorchFixture(description: description, values: try floats("torch_fixture.bin"))
  }

  func tensors(_ kind: Kind) -> [NamedTensor] {
    description.tensors.filter { $0.kind == kind }.map { tensor in
      let count = tensor.shape.reduce(1, *)
      return NamedTensor(
        name: tensor.name, shape: tensor.shape, values: Array(values[tensor.offset..<tensor.offset + count]))
    }
  }

  var configuration: ModelConfiguration {
    let shape = description.configuration
    return ModelConfiguration(
      vocabularySize: shape.vocabulary, hiddenSize: shape.hidden, layerCount: shape.layers, headCount: shape.heads,
      intermediateSize: shape.intermediate, maxPositions: shape.positions, typeVocabularySize: shape.types,
      hiddenDropout: 0, attentionDropout: 0, classifierDropout: 0, layerNormEpsilon: shape.layerNormEpsilon,
      sentenceClassCount: shape.classes, tagCount: shape.tags)
  }

  func batch(_ index: Int) -> SampleBatch {
    let batch = description.batches[index]
    var sample = SampleBatch([])
    sample.count = batch.count
    sample.length = batch.length
    sample.inputIDs = batch.inputIds
    sample.attentionMask = batch.attentionMask
    sample.classes = batch.taskALabels
    sample.tags = batch.taskBLabels
    sample.nGrams = Array(repeating: [], count: batch.inputIds.count)
    return sample
  }
}
