/// The form of a data file, told by its first bytes.
enum FileForm: Hashable, Sendable {
  case columns
  case jsonLines
  /// A JSON array, or one object over several lines.
  case json
  case csv
  case rasaYAML
  case rasaMarkdown
  case bratAnnotations
  /// What is no text or no data of this program's, by its name and with what to do.
  case foreign(String, remedy: String)

  /// Most bytes looked at.
  private static let sniffed = 1 << 16

  /// Looks at the beginning of a file.
  init(of path: String) throws(DataError) {
    self = try withFileStart(path, count: Self.sniffed) { Self(recognising: $0) }
  }

  /// Opens the file as one of this form.
  func source(_ path: String) throws(DataError) -> any SplitSource {
    switch self {
    case .columns: return ColumnFile(wordPath: path)
    case .jsonLines: return JSONLinesFile(wordPath: path)
    case .json, .csv, .rasaYAML, .rasaMarkdown, .bratAnnotations:
      throw .malformed(path, "this is \(name), which is not read; read are \(Self.readForms)")
    case .foreign(let name, let remedy): throw .malformed(path, "this is \(name): \(remedy)")
    }
  }

  /// What it is, with its article.
  var name: String {
    switch self {
    case .columns: "CoNLL columns"
    case .jsonLines: "JSONL"
    case .json: "a JSON document (an array, or one object over several lines)"
    case .csv: "CSV or TSV with a header"
    case .rasaYAML: "Rasa's YAML"
    case .rasaMarkdown: "Rasa's Markdown"
    case .bratAnnotations: "brat's annotations"
    case .foreign(let name, _): name
    }
  }

  /// The forms that are read, for messages.
  static let readForms =
    "folders of seq.in, seq.out and label, CoNLL columns and JSONL (one object a line: tokens or text, tags, label); "
    + "SNIPS's own JSON by import snips-json"

  /// Tells the form by a file's first bytes.
  init(recognising start: UnsafeBufferPointer<UInt8>) {
    if let foreign = Self.binary(start) {
      self = foreign
      return
    }
    let head = start.trimmedName(start.indices)
    guard let first = head.first.map({ start[$0] }) else {
      self = .columns
      return
    }
    let line = Self.lines(start, limit: 1).first ?? ""
    switch first {
    case UInt8(ascii: "{"): self = Self.isWholeObject(start, from: head.lowerBound) ? .jsonLines : .json
    case UInt8(ascii: "[") where Self.beginsJSONArray(start, head): self = .json
    case UInt8(ascii: "<") where ["<?xml", "<!doctype", "<html"].contains(where: line.lowercased().hasPrefix):
      self = .foreign("XML or HTML", remedy: "read are \(Self.readForms)")
    default: self = Self.textForm(start, line)
    }
  }

  // MARK: - What is no text

  private static let magicNumbers: [(bytes: [UInt8], name: String, remedy: String)] = [
    ([0x1F, 0x8B], "a gzip file", "unpack it first (gzip -dk FILE)"),
    ([0x28, 0xB5, 0x2F, 0xFD], "a zstd file", "unpack it first (zstd -dk FILE)"),
    ([0xFD, 0x37, 0x7A, 0x58, 0x5A], "an xz file", "unpack it first (xz -dk FILE)"),
    ([0x42, 0x5A, 0x68], "a bzip2 file", "unpack it first (bzip2 -dk FILE)"),
    (
      [0x50, 0x4B, 0x03, 0x04], "a zip file (or a spreadsheet, which is one)",
      "unpack it, or save the sheet as CSV, first"
    ),
    (Array("PAR1".utf8), "a Parquet file", "write it as JSONL first (Hugging Face's datasets: to_json)"),
    (Array("ARROW1".utf8), "an Arrow file", "write it as JSONL first (Hugging Face's datasets: to_json)"),
    (Array("SQLite format 3".utf8), "an SQLite database", "write its table as JSONL first"),
    (Array("%PDF".utf8), "a PDF file", "read are \(readForms)"),
  ]

  private static func binary(_ start: UnsafeBufferPointer<UInt8>) -> FileForm? {
    // "BZh" could begin a word; a file of that kind goes on with a digit and the digits of pi.
    for (bytes, name, remedy) in magicNumbers where start.starts(with: bytes) {
      if bytes.count == 3, !(start.count > 4 && start[4] == 0x31) { continue }
      return .foreign(name, remedy: remedy)
    }
    return nil
  }

  // MARK: - JSON

  /// Whether the first line is one whole object, as in JSONL; also where it is broken and another object follows.
  private static func isWholeObject(_ start: UnsafeBufferPointer<UInt8>, from first: Int) -> Bool {
    var lines = LineCursor(start)
    while let line = lines.next() {
      guard !line.isEmpty else { continue }
      var cursor = JSONCursor(start, line)
      do throws(JSONProblem) {
        try cursor.skipValue()
        return true
      } catch {
        // A line longer than what is looked at, or broken in itself, is judged by the reader of lines.
        guard error.position >= line.upperBound, line.upperBound < start.count else { return true }
        guard let next = lines.next() else { return true }
        return next.isEmpty ? false : start[next.lowerBound] == UInt8(ascii: "{") && line.count > 1
      }
    }
    return true
  }

  /// Whether what follows `[` can be in an array: `[ O` and `[\tO` are columns.
  private static func beginsJSONArray(_ start: UnsafeBufferPointer<UInt8>, _ head: Range<Int>) -> Bool {
    guard let next = head.dropFirst().first(where: { start.whiteSpace(at: $0) == 0 }) else { return false }
    return [UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "\""), UInt8(ascii: "]")].contains(start[next])
  }

  // MARK: - Text

  private static func textForm(_ start: UnsafeBufferPointer<UInt8>, _ line: String) -> FileForm {
    let lines = lines(start, limit: 40)
    let content = lines.first { !$0.hasPrefix("#") && $0 != "---" } ?? ""
    if content.hasPrefix("nlu:") || (content.hasPrefix("version:") && lines.contains { $0.hasPrefix("nlu:") }) {
      return .rasaYAML
    }
    if line.hasPrefix("## intent:") || line.hasPrefix("##intent:") { return .rasaMarkdown }
    if isAnnotation(line) { return .bratAnnotations }
    return hasTableHeader(content) ? .csv : .columns
  }

  /// `T1<tab>Type 0 5<tab>text`, a line of brat's stand-off annotations.
  private static func isAnnotation(_ line: String) -> Bool {
    let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
    guard fields.count == 3, fields[0].first == "T", Int(fields[0].dropFirst()) != nil else { return false }
    let span = fields[1].split(separator: " ")
    return span.count >= 3 && Int(span[1]) != nil
  }

  private static let headerNames: Set<String> = [
    "text", "sentence", "sentences", "utterance", "query", "word", "words", "token", "tokens", "label", "labels", "tag",
    "tags", "class", "intent", "category", "ner", "ner_tags", "slots", "sentence #", "sentence_id", "id", "pos",
  ]

  /// Whether a line names columns: fields by commas, semicolons or tabs, at least two of them by names that data have.
  private static func hasTableHeader(_ line: String) -> Bool {
    for separator in [Character(","), ";", "\t"] {
      let fields = line.split(separator: separator, omittingEmptySubsequences: false).map {
        $0.trimmingPrefix("\"").lowercased().filter { $0 != "\"" && $0 != "\r" }
      }
      if fields.count > 1, fields.filter(headerNames.contains).count >= 2 { return true }
    }
    return false
  }

  /// The first lines that are not empty.
  private static func lines(_ start: UnsafeBufferPointer<UInt8>, limit: Int) -> [String] {
    var cursor = LineCursor(start)
    var lines: [String] = []
    while lines.count < limit, let line = cursor.next() {
      if !line.isEmpty { lines.append(start.text(line.lowerBound..<min(line.upperBound, line.lowerBound + 4096))) }
    }
    return lines
  }
}
