/// A sentence a line in columns by tabs: perhaps its number, its class, its spans as `7:12:city,20:25:date` in Unicode
/// scalars, its text, and columns that are not read; as Facebook's multilingual task-oriented dialogues have it, and
/// MTOP, whose parse tree in a later column has the words of slots alone.
struct SpanTableFile: SplitSource {
  var wordPath: String
  var context = ReadingContext()
  var bytesOfText: Int { fileSize(wordPath) / 2 }

  func readSentences(
    _ report: inout ReadReport, _ body: (borrowing Sentence) throws(DataError) -> Void
  ) throws(DataError) {
    try withText(wordPath, &report) { (bytes, report) throws(DataError) in
      var tagger = SpanTagger(path: wordPath, longestSentence: context.longestSentence)
      var lines = LineCursor(bytes)
      var text = MarkedText()
      while let line = lines.next() {
        if line.isEmpty { continue }
        let fields = Self.fields(bytes, line)
        guard let (first, spans) = Self.spans(among: fields.count, { bytes.text(fields[$0]) }) else {
          throw .malformed(
            wordPath, line: lines.number,
            "expected are class, spans such as 7:12:city, and text with tabs between them, as on the lines before")
        }
        for column in fields.indices where !(first..<first + 3).contains(column) {
          report.passOver("column \(column + 1)", in: wordPath, line: lines.number)
        }
        text.clear()
        text.bytes.append(contentsOf: bytes.slice(fields[first + 2]))
        if text.isBlank { continue }
        let name = bytes.slice(fields[first])
        let label = name.isEmpty ? nil : Array(name.dropFirst(name.starts(with: "IN:".utf8) ? 3 : 0))
        Self.place(spans, in: &text)
        try tagger.read(text, label: label, line: lines.number, body)
      }
      report.remarks += tagger.remarks
    }
  }

  /// Whether the first lines are of this form, and one of them has spans.
  static func isMeant(by lines: [String]) -> Bool {
    var hasSpans = false
    for line in lines.prefix(10) {
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
      guard let (_, spans) = spans(among: fields.count, { String(fields[$0]) }) else { return false }
      hasSpans = hasSpans || !spans.isEmpty
    }
    return hasSpans
  }

  private typealias Span = (start: Int, end: Int, type: String)

  private static func fields(_ bytes: UnsafeBufferPointer<UInt8>, _ line: Range<Int>) -> [Range<Int>] {
    var fields: [Range<Int>] = []
    var start = line.lowerBound
    for end in line.lowerBound...line.upperBound where end == line.upperBound || bytes[end] == 0x09 {
      fields.append(start..<end)
      start = end + 1
    }
    return fields
  }

  /// The spans of a line and the column of its class, which stands before them; nil where the line is another.
  private static func spans(among count: Int, _ field: (Int) -> String) -> (first: Int, spans: [Span])? {
    for first in 0..<2 where count >= first + 3 {
      // Before the class there may be the line's number.
      guard first == 0 || Int(field(0)) != nil, let spans = spans(field(first + 1)) else { continue }
      return (first, spans)
    }
    return nil
  }

  /// Takes `7:12:city,20:25:date` apart; nil for any other text. `SL:` before a type says that it is a slot's.
  private static func spans(_ text: String) -> [Span]? {
    var spans: [Span] = []
    for part in text.split(separator: ",") {
      let pieces = part.split(separator: ":", maxSplits: 2)
      guard pieces.count == 3, let start = Int(pieces[0]), let end = Int(pieces[1]), start >= 0, end >= start else {
        return nil
      }
      spans.append((start, end, String(pieces[2].hasPrefix("SL:") ? pieces[2].dropFirst(3) : pieces[2])))
    }
    return spans
  }

  /// Adds spans by their bytes; what lies beyond the text stays beyond it.
  private static func place(_ spans: [Span], in text: inout MarkedText) {
    let map = text.bytes.withUnsafeBufferPointer { OffsetMap($0, .codePoints) }
    for span in spans { text.addSpan(map[span.start], map[span.end], span.type.utf8) }
  }
}
