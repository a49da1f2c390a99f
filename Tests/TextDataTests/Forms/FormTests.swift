import Foundation
import Testing

@testable import TextData

/// One small file of each form that people's tools write: what training, evaluation and import read of it.
@Suite struct FormTests {
  static let all = jsonSamples + tableSamples + markupSamples + columnSamples + misreadSamples

  @Test(arguments: all) func isReadWordForWord(_ sample: FormSample) throws {
    let folder = try TemporaryFolder(sample.files)
    let data = try sample.load(in: folder)
    #expect(data.rendered(data.train) == sample.rows)
    #expect(folder.remarks(data) == sample.remarks)
  }

  /// Evaluation and import go through the files by ways of their own.
  @Test(arguments: all) func isEvaluatedAndImportedAlike(_ sample: FormSample) throws {
    let folder = try TemporaryFolder(sample.files)
    let data = try sample.load(in: folder)
    let path = folder.path + "/" + sample.file
    var stream = try SplitStream(
      .files(train: [path], dev: [], test: []), split: .train, encoding: data.encoding, reading: sample.reading)
    var rows: [String] = []
    try stream.read { part in
      for row in 0..<part.split.count {
        let label = part.split.sentenceClass(of: row)
        let gold = part.split.goldTags(of: row)
        let words = part.words(of: row).enumerated().map { index, word in
          gold.isEmpty ? word : "\(word)/\(gold[index] < 0 ? "?" : part.tags[Int(gold[index])])"
        }
        rows.append("\(label < 0 ? "?" : part.classes[Int(label)]) | \(words.joined(separator: " "))")
      }
      return true
    }
    #expect(rows == sample.rows)
    let isWhole = !sample.rows.contains { $0.hasPrefix("? ") || $0.contains("/?") }
    guard isWhole || sample.rows.allSatisfy({ $0.hasPrefix("? ") }) else { return }
    _ = try importData(from: path, to: folder.path + "/out", format: .sentences, reading: sample.reading)
    let written = try TextDataset.load(
      DataOptions(
        source: .files(train: [folder.path + "/out"], dev: [], test: []), lowercase: false, minimumCount: 1,
        maxLength: 64))
    #expect(written.rendered(written.train) == sample.rows)
  }
}
