/// A folder of brat's stand-off annotations: `NAME.txt` with the text, `NAME.ann` with what is marked in it.
struct BratFolder: SplitSource {
  let wordPath: String
  var context = ReadingContext()
  private let names: [String]

  var tagPath: String { wordPath }
  var bytesOfText: Int { names.reduce(0) { $0 + fileSize(join(wordPath, $1 + ".txt")) } }

  /// Finds the pairs of files; nil if there are none.
  init?(folder: String, _ context: ReadingContext) {
    let all = Set(namesOfFiles(in: folder))
    names = all.filter { $0.hasSuffix(".ann") }.map { String($0.dropLast(4)) }.filter { all.contains($0 + ".txt") }
      .sorted(by: bytesPrecede)
    guard !names.isEmpty else { return nil }
    wordPath = folder
    self.context = context
  }

  func readSentences(
    _ report: inout ReadReport, _ body: (borrowing Sentence) throws(DataError) -> Void
  ) throws(DataError) {
    for name in names {
      let (text, annotations) = (join(wordPath, name + ".txt"), join(wordPath, name + ".ann"))
      try withText(text, &report) { (textBytes, report) throws(DataError) in
        try withText(annotations, &report) { (bytes, report) throws(DataError) in
          var marked = MarkedText()
          marked.bytes.append(contentsOf: textBytes)
          try Self.readSpans(bytes, of: &marked, annotations, &report)
          var tagger = SpanTagger(path: text, longestSentence: context.longestSentence)
          try tagger.read(marked, label: nil, line: 1, body)
          report.remarks += tagger.remarks
        }
      }
    }
  }

  /// The lines `T1⇥Type 0 5⇥text`; others (events, relations, attributes, notes) are counted.
  private static func readSpans(
    _ bytes: UnsafeBufferPointer<UInt8>, of text: inout MarkedText, _ path: String, _ report: inout ReadReport
  ) throws(DataError) {
    let map = text.bytes.withUnsafeBufferPointer { OffsetMap($0, .codePoints) }
    var lines = LineCursor(bytes)
    while let line = lines.next() {
      guard let first = line.first.map({ bytes[$0] }) else { continue }
      guard first == UInt8(ascii: "T") else {
        report.passOver("lines of kind \(quoted(String(UnicodeScalar(first))))", in: path, line: lines.number)
        continue
      }
      let fields = bytes[line].split(separator: 0x09, maxSplits: 2)
      let parts = fields.count > 1 ? fields[1].split(separator: 0x20) : []
      func number(_ part: Slice<UnsafeBufferPointer<UInt8>>) -> Int? { Int(String(decoding: part, as: UTF8.self)) }
      if parts.count > 3 {
        // `Type 0 5;9 12`
        report.passOver("spans in several pieces", in: path, line: lines.number)
        continue
      }
      guard parts.count == 3, let start = number(parts[1]), let end = number(parts[2]), start >= 0, end >= start else {
        throw .malformed(path, line: lines.number, "expected a span, such as T1, a tab, Person 0 5, a tab, its text")
      }
      text.addSpan(map[start], map[end], parts[0])
    }
  }
}
