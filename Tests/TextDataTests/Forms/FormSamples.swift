import Testing

@testable import TextData

/// A small file of one form and what is read from it, word for word.
struct FormSample: CustomTestStringConvertible, Sendable {
  var name: String
  var files: [String: String]
  /// The file among them, or the folder, that is read.
  var file: String
  /// One line a sentence: class | word/tag word/tag …, `?` for what is missing.
  var rows: [String]
  /// Remarks, without the folder's path, the one that says what was written left out.
  var remarks: [String] = []
  var reading = ReadingOptions()

  var testDescription: String { name }

  init(
    _ name: String, _ file: String, _ text: String, _ rows: [String], remarks: [String] = [],
    more: [String: String] = [:], reading: ReadingOptions = ReadingOptions()
  ) {
    self.name = name
    self.file = file
    files = text.isEmpty ? more : more.merging([file: text]) { $1 }
    self.rows = rows
    self.remarks = remarks
    self.reading = reading
  }

  /// What training reads of the file.
  func load(in folder: TemporaryFolder) throws -> TextDataset {
    var options = DataOptions(
      source: .files(train: [folder.path + "/" + file], dev: [], test: []), lowercase: false, minimumCount: 1,
      maxLength: 64)
    options.reading = reading
    return try TextDataset.load(options)
  }
}
