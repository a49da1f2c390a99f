/// Reads CoNLL columns: a word and its tag a line, sentences parted by empty lines; see `ColumnLayout` for which columns
/// hold them.
///
/// - Columns are separated by tabs if the line has one, else by runs of white space; their number may not change.
///   With one column alone the words have no tags.
/// - A sentence ends at an empty line, at a line whose first column is `-DOCSTART-` (unless the sentence began with a
///   class or with `# text = …`: then that is a word), and at the end of the file.
/// - Where each sentence's last line is one column alone, that is its class (`ColumnLayout.endsInClass`).
/// - `# intent: X` (also `label` or `class`, their plurals, in capitals, with `=`) before a sentence is its class.
/// - Other comments before a sentence are `# key: …`, `# key = …`, and any line that begins with `#` and cannot be data:
///   that has not the file's columns, or no tag where tags are. They are counted by their keys.
/// - A class without words is skipped and reported.
func readColumns(
  _ path: String, _ options: ReadingOptions, _ report: inout ReadReport,
  _ body: (borrowing Sentence) throws(DataError) -> Void
) throws(DataError) {
  try withText(path, &report) { (bytes, report) throws(DataError) in
    let start = bytes.slice(0..<min(bytes.count, sampledBytes))
    let layout = try ColumnLayout(detecting: start, isWhole: start.count == bytes.count, options, path: path)
    var reader = ColumnReader(path: path, bytes: bytes, layout: layout)
    try reader.read(body)
    reader.note(in: &report)
  }
}

/// The beginning of a file that its layout is deduced from.
private let sampledBytes = 1 << 18

private struct ColumnReader {
  let path: String
  let bytes: UnsafeBufferPointer<UInt8>
  private let layout: ColumnLayout
  private var lines: LineCursor
  private var sentence = Sentence()
  private var counter = WordCounter()
  private var label: (text: [UInt8], line: Int)?
  /// Whether the sentence that comes begins with a class or its text, so that `-DOCSTART-` is a word of it.
  private var isAnnounced = false
  private var classesWithoutWords = FirstAndCount()
  private var ranges = FirstAndCount()
  private var joinedClasses = FirstAndCount()
  /// Whether the line of the sentence's class has been read, which ends it.
  private var hasEnded = false
  /// Comments by their keys.
  private var comments: [String: FirstAndCount] = [:]
  private var commentOrder: [String] = []

  init(path: String, bytes: UnsafeBufferPointer<UInt8>, layout: ColumnLayout) {
    self.path = path
    self.bytes = bytes
    self.layout = layout
    lines = LineCursor(bytes)
  }

  mutating func read(_ body: (borrowing Sentence) throws(DataError) -> Void) throws(DataError) {
    while let line = lines.next() {
      if line.isEmpty || isDocumentStart(line) {
        try finishSentence(body)
      } else if try !readComment(line) {
        try readWord(line)
      }
    }
    try finishSentence(body)
    noteUnusedClass()
  }

  /// Tells the report what was not read.
  func note(in report: inout ReadReport) {
    report.remarks += layout.remarks.map { "\(path): \($0)" }
    report.remarks += [
      joinedClasses.remark(path) {
        "\(counted($0, "sentence")) with several classes joined by #, read as one class each."
      },
      classesWithoutWords.remark(path) { "\(counted($0, "class", "classes")) without a sentence, skipped." },
    ].compactMap(\.self)
    for column in layout.unread { report.passOver("column \(column + 1)", in: path, line: nil) }
    if let first = ranges.first {
      report.passOver("lines of ranges and empty nodes (1-2, 1.1)", in: path, line: first, count: ranges.count)
    }
    for key in commentOrder {
      guard let seen = comments[key] else { continue }
      report.passOver(key, in: path, line: seen.first, count: seen.count)
    }
  }

  /// Hands out the sentence if it has words; a class alone waits for its sentence.
  private mutating func finishSentence(_ body: (borrowing Sentence) throws(DataError) -> Void) throws(DataError) {
    isAnnounced = false
    hasEnded = false
    guard !sentence.words.isEmpty else { return }
    sentence.label = label?.text
    label = nil
    counter = WordCounter()
    try body(sentence)
    sentence.clear()
  }

  private mutating func noteUnusedClass() {
    if let label { classesWithoutWords.note(label.line) }
    label = nil
  }

  private func isDocumentStart(_ line: Range<Int>) -> Bool {
    guard bytes[line.lowerBound] == UInt8(ascii: "-"), !isAnnounced else { return false }
    return equal(bytes.slice(bytes.cells(of: line)[0]), "-DOCSTART-")
  }

  // MARK: - Words

  private mutating func readWord(_ line: Range<Int>) throws(DataError) {
    let wanted = layout
    var word = 0..<0
    var tag = 0..<0
    var number = 0..<0
    var sentenceClass = 0..<0
    let count = bytes.forEachCell(of: line) { column, cell in
      if column == wanted.word { word = cell }
      if column == wanted.tag { tag = cell }
      if column == wanted.number { number = cell }
      if column == wanted.sentenceClass { sentenceClass = cell }
    }
    guard !hasEnded else {
      throw .malformed(
        path, line: lines.number, "the line before is the sentence's class, which ends it: put an empty line between")
    }
    if layout.endsInClass, count == 1, !sentence.words.isEmpty { return endSentence(line) }
    if let columns = layout.count, columns != count {
      throw .malformed(
        path, line: lines.number,
        "\(counted(count, "column")), but line \(layout.line) has \(columns): "
          + "give every line the same columns, the word first, its tag last")
    }
    if layout.number != nil {
      switch counter.note(bytes.slice(number)) {
      case .word: break
      case .range: return ranges.note(lines.number)
      case .other:
        throw .malformed(
          path, line: lines.number,
          "the first column counted the words of each sentence so far, but here it is \(quoted(bytes.text(number))): "
            + "count on from 0 or 1, or leave that column out")
      }
    }
    if layout.sentenceClass != nil { try readClassColumn(sentenceClass) }
    if sentence.words.isEmpty { sentence.line = lines.number }
    sentence.wordLines.append(lines.number)
    sentence.words.append(bytes.slice(word))
    if layout.tag != nil { sentence.tags.append(bytes.slice(tag)) }
  }

  /// Reads the line of a sentence's class.
  private mutating func endSentence(_ line: Range<Int>) {
    hasEnded = true
    label = (Array(bytes[line]), lines.number)
    if bytes[line].contains(UInt8(ascii: "#")) { joinedClasses.note(lines.number) }
  }

  /// Reads the class of a word's sentence, which all its words have.
  private mutating func readClassColumn(_ cell: Range<Int>) throws(DataError) {
    let text = cell.isEmpty || equal(bytes.slice(cell), "_") ? nil : Array(bytes[cell])
    if sentence.words.isEmpty {
      if let text { label = (text, lines.number) }
    } else if text != label?.text {
      let first = label.map { quoted(String(decoding: $0.text, as: UTF8.self)) } ?? "none"
      throw .malformed(
        path, line: lines.number,
        "the class is \(text.map { quoted(String(decoding: $0, as: UTF8.self)) } ?? "none"), but \(first) at the "
          + "sentence's first word: give all its words the same")
    }
  }

  // MARK: - Comments

  /// Reads a comment line; false if the line is a word's.
  private mutating func readComment(_ line: Range<Int>) throws(DataError) -> Bool {
    guard bytes[line.lowerBound] == UInt8(ascii: "#") else { return false }
    let isSpaced = bytes.isSpacedHash(line)
    if isSpaced || !isData(line), let (key, value) = keyAndValue(line) {
      let name = bytes.text(key)
      if Self.classNames.contains(name.lowercased()) {
        try readClass(value)
        return true
      }
      if sentence.words.isEmpty {
        isAnnounced = isAnnounced || name == "text"
        if name != "text" { noteComment("comment \(quoted(name))") }
        return true
      }
    }
    guard sentence.words.isEmpty, !isData(line) else { return false }
    noteComment(
      resemblesClass(line) ? "comments like \(quoted(bytes.text(line))) (a class is # intent: X)" : "comments")
    return true
  }

  private static let classNames: Set<String> = ["intent", "label", "class", "intents", "labels", "classes"]

  private mutating func readClass(_ value: Range<Int>) throws(DataError) {
    guard sentence.words.isEmpty else {
      throw .malformed(
        path, line: lines.number, "a class in the middle of a sentence: put an empty line before it")
    }
    noteUnusedClass()
    isAnnounced = true
    label = value.isEmpty ? nil : (Array(bytes[value]), lines.number)
  }

  private mutating func noteComment(_ kind: String) {
    if comments[kind] == nil { commentOrder.append(kind) }
    comments[kind, default: FirstAndCount()].note(lines.number)
  }

  /// Whether a line has the file's columns, and a tag where tags are.
  private func isData(_ line: Range<Int>) -> Bool {
    guard layout.number == nil, let columns = layout.count else { return false }
    let cells = bytes.cells(of: line)
    guard cells.count == columns else { return false }
    guard let tag = layout.tag.map({ bytes.slice(cells[$0]) }) else { return true }
    return equal(tag, "_") || tagProblem(tag) == nil
  }

  /// Whether a comment begins as one with a class does, without the colon.
  private func resemblesClass(_ line: Range<Int>) -> Bool {
    let words = bytes.text(line).dropFirst().split(separator: " ")
    return words.count > 1 && Self.classNames.contains(words[0].lowercased())
  }

  /// The parts of `# key: value` or `# key = value`, where key is letters, digits, `_`, `-` and `.`.
  private func keyAndValue(_ line: Range<Int>) -> (key: Range<Int>, value: Range<Int>)? {
    var position = line.lowerBound + 1
    while position < line.upperBound, bytes[position] == 0x20 { position += 1 }
    let start = position
    while position < line.upperBound, isKeyCharacter(bytes[position]) { position += 1 }
    let key = start..<position
    while position < line.upperBound, bytes[position] == 0x20 { position += 1 }
    guard !key.isEmpty, position < line.upperBound,
      bytes[position] == UInt8(ascii: ":") || bytes[position] == UInt8(ascii: "=")
    else { return nil }
    return (key, bytes.trimmed(position + 1..<line.upperBound))
  }

  private func isKeyCharacter(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."):
      true
    default: false
    }
  }
}

/// Whether `bytes` spell `string`.
func equal(_ bytes: UnsafeBufferPointer<UInt8>, _ string: String) -> Bool {
  guard bytes.count == string.utf8.count else { return false }
  return string.utf8.withContiguousStorageIfAvailable { equal(bytes, $0) } ?? bytes.elementsEqual(string.utf8)
}
