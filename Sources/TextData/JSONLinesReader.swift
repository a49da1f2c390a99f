/// Reads JSONL: one object a line, with its words, its tags and its class under any of the accepted names.
///
/// - Words: `tokens`, `words` or `text`: an array of strings, or a string whose words white space separates.
/// - Tags: `tags`, `ner_tags`, `slot`, `slots`, or `labels` if it is an array of strings or integers: an array, or a
///   string like the words'.
/// - Class: `label`, `intent` or `class`: a string, an integer, or an array of one string.
///
/// The first name present is read; other keys are counted. Integers stand for the names in `<key>.names` beside the
/// file (one a line) or in Hugging Face's `dataset_info.json`; `null` and -100 for a word without a tag or a
/// sentence without a class, and -1 for the latter too where classes have names. Empty lines are passed over;
/// objects without words, and those that Prodigy's `answer` rejects or ignores, are skipped and counted.
func readJSONLines(
  _ path: String, _ report: inout ReadReport, _ body: (borrowing Sentence) throws(DataError) -> Void
) throws(DataError) {
  try withText(path, &report) { (bytes, report) throws(DataError) in
    var reader = JSONLinesReader(path: path, bytes: bytes)
    try reader.read(&report, body)
  }
}

private struct JSONLinesReader {
  let path: String
  let bytes: UnsafeBufferPointer<UInt8>
  private var sentence = Sentence()
  private var fields: [Field] = []
  /// All keys met, by number, and how often each had content that was not read.
  private var keys = StringTable()
  private var unread: [FirstAndCount] = []
  private var names: [String: LabelNames] = [:]
  private var namelessClasses = false
  /// Sentences whose class is -1 among named ones.
  private var unlabelled = FirstAndCount()
  private var refused: [String: FirstAndCount] = [:]
  private var controlCharacters = FirstAndCount()

  private struct Field {
    var key: Int32
    var value: Range<Int>
    var isRead = false
  }

  private static let wordKeys = ["tokens", "words", "text"]
  private static let tagKeys = ["tags", "ner_tags", "slot", "slots", "labels"]
  private static let labelKeys = ["label", "intent", "class"]
  /// Prodigy's answers; any other text under that key is something else.
  private static let answers = ["accept", "reject", "ignore"]

  init(path: String, bytes: UnsafeBufferPointer<UInt8>) {
    self.path = path
    self.bytes = bytes
  }

  mutating func read(
    _ report: inout ReadReport, _ body: (borrowing Sentence) throws(DataError) -> Void
  ) throws(DataError) {
    var lines = LineCursor(bytes)
    var skipped = FirstAndCount()
    while let line = lines.next() {
      if line.isEmpty { continue }
      sentence.clear()
      sentence.line = lines.number
      do {
        try readFields(line)
      } catch {
        let place = "byte \(error.position - line.lowerBound + 1) of the object"
        throw .malformed(path, line: lines.number, "\(error.sentence) at \(place): write one JSON object a line")
      }
      if let answer = try answer(), answer != Self.answers[0] {
        refused[answer, default: FirstAndCount()].note(lines.number)
        continue
      }
      try fillSentence(&report)
      for field in fields where !field.isRead && hasContent(field.value) { unread[Int(field.key)].note(lines.number) }
      if sentence.words.isEmpty { skipped.note(lines.number) } else { try body(sentence) }
    }
    if let first = skipped.first {
      report.remarks.append("\(path):\(first): \(counted(skipped.count, "object")) without words skipped.")
    }
    noteRest(&report)
  }

  private func noteRest(_ report: inout ReadReport) {
    if let first = unlabelled.first {
      report.remarks.append("\(path):\(first): \(counted(unlabelled.count, "sentence")) without a class (-1).")
    }
    if let first = controlCharacters.first {
      report.remarks.append(
        "\(path):\(first): control characters in \(counted(controlCharacters.count, "string")): read as white space.")
    }
    for (answer, seen) in refused.sorted(by: { $0.key < $1.key }) {
      report.passOver("objects whose \"answer\" is \"\(answer)\"", in: path, line: seen.first, count: seen.count)
    }
    for key in 0..<keys.count where unread[key].count > 0 {
      let name = quoted(keys.string(Int32(key)))
      report.passOver("key \(name)", in: path, line: unread[key].first, count: unread[key].count)
    }
  }

  /// Notes where the value of each key lies, and checks the whole object.
  private mutating func readFields(_ line: Range<Int>) throws(JSONProblem) {
    var cursor = JSONCursor(bytes, line)
    var found = fields
    found.removeAll(keepingCapacity: true)
    fields = []
    var keys = self.keys
    self.keys = StringTable()
    try cursor.readObject { (cursor, key) throws(JSONProblem) in
      _ = cursor.peek()
      let start = cursor.position
      try cursor.skipValue()
      let number = key.withUnsafeBufferPointer { keys.intern($0) }
      found.append(Field(key: number, value: start..<cursor.position))
    }
    guard cursor.peek() == nil else { throw cursor.problem("something follows the object") }
    while unread.count < keys.count { unread.append(FirstAndCount()) }
    self.keys = keys
    fields = found
  }

  /// The first of some keys that the object has, from then on counted as read.
  private mutating func field(_ names: [String]) throws(DataError) -> (key: String, value: Range<Int>)? {
    for name in names {
      guard let number = keys.find(name) else { continue }
      let matches = fields.indices.filter { fields[$0].key == number }
      if matches.count > 1 {
        throw .malformed(path, line: sentence.line, "the key \"\(name)\" occurs twice: keep one")
      }
      guard let match = matches.first else { continue }
      // Tools write spans under the same key.
      if name == "labels", !isArrayOfScalars(fields[match].value) { continue }
      fields[match].isRead = true
      return (name, fields[match].value)
    }
    return nil
  }

  /// Prodigy's answer; nil where the object has none.
  private mutating func answer() throws(DataError) -> String? {
    guard let number = keys.find("answer"), let field = fields.firstIndex(where: { $0.key == number }) else {
      return nil
    }
    let text = bytes.text(fields[field].value)
    guard let answer = Self.answers.first(where: { text == "\"\($0)\"" }) else { return nil }
    fields[field].isRead = true
    return answer
  }

  private func isArrayOfScalars(_ value: Range<Int>) -> Bool {
    guard bytes[value.lowerBound] == UInt8(ascii: "[") else { return false }
    let first = value.dropFirst().first { !isWhiteSpace(bytes[$0]) }.map { bytes[$0] }
    return first != UInt8(ascii: "[") && first != UInt8(ascii: "{") && first != UInt8(ascii: "]")
  }

  /// Whether a value is more than `null` and an empty string, array or object.
  private func hasContent(_ value: Range<Int>) -> Bool {
    if isNull(value) { return false }
    guard value.count >= 2,
      [UInt8(ascii: "\""), UInt8(ascii: "["), UInt8(ascii: "{")].contains(bytes[value.lowerBound])
    else { return true }
    return !bytes.trimmed(value.lowerBound + 1..<value.upperBound - 1).isEmpty
  }

  private mutating func fillSentence(_ report: inout ReadReport) throws(DataError) {
    guard let words = try field(Self.wordKeys) else {
      throw .malformed(path, line: sentence.line, "no words: name them \"tokens\" (an array) or \"text\"")
    }
    let tags = try field(Self.tagKeys).flatMap { isNull($0.value) ? nil : $0 }
    if let tags { try readTags(tags.value, key: tags.key, &report) }
    try readWords(words.value, key: words.key)
    if let tags, sentence.tags.count != sentence.words.count {
      throw .malformed(
        path, line: sentence.line,
        "\(counted(sentence.tags.count, "tag")) in \"\(tags.key)\" for "
          + "\(counted(sentence.words.count, "word")) in \"\(words.key)\": give every word one tag")
    }
    if let label = try field(Self.labelKeys), !isNull(label.value) {
      try readLabel(label.value, key: label.key, &report)
    }
  }

  private func isNull(_ value: Range<Int>) -> Bool { equal(bytes.slice(value), "null") }

  private mutating func readWords(_ value: Range<Int>, key: String) throws(DataError) {
    if bytes[value.lowerBound] == UInt8(ascii: "\"") {
      let text = try text(value)
      return text.withUnsafeBufferPointer { sentence.readWords(of: $0, in: $0.indices) }
    }
    guard bytes[value.lowerBound] == UInt8(ascii: "[") else {
      throw .malformed(path, line: sentence.line, "\"\(key)\" is neither an array of strings nor a string")
    }
    var cursor = JSONCursor(bytes, value)
    var word: [UInt8] = []
    var words = sentence.words
    var hasControl = false
    try reading { () throws(JSONProblem) in
      try cursor.readArray { (cursor) throws(JSONProblem) in
        guard cursor.peek() == UInt8(ascii: "\"") else {
          throw cursor.problem("a word in \"\(key)\" is not a string: write every word in quotation marks")
        }
        word.removeAll(keepingCapacity: true)
        try cursor.readString(into: &word)
        hasControl = Self.replaceControlCharacters(in: &word) || hasControl
        word.withUnsafeBufferPointer { words.append($0.slice($0.trimmed($0.indices))) }
      }
    }
    if hasControl { controlCharacters.note(sentence.line) }
    sentence.words = words
  }

  /// The characters of a JSON string, control characters as spaces.
  private mutating func text(_ value: Range<Int>) throws(DataError) -> [UInt8] {
    var cursor = JSONCursor(bytes, value)
    var text: [UInt8] = []
    try reading { () throws(JSONProblem) in try cursor.readString(into: &text) }
    if Self.replaceControlCharacters(in: &text) { controlCharacters.note(sentence.line) }
    return text
  }

  /// Writes spaces for control characters that are not white space; says whether there were any.
  private static func replaceControlCharacters(in text: inout [UInt8]) -> Bool {
    var found = false
    for index in text.indices where (text[index] < 0x20 && !isWhiteSpace(text[index])) || text[index] == 0x7F {
      text[index] = 0x20
      found = true
    }
    return found
  }

  private mutating func readTags(
    _ value: Range<Int>, key: String, _ report: inout ReadReport
  ) throws(DataError) {
    if bytes[value.lowerBound] == UInt8(ascii: "\"") {
      let text = try text(value)
      return text.withUnsafeBufferPointer { sentence.tags.appendWords(of: $0, in: $0.indices) }
    }
    guard bytes[value.lowerBound] == UInt8(ascii: "[") else {
      throw .malformed(path, line: sentence.line, "\"\(key)\" is neither an array nor a string")
    }
    var cursor = JSONCursor(bytes, value)
    var tags: [LabelValue] = []
    try reading { () throws(JSONProblem) in
      try cursor.readArray { (cursor) throws(JSONProblem) in tags.append(try LabelValue(&cursor)) }
    }
    for tag in tags {
      switch tag {
      case .none, .integer(Int(ignoredLabel)): sentence.tags.append("")
      case .string(let text):
        guard !text.isEmpty else {
          throw .malformed(path, line: sentence.line, "a tag in \"\(key)\" is empty: write O")
        }
        sentence.tags.append(text)
      case .integer(let number):
        guard let name = try name(of: number, key: key, &report) else {
          throw .malformed(
            path, line: sentence.line,
            "the tags are numbers and their names are unknown: write them to \(key).names beside the file, one a line")
        }
        sentence.tags.append(name)
      }
    }
  }

  private mutating func readLabel(
    _ value: Range<Int>, key: String, _ report: inout ReadReport
  ) throws(DataError) {
    var cursor = JSONCursor(bytes, value)
    var labels: [LabelValue] = []
    try reading { () throws(JSONProblem) in
      if bytes[value.lowerBound] == UInt8(ascii: "[") {
        try cursor.readArray { (cursor) throws(JSONProblem) in labels.append(try LabelValue(&cursor)) }
      } else {
        labels = [try LabelValue(&cursor)]
      }
    }
    guard labels.count == 1 else {
      throw .malformed(
        path, line: sentence.line, "\(counted(labels.count, "class", "classes")) in \"\(key)\": give a sentence one")
    }
    switch labels[0] {
    case .none, .integer(Int(ignoredLabel)): break
    case .string(let text): sentence.label = text
    case .integer(let number):
      if number == -1, try names(for: key, &report).path != nil {
        unlabelled.note(sentence.line)
        return
      }
      let name = try name(of: number, key: key, &report)
      if name == nil, !namelessClasses {
        namelessClasses = true
        report.remarks.append(
          "\(path):\(sentence.line): classes are numbers without names (\(key).names beside the file would name them).")
      }
      sentence.label = Array((name ?? String(number)).utf8)
    }
  }

  private mutating func names(for key: String, _ report: inout ReadReport) throws(DataError) -> LabelNames {
    if let known = names[key] { return known }
    let found = try LabelNames(beside: path, key: key, &report)
    names[key] = found
    return found
  }

  private mutating func name(
    of number: Int, key: String, _ report: inout ReadReport
  ) throws(DataError) -> String? {
    let known = try names(for: key, &report)
    guard let file = known.path else { return nil }
    guard known.names.indices.contains(number) else {
      throw .malformed(
        path, line: sentence.line, "\(number) in \"\(key)\", but \(file) has \(counted(known.names.count, "name"))")
    }
    return known.names[number]
  }

  private func reading(_ body: () throws(JSONProblem) -> Void) throws(DataError) {
    do { try body() } catch { throw .malformed(path, line: sentence.line, error.sentence) }
  }
}

/// A label in JSON.
private enum LabelValue {
  case none
  case integer(Int)
  case string([UInt8])

  init(_ cursor: inout JSONCursor) throws(JSONProblem) {
    if cursor.peek() == UInt8(ascii: "\"") {
      var text: [UInt8] = []
      try cursor.readString(into: &text)
      self = .string(text)
      return
    }
    let start = cursor.peek()
    guard start != UInt8(ascii: "["), start != UInt8(ascii: "{") else {
      throw cursor.problem("a label is neither a string nor an integer")
    }
    let scalar = try cursor.readScalar()
    if scalar == "null" {
      self = .none
    } else if let number = Int(scalar) {
      self = .integer(number)
    } else {
      throw cursor.problem("the label \(scalar) is neither a string nor an integer")
    }
  }
}
