/// Reads CoNLL columns: a word in the first column, its tag in the last, sentences parted by empty lines.
///
/// - Columns are separated by tabs if the line has one, else by runs of white space; their number may not change.
///   With one column alone the words have no tags.
/// - A sentence ends at an empty line, at a line that starts with `-DOCSTART-`, and at the end of the file.
/// - `# intent: X` (also `label` or `class`, also with `=`) before a sentence is its class. Other comments, before a
///   sentence too, are `# key: …`, `# key = …`, and any line that starts with `#` and does not end in a tag.
/// - A class without words is skipped and reported.
func readColumns(
  _ path: String, _ report: inout ReadReport, _ body: (borrowing Sentence) throws(DataError) -> Void
) throws(DataError) {
  try withText(path, &report) { (bytes, report) throws(DataError) in
    var reader = ColumnReader(path: path, bytes: bytes)
    try reader.read(body)
    if let first = reader.classesWithoutWords.first {
      let count = reader.classesWithoutWords.count
      report.remarks.append("\(path):\(first): \(counted(count, "class", "classes")) without a sentence, skipped.")
    }
  }
}

private struct ColumnReader {
  let path: String
  let bytes: UnsafeBufferPointer<UInt8>
  private var lines: LineCursor
  private var sentence = Sentence()
  /// Columns of every line, and the line that fixed them.
  private var columns: (count: Int, line: Int)?
  private var label: (text: [UInt8], line: Int)?
  private(set) var classesWithoutWords = FirstAndCount()

  init(path: String, bytes: UnsafeBufferPointer<UInt8>) {
    self.path = path
    self.bytes = bytes
    lines = LineCursor(bytes)
  }

  mutating func read(_ body: (borrowing Sentence) throws(DataError) -> Void) throws(DataError) {
    while let line = lines.next() {
      if line.isEmpty || starts(line, with: "-DOCSTART-") {
        try finishSentence(body)
      } else if try !readComment(line) {
        try readWord(line)
      }
    }
    try finishSentence(body)
    noteUnusedClass()
  }

  /// Hands out the sentence if it has words; a class alone waits for its sentence.
  private mutating func finishSentence(_ body: (borrowing Sentence) throws(DataError) -> Void) throws(DataError) {
    guard !sentence.words.isEmpty else { return }
    sentence.label = label?.text
    label = nil
    try body(sentence)
    sentence.clear()
  }

  private mutating func noteUnusedClass() {
    if let label { classesWithoutWords.note(label.line) }
    label = nil
  }

  private mutating func readWord(_ line: Range<Int>) throws(DataError) {
    let (count, first, last) = columnRanges(line)
    if let columns, columns.count != count {
      throw .malformed(
        path, line: lines.number,
        "\(counted(count, "column")), but line \(columns.line) has \(columns.count): "
          + "give every line the same columns, the word first, its tag last")
    }
    if columns == nil { columns = (count, lines.number) }
    if sentence.words.isEmpty { sentence.line = lines.number }
    sentence.wordLines.append(lines.number)
    sentence.words.append(bytes.slice(first))
    if count > 1 { sentence.tags.append(bytes.slice(last)) }
  }

  /// Number of columns, and where the first and the last lie (trimmed).
  private func columnRanges(_ line: Range<Int>) -> (count: Int, first: Range<Int>, last: Range<Int>) {
    let hasTab = bytes[line].contains(0x09)
    var count = 0
    var first = line.lowerBound..<line.lowerBound
    var last = first
    var position = line.lowerBound
    while position <= line.upperBound {
      let start = position
      while position < line.upperBound, !(hasTab ? bytes[position] == 0x09 : isWhiteSpace(bytes[position])) {
        position += 1
      }
      if hasTab || position > start {
        last = bytes.trimmed(start..<position)
        if count == 0 { first = last }
        count += 1
      }
      position += 1
    }
    return (count, first, last)
  }

  /// Takes a comment line; false if the line is a word's.
  private mutating func readComment(_ line: Range<Int>) throws(DataError) -> Bool {
    guard bytes[line.lowerBound] == UInt8(ascii: "#") else { return false }
    if let (key, value) = keyAndValue(line) {
      let names = ["intent", "label", "class"]
      if names.contains(where: { equal(bytes.slice(key), $0) }) {
        guard sentence.words.isEmpty else {
          throw .malformed(
            path, line: lines.number,
            "a class in the middle of a sentence: put an empty line before it")
        }
        noteUnusedClass()
        label = value.isEmpty ? nil : (Array(bytes[value]), lines.number)
        return true
      }
      if sentence.words.isEmpty { return true }
    }
    guard sentence.words.isEmpty, !bytes[line].contains(0x09) else { return false }
    let (count, _, last) = columnRanges(line)
    return count == 1 ? columns.map { $0.count > 1 } ?? true : tagProblem(bytes.slice(last)) != nil
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

  private func starts(_ line: Range<Int>, with prefix: StaticString) -> Bool {
    line.count >= prefix.utf8CodeUnitCount
      && prefix.withUTF8Buffer { equal(bytes.slice(line.lowerBound..<line.lowerBound + $0.count), $0) }
  }
}

/// Whether `bytes` spell `string`.
func equal(_ bytes: UnsafeBufferPointer<UInt8>, _ string: String) -> Bool {
  bytes.count == string.utf8.count && bytes.elementsEqual(string.utf8)
}
