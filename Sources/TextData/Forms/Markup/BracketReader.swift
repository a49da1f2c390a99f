/// A sentence a line with its labels in brackets: `[type : words]`, before it perhaps the class and a tab.
struct BracketFile: SplitSource {
  var wordPath: String
  var context = ReadingContext()
  var bytesOfText: Int { fileSize(wordPath) }

  func readSentences(
    _ report: inout ReadReport, _ body: (borrowing Sentence) throws(DataError) -> Void
  ) throws(DataError) {
    try withText(wordPath, &report) { (bytes, report) throws(DataError) in
      var tagger = SpanTagger(path: wordPath, longestSentence: context.longestSentence)
      var lines = LineCursor(bytes)
      var text = MarkedText()
      while let line = lines.next() {
        if line.isEmpty { continue }
        let tab = bytes.firstIndex(of: 0x09, in: line)
        let source = bytes.trimmed((tab.map { $0 + 1 } ?? line.lowerBound)..<line.upperBound)
        let label = tab.map { Array(bytes[bytes.trimmed(line.lowerBound..<$0)]) }
        InlineMarkup.readBrackets(bytes.slice(source), into: &text)
        if text.isBlank { continue }
        try tagger.read(text, label: label, line: lines.number, body)
      }
      report.remarks += tagger.remarks
    }
  }
}

/// A parse tree a line, as TOP and its successors have them: `[IN:GET_WEATHER weather in [SL:LOCATION Rome ] ]`, in the
/// last column that has one.
///
/// The outermost intent is the class, the outermost slots are the entities; what is nested in them is counted.
struct TreeFile: SplitSource {
  var wordPath: String
  var context = ReadingContext()
  var bytesOfText: Int { fileSize(wordPath) / 2 }

  func readSentences(
    _ report: inout ReadReport, _ body: (borrowing Sentence) throws(DataError) -> Void
  ) throws(DataError) {
    try withText(wordPath, &report) { (bytes, report) throws(DataError) in
      var lines = LineCursor(bytes)
      var sentence = Sentence()
      while let line = lines.next() {
        if line.isEmpty { continue }
        sentence.clear()
        sentence.line = lines.number
        guard let tree = Self.tree(in: bytes, line) else {
          // The first line may name the columns.
          report.passOver("lines without a tree ([IN: …])", in: wordPath, line: lines.number)
          continue
        }
        try read(tree, bytes, into: &sentence, &report)
        if !sentence.words.isEmpty { try body(sentence) }
      }
    }
  }

  private static let intent = Array("[IN:".utf8)
  private static let slot = Array("[SL:".utf8)

  /// The field that begins with `[IN:`.
  static func tree(in bytes: UnsafeBufferPointer<UInt8>, _ line: Range<Int>) -> Range<Int>? {
    var start = line.lowerBound
    for end in line.lowerBound...line.upperBound where end == line.upperBound || bytes[end] == 0x09 {
      let field = bytes.trimmed(start..<end)
      if bytes.slice(field).starts(with: intent) { return field }
      start = end + 1
    }
    return nil
  }

  private func read(
    _ tree: Range<Int>, _ bytes: UnsafeBufferPointer<UInt8>, into sentence: inout Sentence, _ report: inout ReadReport
  ) throws(DataError) {
    var depth = 0
    /// How deep the outermost open slot is, and its type.
    var slot: (depth: Int, type: UnsafeBufferPointer<UInt8>)?
    var isFirst = false
    var position = tree.lowerBound
    while let range = bytes.nextASCIIWord(from: &position, before: tree.upperBound) {
      let token = bytes.slice(range)
      let opens = token[0] == UInt8(ascii: "[")
      let isIntent = opens && token.starts(with: Self.intent)
      if isIntent || opens && token.starts(with: Self.slot) {
        depth += 1
        let name = token.slice(Self.intent.count..<token.count)
        if depth == 1 {
          sentence.label = Array(name)
        } else if !isIntent, slot == nil {
          (slot, isFirst) = ((depth, name), true)
        } else if slot != nil || depth > 1 {
          report.passOver("intents and slots inside others", in: wordPath, line: sentence.line)
        }
      } else if token.count == 1, token.first == UInt8(ascii: "]") {
        if slot?.depth == depth { slot = nil }
        depth -= 1
        if depth < 0 { break }
      } else {
        sentence.words.append(token)
        if let slot {
          sentence.tags.append(isFirst ? .begin : .inside, slot.type)
        } else {
          sentence.tags.appendOutside()
        }
        isFirst = false
      }
    }
    guard depth == 0 else {
      throw .malformed(wordPath, line: sentence.line, "the tree's brackets do not match: close each with ] of its own")
    }
  }
}
