/// What the ends of spans that count words are, deduced from a file's first thousands that show it.
struct WordEndChoice {
  /// Spans that end where they begin: the last word is theirs, or they would have none.
  private var equal = 0
  /// Spans that end behind their row's last word.
  private var behind = 0
  private var count = 0

  /// Whether more spans would show nothing new.
  var isDecided: Bool { equal + behind >= 10_000 }

  /// Whether a span's end is its last word; else it is the word behind that.
  var isLastWord: Bool { equal > behind }

  mutating func note(_ spans: [JSONSpan], words: Int) {
    for span in spans where span.lastWord == nil {
      guard let start = span.start, let end = span.end else { continue }
      count += 1
      if start == end { equal += 1 } else if end == words { behind += 1 }
    }
  }

  func remark(_ path: String) -> String? {
    guard count > 0 else { return nil }
    let end = isLastWord ? "its last word (there are some that end where they begin)" : "the word behind it"
    return "\(path): spans count words from 0: the end of one is \(end)."
  }
}

/// Rows whose words come one by one: with spans that count them, in documents and in paragraphs.
extension JSONReader {
  /// The row's array of words.
  func wordList() -> Range<Int>? {
    for key in schema.words {
      if let value = row.value(key), bytes.firstElement(value).map(bytes.isJSONString) ?? false { return value }
    }
    return nil
  }

  /// Reads a row's words with the spans that count them.
  mutating func readWordSpans(
    _ list: Range<Int>, key: String, _ report: inout ReadReport,
    _ body: (borrowing Sentence) throws(DataError) -> Void
  ) throws(DataError) {
    try fillText(list, key: key)
    findSpans(counting: true)
    for span in spans {
      let last = span.lastWord ?? span.end.map { wordEnds.isLastWord ? $0 : $0 - 1 }
      try addSpan(span, from: span.firstWord ?? span.start, to: last, key: schema.spans?.key, &report)
    }
    try readTokens(label: sentence.label, body)
  }

  /// Reads `sentences` and `ner`, an array of each sentence's words and one of its spans, whose places count the words
  /// of the whole document, the last one included.
  mutating func readDocument(
    _ lists: Range<Int>, _ entities: Range<Int>, _ report: inout ReadReport,
    _ body: (borrowing Sentence) throws(DataError) -> Void
  ) throws(DataError) {
    row.markRead("sentences")
    row.markRead("ner")
    let bytes = bytes
    let sentences = Array(bytes.jsonElements(lists))
    let entities = Array(bytes.jsonElements(entities))
    guard sentences.count == entities.count else {
      throw .malformed(
        path, line: sentence.line,
        "\(counted(entities.count, "list")) in \"ner\" for \(counted(sentences.count, "sentence")): give every sentence "
          + "one")
    }
    var before = 0
    for (list, entities) in zip(sentences, entities) {
      try fillText(list, key: "sentences")
      spans.removeAll(keepingCapacity: true)
      JSONSpan.append(entities, bytes, to: &spans, &spanKeys)
      for span in spans {
        try addSpan(
          span, from: span.start.map { $0 - before }, to: span.end.map { $0 - before }, key: "ner", &report)
      }
      before += words.count
      try readTokens(label: nil, body)
    }
  }

  /// Makes a list of words the text, with a space behind each, and notes where they lie.
  private mutating func fillText(_ list: Range<Int>, key: String) throws(DataError) {
    text.clear()
    words.removeAll()
    var hasControl = false
    for element in bytes.jsonElements(list) {
      guard bytes.isJSONString(element) else { throw notAString(key) }
      let start = text.bytes.count
      bytes.withJSONText(element) { word, isChanged in
        text.bytes.append(contentsOf: word.slice(word.trimmed(word.indices)))
        hasControl = hasControl || isChanged
      }
      if text.bytes.count == start { spanCounts.emptyWords.note(sentence.line) }
      words.append(start..<text.bytes.count)
      text.bytes.append(0x20)
    }
    if hasControl { controlCharacters.note(sentence.line) }
  }

  private mutating func addSpan(
    _ span: JSONSpan, from first: Int?, to last: Int?, key: String?, _ report: inout ReadReport
  ) throws(DataError) {
    guard let first, let last, first <= last, words.indices.contains(first), words.indices.contains(last) else {
      return spanCounts.unplaced.note(sentence.line)
    }
    try addSpan(words[first].lowerBound..<words[last].upperBound, span.type, key: key, &report)
  }

  private mutating func readTokens(
    label: [UInt8]?, _ body: (borrowing Sentence) throws(DataError) -> Void
  ) throws(DataError) {
    if words.allSatisfy(\.isEmpty) { return skipped.note(sentence.line) }
    try tagger.read(text, tokens: words, label: label, line: sentence.line, body)
  }

  /// Reads spaCy 2's training data: paragraphs of sentences of tokens, each with its word (`orth`) and tag (`ner`, `-`
  /// where it is unknown).
  mutating func readParagraphs(
    _ paragraphs: Range<Int>, _ report: inout ReadReport, _ body: (borrowing Sentence) throws(DataError) -> Void
  ) throws(DataError) {
    row.markRead("paragraphs")
    let bytes = bytes
    var paragraphs = JSONObjects(bytes, paragraphs)
    while paragraphs.next() {
      if let cats = paragraphs.members.value("cats"), bytes.firstElement(cats) != nil {
        report.passOver("\"cats\" of paragraphs", in: path, line: sentence.line)
      }
      guard let sentences = paragraphs.members.value("sentences") else { continue }
      var parts = JSONObjects(bytes, sentences)
      while parts.next() {
        guard let tokens = parts.members.value("tokens") else { continue }
        let line = sentence.line
        sentence.clear()
        var rest = JSONObjects(bytes, tokens)
        while rest.next() {
          guard let word = rest.members.value("orth"), bytes.isJSONString(word) else {
            throw .malformed(path, line: line, "a token without \"orth\", its word")
          }
          bytes.withJSONText(word) { word, _ in sentence.words.append(word) }
          let tag = rest.members.value("ner").map { bytes.jsonString($0) } ?? []
          sentence.tags.append(tag == [UInt8(ascii: "-")] ? [] : tag)
        }
        if sentence.words.isEmpty { skipped.note(line) } else { try body(sentence) }
      }
    }
  }
}
