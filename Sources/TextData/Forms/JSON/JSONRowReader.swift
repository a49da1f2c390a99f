/// Reads the rows of a JSON file: words with a tag each, or a text with labelled spans, and a class.
///
/// Keys are those of `JSONKeys`; the first that a row has is read, other keys are counted. Integers stand for the names
/// in `<key>.names` beside the file (one a line) or in Hugging Face's `dataset_info.json`; `null` and -100 for a word
/// without a tag or a sentence without a class, and -1 for the latter too where classes have names. Rows without words,
/// and those that Prodigy's `answer` rejects or ignores, are skipped and counted.
struct JSONReader {
  let path: String
  let bytes: UnsafeBufferPointer<UInt8>
  let schema: JSONSchema
  let context: ReadingContext
  var row: JSONRow
  var sentence = Sentence()
  var tagger: SpanTagger
  /// The text of the row, where spans label it.
  var text = MarkedText()
  /// Where the text's words lie, where they come one by one.
  var words = Refilled<Range<Int>>()
  /// The row's spans as they are written.
  var spans: [JSONSpan] = []
  var spanKeys: JSONKeyTable
  var labels: JSONLabels
  var offsets = OffsetChoice()
  var wordEnds = WordEndChoice()
  var spanCounts = JSONSpanCounts()
  var skipped = FirstAndCount()
  private var refused: [String: FirstAndCount] = [:]
  private var otherSplit = FirstAndCount()
  var controlCharacters = FirstAndCount()

  /// Prodigy's answers; any other text under that key is something else.
  private static let answers = ["accept", "reject", "ignore"]

  init(path: String, _ row: JSONRow, _ schema: JSONSchema, _ context: ReadingContext) {
    self.path = path
    bytes = row.bytes
    self.row = row
    self.schema = schema
    self.context = context
    tagger = SpanTagger(path: path, longestSentence: context.longestSentence)
    labels = JSONLabels(path: path, bytes: row.bytes)
    spanKeys = JSONSpan.keyTable(row.bytes)
  }

  mutating func read(
    _ cursor: inout JSONCursor, _ line: Int, _ report: inout ReadReport,
    _ body: (borrowing Sentence) throws(DataError) -> Void
  ) throws(RowFailure) {
    do throws(JSONProblem) { try row.read(&cursor) } catch { throw .json(error) }
    do throws(DataError) {
      sentence.clear()
      sentence.line = line
      guard isWanted() else { return }
      try readSentences(&report, body)
      row.noteUnread(line: line)
    } catch {
      throw .data(error)
    }
  }

  /// Whether the row is one to be read: accepted, and of this split.
  private mutating func isWanted() -> Bool {
    if schema.hasAnswers, let value = row.value("answer") {
      let text = bytes.text(value)
      if let answer = Self.answers.first(where: { text == "\"\($0)\"" }) {
        row.markRead("answer")
        if answer != Self.answers[0] {
          refused[answer, default: FirstAndCount()].note(sentence.line)
          return false
        }
      }
    }
    guard let split = context.split, let key = schema.splitKey, let value = row.value(key),
      let own = JSONSurvey.split(value, bytes)
    else { return true }
    row.markRead(key)
    // What is not for training serves both as dev and as test.
    let isWanted = key == "training" ? (own == .train) == (split == .train) : own == split
    if !isWanted { otherSplit.note(sentence.line) }
    return isWanted
  }

  private mutating func readSentences(
    _ report: inout ReadReport, _ body: (borrowing Sentence) throws(DataError) -> Void
  ) throws(DataError) {
    if schema.hasDocuments, let lists = row.value("sentences"), let entities = row.value("ner"),
      bytes.isJSONArray(lists)
    {
      return try readDocument(lists, entities, &report, body)
    }
    if schema.hasParagraphs, let paragraphs = row.value("paragraphs"), bytes.isJSONArray(paragraphs) {
      return try readParagraphs(paragraphs, &report, body)
    }
    if let key = schema.keys.marked.first(where: { row.value($0).map(bytes.isJSONString) ?? false }),
      let value = row.value(key), context.options.words == nil
    {
      row.markRead(key)
      try readClass(besides: nil, &report)
      bytes.withJSONText(value) { source, hasControl in
        InlineMarkup.readBrackets(source, into: &text)
        if hasControl { controlCharacters.note(sentence.line) }
      }
      if text.isBlank { return skipped.note(sentence.line) }
      return try tagger.read(text, label: sentence.label, line: sentence.line, body)
    }
    let words = try findWords()
    let isText = words.value.map(bytes.isJSONString) ?? false
    if isText, schema.spans != nil {
      guard let value = words.value else { return }
      try readClass(besides: nil, &report)
      text.clear()
      bytes.withJSONText(value) { source, hasControl in
        text.bytes.append(contentsOf: source)
        if hasControl { controlCharacters.note(sentence.line) }
      }
      try readSpans(&report)
      if text.isBlank { return skipped.note(sentence.line) }
      return try tagger.read(text, tokens: ownTokens(), label: sentence.label, line: sentence.line, body)
    }
    if schema.countsWords, let value = words.value, bytes.isJSONArray(value) {
      try readClass(besides: nil, &report)
      return try readWordSpans(value, key: words.key, &report, body)
    }
    let tags = try tagField()
    if let tags { try labels.readTags(tags.value, key: tags.key, into: &sentence, &report) }
    if let value = words.value { try readWords(value, key: words.key) }
    if let tags, sentence.tags.count != sentence.words.count {
      throw .malformed(
        path, line: sentence.line,
        "\(counted(sentence.tags.count, "tag")) in \"\(tags.key)\" for "
          + "\(counted(sentence.words.count, "word")) in \"\(words.key)\": give every word one tag")
    }
    try readClass(besides: tags?.key, &report)
    if sentence.words.isEmpty { skipped.note(sentence.line) } else { try body(sentence) }
  }

  /// Marks a member read and gives its value, nil for null; refuses a key that the row has twice.
  private mutating func take(_ key: String, at place: Int) throws(DataError) -> Range<Int>? {
    guard !row.isRepeated(at: place) else {
      throw .malformed(path, line: sentence.line, "the key \"\(key)\" occurs twice: keep one")
    }
    row.markRead(at: place)
    return row.value(at: place)
  }

  // MARK: - Words

  /// The value that has the words; none where the first such key is null.
  private mutating func findWords() throws(DataError) -> (key: String, value: Range<Int>?) {
    if let text = row.text { return ("text", text) }
    for key in schema.words {
      guard let place = row.place(of: key) else { continue }
      let value = row.members[place].value
      // An array of objects is the text's tokens with their places.
      if bytes.firstElement(value).map(bytes.isJSONObject) ?? false { continue }
      if bytes.isJSONObject(value), schema.keys.outer.contains(key) { continue }
      return (key, try take(key, at: place))
    }
    for key in schema.keys.outer {
      guard let value = row.value(key), let text = schema.keys.text(inside: value, bytes) else { continue }
      row.markRead(key)
      return (key, text)
    }
    let expected =
      context.options.words.map { "there is no key \"\($0)\" in this row" }
      ?? "no words: name them \"tokens\" (an array) or \"text\", or say --words KEY"
    throw .malformed(path, line: sentence.line, expected)
  }

  private mutating func readWords(_ value: Range<Int>, key: String) throws(DataError) {
    if bytes.isJSONString(value) {
      return bytes.withJSONText(value) { text, hasControl in
        sentence.readWords(of: text, in: text.indices)
        if hasControl { controlCharacters.note(sentence.line) }
      }
    }
    guard bytes.isJSONArray(value) else {
      throw .malformed(path, line: sentence.line, "\"\(key)\" is neither an array of strings nor a string")
    }
    try appendWords(value, key: key)
  }

  private mutating func appendWords(_ value: Range<Int>, key: String) throws(DataError) {
    var hasControl = false
    for element in bytes.jsonElements(value) {
      guard bytes.isJSONString(element) else { throw notAString(key) }
      bytes.withJSONText(element) { word, isChanged in
        sentence.words.append(word.slice(word.trimmed(word.indices)))
        hasControl = hasControl || isChanged
      }
    }
    if hasControl { controlCharacters.note(sentence.line) }
  }

  func notAString(_ key: String) -> DataError {
    .malformed(path, line: sentence.line, "a word in \"\(key)\" is not a string: write every word in quotation marks")
  }

  /// Where the words of the text are, if it comes with its own tokens (Prodigy's, by their places).
  private mutating func ownTokens() -> Refilled<Range<Int>>? {
    let text = text.bytes
    guard schema.hasTokens, let value = row.value("tokens"), bytes.isJSONArray(value) else { return nil }
    let map = text.withUnsafeBufferPointer { OffsetMap($0, offsets.unit) }
    var tokens = Refilled<Range<Int>>()
    for element in bytes.jsonElements(value) {
      let token = JSONSpan(of: element, bytes)
      guard let start = token.start.map({ map[$0] }), let end = token.end.map({ map[$0] }),
        start >= tokens.last?.upperBound ?? 0, start <= end, end <= text.count
      else { return nil }
      let range = text.withUnsafeBufferPointer { $0.trimmed(start..<end) }
      if !range.isEmpty { tokens.append(range) }
    }
    guard !tokens.isEmpty else { return nil }
    row.markRead("tokens")
    return tokens
  }

  // MARK: - Labels

  /// The tags of words, a tag each.
  private mutating func tagField() throws(DataError) -> (key: String, value: Range<Int>)? {
    for key in schema.keys.tags {
      guard let place = row.place(of: key) else { continue }
      let value = row.members[place].value
      // Tools write spans and classes under the same keys.
      if key == "labels", !isArrayOfScalars(value) || schema.labels.contains(key) { continue }
      if key == schema.spans?.key, !isArrayOfScalars(value) { continue }
      return try take(key, at: place).map { (key, $0) }
    }
    return nil
  }

  private func isArrayOfScalars(_ value: Range<Int>) -> Bool {
    guard let first = bytes.firstElement(value) else { return false }
    return !bytes.isJSONArray(first) && !bytes.isJSONObject(first)
  }

  /// Reads the class under the first key that may have it.
  private mutating func readClass(besides tags: String?, _ report: inout ReadReport) throws(DataError) {
    if let label = row.label { return sentence.label = bytes.jsonString(label) }
    for key in schema.labels where key != tags {
      guard let place = row.place(of: key), row.value(at: place) != nil, let value = try take(key, at: place) else {
        continue
      }
      let label = key == schema.results ? chosenAnnotation(value)?.choice : value
      if let label { try labels.readClass(label, key: key, into: &sentence, &report) }
      return
    }
  }

  // MARK: - The end

  func noteRest(_ report: inout ReadReport) {
    report.remarks += [
      skipped.remark(path) { "\(counted($0, "object")) without words skipped." },
      labels.unlabelled.remark(path) { "\(counted($0, "sentence")) without a class (-1)." },
      controlCharacters.remark(path) { "control characters in \(counted($0, "string")): read as white space." },
    ].compactMap(\.self)
    for (answer, seen) in refused.sorted(by: { $0.key < $1.key }) {
      report.passOver("objects whose \"answer\" is \"\(answer)\"", in: path, line: seen.first, count: seen.count)
    }
    if let key = schema.splitKey, otherSplit.count > 0 {
      report.passOver(
        "rows of other splits (by \"\(key)\")", in: path, line: otherSplit.first, count: otherSplit.count)
    }
    spanCounts.passOver(in: path, &report)
    row.passOverUnread(in: path, &report)
    report.remarks += [offsets.remark(path), wordEnds.remark(path)].compactMap(\.self)
    report.remarks += spanCounts.remarks(path) + tagger.remarks
  }
}

/// Writes spaces for control characters that are not white space; says whether there were any.
func replaceControlCharacters(in text: inout [UInt8]) -> Bool {
  var found = false
  for index in text.indices where (text[index] < 0x20 && !isWhiteSpace(text[index])) || text[index] == 0x7F {
    text[index] = 0x20
    found = true
  }
  return found
}
