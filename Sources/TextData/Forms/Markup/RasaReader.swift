import Yams

/// Training examples of Rasa NLU, in YAML or in Markdown.
struct RasaFile: SplitSource {
  var wordPath: String
  var isYAML: Bool
  var context = ReadingContext()
  var bytesOfText: Int { fileSize(wordPath) }

  func readSentences(
    _ report: inout ReadReport, _ body: (borrowing Sentence) throws(DataError) -> Void
  ) throws(DataError) {
    try withText(wordPath, &report) { (bytes, report) throws(DataError) in
      var reader = RasaReader(path: wordPath, context)
      if isYAML {
        try reader.readYAML(bytes, &report, body)
      } else {
        try reader.readMarkdown(bytes, &report, body)
      }
      report.remarks += reader.tagger.remarks
    }
  }
}

private struct RasaReader {
  let path: String
  var tagger: SpanTagger
  private var text = MarkedText()

  init(path: String, _ context: ReadingContext) {
    self.path = path
    tagger = SpanTagger(path: path, longestSentence: context.longestSentence)
  }

  private mutating func readExample(
    _ source: UnsafeBufferPointer<UInt8>, intent: [UInt8], line: Int,
    _ body: (borrowing Sentence) throws(DataError) -> Void
  ) throws(DataError) {
    InlineMarkup.readRasa(source, into: &text)
    if !text.isBlank { try tagger.read(text, label: intent, line: line, body) }
  }

  // MARK: - Markdown

  /// `## intent:name`, then a line `- example` each; `<!-- … -->` is a comment.
  mutating func readMarkdown(
    _ bytes: UnsafeBufferPointer<UInt8>, _ report: inout ReadReport,
    _ body: (borrowing Sentence) throws(DataError) -> Void
  ) throws(DataError) {
    var lines = LineCursor(bytes)
    var intent: [UInt8]?
    var isComment = false
    while let line = lines.next() {
      if !isComment, bytes.firstIndex(of: UInt8(ascii: "<"), in: line) == nil {
        try readMarkdown(bytes.slice(line), lines.number, &intent, &report, body)
      } else {
        try Self.uncommented(bytes.slice(line), &isComment).withUnsafeBufferPointer { (rest) throws(DataError) in
          try readMarkdown(rest.slice(rest.trimmed(rest.indices)), lines.number, &intent, &report, body)
        }
      }
    }
  }

  private mutating func readMarkdown(
    _ line: UnsafeBufferPointer<UInt8>, _ number: Int, _ intent: inout [UInt8]?, _ report: inout ReadReport,
    _ body: (borrowing Sentence) throws(DataError) -> Void
  ) throws(DataError) {
    guard let first = line.first else { return }
    if first == UInt8(ascii: "#") {
      let header = line.text(line.indices).drop { $0 == "#" }.trimmingWhiteSpace()
      let parts = header.split(separator: ":", maxSplits: 1)
      let section = parts.first.map { $0.trimmingWhiteSpace() } ?? ""
      intent = section == "intent" && parts.count == 2 ? Array(parts[1].trimmingWhiteSpace().utf8) : nil
      if intent == nil { report.passOver("section \(quoted(section))", in: path, line: number) }
    } else if let intent, "-*+".utf8.contains(first) {
      let example = line.trimmed(1..<line.count)
      try readExample(line.slice(example), intent: intent, line: number, body)
    } else if intent != nil {
      report.passOver("lines that are no examples (- …)", in: path, line: number)
    }
  }

  /// A line without its comments, of which one may have begun before it or go on behind it.
  private static func uncommented(_ line: UnsafeBufferPointer<UInt8>, _ isComment: inout Bool) -> [UInt8] {
    let (opening, closing) = (Array("<!--".utf8), Array("-->".utf8))
    var rest: [UInt8] = []
    var position = 0
    while position < line.count {
      if line.slice(position..<line.count).starts(with: isComment ? closing : opening) {
        position += isComment ? closing.count : opening.count
        isComment.toggle()
        continue
      }
      if !isComment { rest.append(line[position]) }
      position += 1
    }
    return rest
  }

  // MARK: - YAML

  mutating func readYAML(
    _ bytes: UnsafeBufferPointer<UInt8>, _ report: inout ReadReport,
    _ body: (borrowing Sentence) throws(DataError) -> Void
  ) throws(DataError) {
    let outline = YAMLOutline(bytes)
    let root: Node?
    do {
      root = try Yams.compose(yaml: outline.text)
    } catch let error as YamlError {
      let line: Int? =
        switch error {
        case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _): mark.line
        default: nil
        }
      throw .malformed(path, line: line.map(outline.line), "this is not valid YAML there: mend it")
    } catch {
      throw .malformed(path, "this is not valid YAML: mend it")
    }
    guard let mapping = root?.mapping else { return }
    for (key, value) in mapping {
      guard key.string == "nlu", let sections = value.sequence else {
        if key.string != "version" {
          report.passOver("key \(quoted(key.string ?? "?"))", in: path, line: outline.line(of: key))
        }
        continue
      }
      for section in sections { try readSection(section, outline, &report, body) }
    }
  }

  private mutating func readSection(
    _ section: Node, _ outline: YAMLOutline, _ report: inout ReadReport,
    _ body: (borrowing Sentence) throws(DataError) -> Void
  ) throws(DataError) {
    guard let intent = section["intent"]?.string.map({ Array($0.utf8) }) else {
      let name = section.mapping?.first?.key.string ?? "?"
      return report.passOver("section \(quoted(name))", in: path, line: outline.line(of: section))
    }
    guard let examples = section["examples"] else { return }
    if let list = examples.sequence {
      // `- text: …` with what belongs to it.
      for example in list {
        guard let text = example["text"]?.string ?? example.string else {
          report.passOver("examples without a text", in: path, line: outline.line(of: example))
          continue
        }
        let line = outline.line(of: example) ?? 1
        try Array(text.utf8).withUnsafeBufferPointer { (bytes) throws(DataError) in
          try readLines(bytes, isMarked: false, intent, line: line, &report, body)
        }
      }
    } else if let block = outline.block(of: examples) {
      try readLines(block.text, isMarked: true, intent, line: block.line, &report, body)
    } else if let text = examples.string {
      // The block begins on the line behind its `|`.
      let line = (outline.line(of: examples) ?? 0) + 1
      try Array(text.utf8).withUnsafeBufferPointer { (bytes) throws(DataError) in
        try readLines(bytes, isMarked: true, intent, line: line, &report, body)
      }
    }
  }

  /// Reads the examples of a block, one a line.
  ///
  /// - Parameter isMarked: whether each begins with `- `.
  private mutating func readLines(
    _ bytes: UnsafeBufferPointer<UInt8>, isMarked: Bool, _ intent: [UInt8], line first: Int, _ report: inout ReadReport,
    _ body: (borrowing Sentence) throws(DataError) -> Void
  ) throws(DataError) {
    var lines = LineCursor(bytes)
    while let row = lines.next() {
      let line = first + lines.number - 1
      var example = row
      if example.isEmpty { continue }
      if isMarked {
        guard bytes[example.lowerBound] == UInt8(ascii: "-") else {
          report.passOver("lines that are no examples (- …)", in: path, line: line)
          continue
        }
        example = bytes.trimmed(example.lowerBound + 1..<example.upperBound)
      }
      try readExample(bytes.slice(example), intent: intent, line: line, body)
    }
  }
}

extension StringProtocol {
  fileprivate func trimmingWhiteSpace() -> String {
    let start = drop(while: \.isWhitespace)
    return String(start.prefix(upTo: start.lastIndex { !$0.isWhitespace }.map(start.index(after:)) ?? start.startIndex))
  }
}
