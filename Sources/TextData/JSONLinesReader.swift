/// Reads JSONL: one object a line, with its words, its tags and its class under any of the accepted names.
///
/// - Words: `tokens`, `words` or `text`: an array of strings, or a string whose words white space separates.
/// - Tags: `tags`, `ner_tags`, `slot` or `slots`: an array of strings or integers, or a string like the words'.
/// - Class: `label`, `intent` or `class`: a string, an integer, or an array of one string.
///
/// The first name present wins; other keys are passed over. Integers stand for the names in `<key>.names` beside the
/// file (one a line) or in Hugging Face's `dataset_info.json`; `null` and -100 for a word without a tag or a
/// sentence without a class, and -1 for the latter too where classes have names. Empty lines are passed over;
/// objects without words are skipped and reported.
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
  private var fields: [(key: [UInt8], value: Range<Int>)] = []
  private var names: [String: LabelNames] = [:]
  private var namelessClasses = false
  /// Sentences whose class is -1 among named ones.
  private var unlabelled = FirstAndCount()

  private static let wordKeys = ["tokens", "words", "text"]
  private static let tagKeys = ["tags", "ner_tags", "slot", "slots"]
  private static let labelKeys = ["label", "intent", "class"]

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
      try fillSentence(&report)
      if sentence.words.isEmpty { skipped.note(lines.number) } else { try body(sentence) }
    }
    if let first = skipped.first {
      report.remarks.append("\(path):\(first): \(counted(skipped.count, "object")) without words skipped.")
    }
    if let first = unlabelled.first {
      report.remarks.append("\(path):\(first): \(counted(unlabelled.count, "sentence")) without a class (-1).")
    }
  }

  /// Notes where the value of each key lies, and checks the whole object.
  private mutating func readFields(_ line: Range<Int>) throws(JSONProblem) {
    fields.removeAll(keepingCapacity: true)
    var cursor = JSONCursor(bytes, line)
    var found: [(key: [UInt8], value: Range<Int>)] = []
    try cursor.readObject { (cursor, key) throws(JSONProblem) in
      _ = cursor.peek()
      let start = cursor.position
      try cursor.skipValue()
      found.append((key, start..<cursor.position))
    }
    guard cursor.peek() == nil else { throw cursor.problem("something follows the object") }
    fields = found
  }

  private func field(_ keys: [String]) throws(DataError) -> (key: String, value: Range<Int>)? {
    for key in keys {
      let matches = fields.filter { $0.key.elementsEqual(key.utf8) }
      if matches.count > 1 {
        throw .malformed(path, line: sentence.line, "the key \"\(key)\" occurs twice: keep one")
      }
      if let match = matches.first { return (key, match.value) }
    }
    return nil
  }

  private mutating func fillSentence(_ report: inout ReadReport) throws(DataError) {
    guard let words = try field(Self.wordKeys) else {
      throw .malformed(path, line: sentence.line, "no words: name them \"tokens\" (an array) or \"text\"")
    }
    try readWords(words.value, key: words.key)
    if let tags = try field(Self.tagKeys), !isNull(tags.value) {
      try readTags(tags.value, key: tags.key)
      if sentence.tags.count != sentence.words.count {
        throw .malformed(
          path, line: sentence.line,
          "\(counted(sentence.tags.count, "tag")) in \"\(tags.key)\" for "
            + "\(counted(sentence.words.count, "word")) in \"\(words.key)\": give every word one tag")
      }
    }
    if let label = try field(Self.labelKeys), !isNull(label.value) {
      try readLabel(label.value, key: label.key, &report)
    }
  }

  private func isNull(_ value: Range<Int>) -> Bool { equal(bytes.slice(value), "null") }

  private mutating func readWords(_ value: Range<Int>, key: String) throws(DataError) {
    if bytes[value.lowerBound] == UInt8(ascii: "\"") {
      try readText(value, into: &sentence.words)
      return
    }
    guard bytes[value.lowerBound] == UInt8(ascii: "[") else {
      throw .malformed(path, line: sentence.line, "\"\(key)\" is neither an array of strings nor a string")
    }
    var cursor = JSONCursor(bytes, value)
    var word: [UInt8] = []
    try reading { () throws(JSONProblem) in
      try cursor.readArray { (cursor) throws(JSONProblem) in
        guard cursor.peek() == UInt8(ascii: "\"") else {
          throw cursor.problem("a word in \"\(key)\" is not a string: write every word in quotation marks")
        }
        word.removeAll(keepingCapacity: true)
        try cursor.readString(into: &word)
        word.withUnsafeBufferPointer { sentence.words.append($0.slice($0.trimmed($0.indices))) }
      }
    }
    if sentence.words.bytes.withUnsafeBufferPointer(firstBadByte) != nil || sentence.words.bytes.contains(0x0A) {
      throw .malformed(path, line: sentence.line, "a word in \"\(key)\" contains a control character: remove it")
    }
  }

  /// Appends the words of a JSON string.
  private func readText(_ value: Range<Int>, into strings: inout ByteStrings) throws(DataError) {
    var cursor = JSONCursor(bytes, value)
    var text: [UInt8] = []
    try reading { () throws(JSONProblem) in try cursor.readString(into: &text) }
    if text.withUnsafeBufferPointer(firstBadByte) != nil {
      throw .malformed(path, line: sentence.line, "a string contains a control character: remove it")
    }
    text.withUnsafeBufferPointer { strings.appendWords(of: $0, in: $0.indices) }
  }

  private mutating func readTags(_ value: Range<Int>, key: String) throws(DataError) {
    if bytes[value.lowerBound] == UInt8(ascii: "\"") { return try readText(value, into: &sentence.tags) }
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
        text.withUnsafeBufferPointer { sentence.tags.append($0) }
      case .integer(let number):
        guard let name = try name(of: number, key: key) else {
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
    case .string(let text):
      let trimmed = text.withUnsafeBufferPointer { Array($0[$0.trimmed($0.indices)]) }
      sentence.label = trimmed.isEmpty ? nil : trimmed
    case .integer(let number):
      if number == -1, try names(for: key).path != nil {
        unlabelled.note(sentence.line)
        return
      }
      let name = try name(of: number, key: key)
      if name == nil, !namelessClasses {
        namelessClasses = true
        report.remarks.append(
          "\(path):\(sentence.line): classes are numbers without names (\(key).names beside the file would name them).")
      }
      sentence.label = Array((name ?? String(number)).utf8)
    }
  }

  private mutating func names(for key: String) throws(DataError) -> LabelNames {
    if let known = names[key] { return known }
    let found = try LabelNames(beside: path, key: key)
    names[key] = found
    return found
  }

  private mutating func name(of number: Int, key: String) throws(DataError) -> String? {
    let known = try names(for: key)
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
