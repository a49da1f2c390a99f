import Foundation

@testable import TextData

/// A folder of files written for one test, removed afterwards.
final class TemporaryFolder {
  let path: String

  init(_ files: [String: String] = [:]) throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("textdata-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    for (name, text) in files { try write(name, Array(text.utf8)) }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ name: String, _ bytes: [UInt8]) throws {
    let file = URL(fileURLWithPath: path).appendingPathComponent(name)
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: file)
  }

  func load(maxLength: Int = 64, lowercase: Bool = false, minimumCount: Int = 1) throws(DataError) -> TextDataset {
    try TextDataset.load(
      DataOptions(source: .folder(path), lowercase: lowercase, minimumCount: minimumCount, maxLength: maxLength))
  }

  /// What loading throws, without this folder's own path; "loaded" if it throws nothing.
  func failure() -> (kind: DataError.Kind?, text: String) {
    do {
      _ = try load()
      return (nil, "loaded")
    } catch {
      return (error.kind, error.description.replacingOccurrences(of: path + "/", with: ""))
    }
  }

  /// Remarks without this folder's own path.
  func remarks(_ data: TextDataset) -> [String] {
    data.remarks.map { $0.replacingOccurrences(of: path + "/", with: "") }
  }
}

extension Sentence {
  /// Its tags, one a word; empty where the sentence has none.
  var tagStrings: [String] { (0..<tags.count).map { tags.string($0) } }
  /// Its class; nil where the sentence has none.
  var labelString: String? { label.map { String(decoding: $0, as: UTF8.self) } }
}

/// Rows as a batch of rows of one length.
func padded(_ split: EncodedSplit, rows: some RandomAccessCollection<Int32>, padTo: Int?) -> PaddedBatch {
  PaddedBatch(collate(split, rows: rows, padTo: padTo), padding: split.pieces.special.pad)
}

extension TextDataset {
  /// A split as text, one line a row: class | word/tag word/tag …, `?` for what is missing.
  func rendered(_ split: EncodedSplit) -> [String] {
    let classes = sentenceClasses + unseenClasses
    let tags = self.tags + unseenTags
    return (0..<split.count).map { row in
      let label = split.sentenceClass(of: row)
      let gold = split.goldTags(of: row)
      let batch = padded(split, rows: [Int32(row)], padTo: nil)
      let words = split.wordPositions(of: row).enumerated().map { index, position in
        let word = vocabulary[Int(batch.inputIDs[Int(position)])]
        return gold.isEmpty ? word : "\(word)/\(gold[index] < 0 ? "?" : tags[Int(gold[index])])"
      }
      return "\(label < 0 ? "?" : classes[Int(label)]) | \(words.joined(separator: " "))"
    }
  }
}
