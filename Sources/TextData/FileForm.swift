/// The form of a data file, recognized by its first bytes.
enum FileForm: Hashable, Sendable {
  case columns
  case jsonLines
  /// A JSON array, or one object over several lines.
  case json
  case csv
  case rasaYAML
  case rasaMarkdown
  case bratAnnotations
  case brackets
  case trees
  case fastText
  case spanTable
  /// What is no text or no data of this program's, by its name and with what to do.
  case foreign(String, remedy: String)

  /// Most bytes looked at.
  static let sniffed = 1 << 16

  /// Looks at the beginning of a file.
  init(of path: String, _ context: ReadingContext = ReadingContext()) throws(DataError) {
    let found = try withFileStart(path, count: Self.sniffed) { Self(recognising: $0, context.options) }
    self = try context.form.map { (form) throws(DataError) in try found.forced(to: form, path) } ?? found
  }

  /// Opens the file as one of this form.
  func source(_ path: String, _ context: ReadingContext) throws(DataError) -> any SplitSource {
    switch self {
    case .columns: return ColumnFile(wordPath: path, options: context.options)
    case .jsonLines: return JSONFile(wordPath: path, isLines: true, context: context)
    case .json: return JSONFile(wordPath: path, isLines: false, context: context)
    case .csv: return TableFile(wordPath: path, context: context)
    case .rasaYAML: return RasaFile(wordPath: path, isYAML: true, context: context)
    case .rasaMarkdown: return RasaFile(wordPath: path, isYAML: false, context: context)
    case .brackets: return BracketFile(wordPath: path, context: context)
    case .trees: return TreeFile(wordPath: path, context: context)
    case .fastText: return FastTextFile(wordPath: path)
    case .spanTable: return SpanTableFile(wordPath: path, context: context)
    case .bratAnnotations:
      throw .malformed(path, "this is \(name) without the text they belong to: name the folder of both")
    case .foreign(let name, let remedy): throw .malformed(path, "this is \(name): \(remedy)")
    }
  }

  /// The form that the user says it is; throws where it cannot be.
  private func forced(to form: ImportFormat, _ path: String) throws(DataError) -> FileForm {
    let isJSON = self == .jsonLines || self == .json
    if case .foreign = self { return self }
    if form == .tables, self == .spanTable { return self }
    func lines(_ meant: FileForm) throws(DataError) -> FileForm {
      guard !isJSON else { throw .malformed(path, "is JSON, not \(form.rawValue): import it as json") }
      return meant
    }
    switch form {
    case .sentences, .snips: return self
    case .jsonLines, .json:
      guard isJSON else { throw .malformed(path, "is not JSON (its first character is no brace or bracket)") }
      return self
    case .columns: return try lines(.columns)
    case .tables: return try lines(.csv)
    case .brackets: return try lines(.brackets)
    case .trees: return try lines(.trees)
    case .fastText: return try lines(.fastText)
    case .rasa, .brat:
      guard self == .rasaYAML || self == .rasaMarkdown else {
        throw .malformed(path, "is \(name), not \(form == .rasa ? "Rasa's training data" : "a folder of brat's files")")
      }
      return self
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
    case .brackets: "text with labels in brackets"
    case .trees: "parse trees"
    case .fastText: "fastText's lines"
    case .spanTable: "TSV of class, spans and text"
    case .foreign(let name, _): name
    }
  }

  /// The forms that are read, for messages.
  static let readForms =
    "folders of seq.in, seq.out and label, CoNLL columns, JSON and JSONL, CSV and TSV, Rasa's, brat's and fastText's files, "
    + "labels in brackets and parse trees (mtt-tui import --help lists them)"

  /// Tells the form by a file's first bytes.
  init(recognising start: UnsafeBufferPointer<UInt8>, _ options: ReadingOptions = ReadingOptions()) {
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
    case UInt8(ascii: "<") where Self.isMarkup(line):
      self = .foreign("XML or HTML", remedy: "read are \(Self.readForms)")
    default: self = Self.textForm(start, line, options)
    }
  }

  // MARK: - What is no text

  private static let magicNumbers: [(bytes: [UInt8], name: String, remedy: String)] = [
    ([0xFD, 0x37, 0x7A, 0x58, 0x5A], "an xz file", "unpack it first (xz -dk FILE)"),
    ([0x42, 0x5A, 0x68], "a bzip2 file", "unpack it first (bzip2 -dk FILE)"),
    (
      [0x50, 0x4B, 0x03, 0x04], "a zip file (or a spreadsheet, which is one)",
      "unpack it, or save the sheet as CSV, first"
    ),
    (
      [0x78, 0x9C], "packed by zlib, as spaCy's .spacy files are",
      "write its documents as JSONL with text and spans first"
    ),
    ([0x80, 0x03], "a pickle of Python's", "write its data as JSONL first"),
    ([0x80, 0x04], "a pickle of Python's", "write its data as JSONL first"),
    ([0x80, 0x05], "a pickle of Python's", "write its data as JSONL first"),
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
        var following = JSONCursor(start, next)
        return following.peek() == UInt8(ascii: "{") && (try? following.skipValue()) != nil && following.peek() == nil
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

  private static func textForm(
    _ start: UnsafeBufferPointer<UInt8>, _ line: String, _ options: ReadingOptions
  ) -> FileForm {
    let lines = lines(start, limit: 40)
    let content = lines.first { !$0.hasPrefix("#") && $0 != "---" } ?? ""
    if content.hasPrefix("nlu:") || (content.hasPrefix("version:") && lines.contains { $0.hasPrefix("nlu:") }) {
      return .rasaYAML
    }
    if isYAML(content, lines) {
      return .foreign("YAML without Rasa's training examples (nlu:)", remedy: "name the file that has them")
    }
    if lines.contains(where: isRasaHeader) { return .rasaMarkdown }
    if FastTextFile.isMeant(by: line) { return .fastText }
    // MTOP's lines have both; its trees lack the words outside slots.
    if SpanTableFile.isMeant(by: lines) { return .spanTable }
    if lines.prefix(2).contains(where: { $0.contains("[IN:") }) { return .trees }
    if isAnnotation(line) { return .bratAnnotations }
    if lines.prefix(2).allSatisfy(hasTagsInWords) {
      return .foreign(
        "sentences of word|tag, as spaCy's .iob files are",
        remedy: "give each word a line, its tag last (sed 's/$/\\n/; s/ /\\n/g; s/|/\\t/g' FILE > FILE.conll)")
    }
    if lines.contains(where: hasBrackets) { return .brackets }
    return TableSniffer.find(start, options) != nil ? .csv : .columns
  }

  /// Whether lines begin as YAML does: with a key, and a list below it; or with Rasa's version.
  private static func isYAML(_ content: String, _ lines: [String]) -> Bool {
    if content.hasPrefix("version: \""), content.hasSuffix("\"") { return true }
    guard content.count > 1, content.hasSuffix(":"), !content.contains(where: \.isWhitespace),
      let place = lines.firstIndex(of: content), place + 1 < lines.count
    else { return false }
    return lines[place + 1].hasPrefix("- ")
  }

  /// `<?xml`, `<!doctype` and the like, or an element that ends on its line or has attributes.
  private static func isMarkup(_ line: String) -> Bool {
    let line = line.lowercased()
    return ["<?xml", "<!doctype", "<html"].contains(where: line.hasPrefix)
      || line.wholeMatch(of: /<[a-z][\w:.-]*(\s+[\w:.-]+\s*=\s*["'].*|>.*<\/.*)>/) != nil
  }

  /// `## intent:greet`, also without the space, and Rasa's other sections.
  private static func isRasaHeader(_ line: String) -> Bool {
    guard line.hasPrefix("##") else { return false }
    let name = line.drop { $0 == "#" || $0 == " " }
    return ["intent:", "synonym:", "regex:", "lookup:"].contains { name.hasPrefix($0) }
  }

  /// Whether a line has `[type : words]` in it.
  private static func hasBrackets(_ line: String) -> Bool {
    guard line.contains("["), line.contains(" : ") else { return false }
    var text = MarkedText()
    Array(line.utf8).withUnsafeBufferPointer { InlineMarkup.readBrackets($0, into: &text) }
    return !text.spans.isEmpty
  }

  /// `T1<tab>Type 0 5<tab>text`, a line of brat's stand-off annotations.
  private static func isAnnotation(_ line: String) -> Bool {
    let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
    guard fields.count == 3, fields[0].first == "T", Int(fields[0].dropFirst()) != nil else { return false }
    let span = fields[1].split(separator: " ")
    return span.count >= 3 && Int(span[1]) != nil
  }

  /// Whether each word of a line ends in its tag: `I|PRP|O like|VBP|O`.
  private static func hasTagsInWords(_ line: String) -> Bool {
    let words = line.split(whereSeparator: \.isWhitespace)
    return !words.isEmpty
      && words.allSatisfy { word in
        let parts = word.split(separator: "|", omittingEmptySubsequences: false)
        return parts.count > 1 && Tag.isEntityTag(String(parts[parts.count - 1]))
      }
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
