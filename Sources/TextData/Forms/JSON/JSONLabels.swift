/// Reads classes and tags of JSON rows; integers stand for names beside the file.
struct JSONLabels {
  private let path: String
  private let bytes: UnsafeBufferPointer<UInt8>
  private var numbers: NumberedLabels
  /// Sentences whose class is -1 among named ones, or an empty array.
  private(set) var unlabelled = FirstAndCount()

  init(path: String, bytes: UnsafeBufferPointer<UInt8>) {
    self.path = path
    self.bytes = bytes
    numbers = NumberedLabels(path: path)
  }

  /// Appends the tags in a value to a sentence: an array of them, or a string whose words they are.
  mutating func readTags(
    _ value: Range<Int>, key: String, into sentence: inout Sentence, _ report: inout ReadReport
  ) throws(DataError) {
    let line = sentence.line
    if bytes.isJSONString(value) {
      return bytes.withJSONText(value) { text, _ in sentence.tags.appendWords(of: text, in: text.indices) }
    }
    guard bytes.isJSONArray(value) else {
      throw .malformed(path, line: line, "\"\(key)\" is neither an array nor a string")
    }
    for element in bytes.jsonElements(value) {
      if bytes.isJSONString(element) {
        guard element.count > 2 else { throw .malformed(path, line: line, "a tag in \"\(key)\" is empty: write O") }
        bytes.withJSONString(element) { sentence.tags.append($0) }
      } else if let number = try number(element, line), number != Int(ignoredLabel) {
        sentence.tags.append(try numbers.tag(number, key: key, line: line, &report))
      } else {
        sentence.tags.append("")
      }
    }
  }

  /// Reads a class: a string, an integer, an array of one of either or of one object with a label, or scores by class.
  mutating func readClass(
    _ value: Range<Int>, key: String, into sentence: inout Sentence, _ report: inout ReadReport
  ) throws(DataError) {
    let line = sentence.line
    if bytes.isJSONString(value) { return sentence.label = bytes.jsonString(value) }
    var found = [value]
    if bytes.isJSONArray(value) { found = ofFirstUser(Array(bytes.jsonElements(value))) }
    if bytes.isJSONObject(value) { return sentence.label = bestScored(value) }
    if found.isEmpty { return unlabelled.note(line) }
    guard found.count == 1 else {
      throw .malformed(
        path, line: line, "\(counted(found.count, "class", "classes")) in \"\(key)\": give a sentence one")
    }
    if bytes.isJSONString(found[0]) { return sentence.label = bytes.jsonString(found[0]) }
    if bytes.isJSONBoolean(found[0]) { return sentence.label = Array(bytes.slice(found[0])) }
    guard let number = try number(found[0], line), number != Int(ignoredLabel) else { return }
    if number == -1, try numbers.haveNames(key, &report) { return unlabelled.note(line) }
    sentence.label = Array(try numbers.label(number, key: key, "classes", line: line, &report).utf8)
  }

  /// The name of an entity type that is a number; the number itself where there are no names.
  mutating func name(
    ofType number: Int, key: String, line: Int, _ report: inout ReadReport
  ) throws(DataError) -> String {
    try numbers.label(number, key: key, "labels", line: line, &report)
  }

  /// Labels; of objects with a label and a user each, those of the first user.
  private func ofFirstUser(_ elements: [Range<Int>]) -> [Range<Int>] {
    guard let first = elements.first, bytes.isJSONObject(first) else { return elements }
    let user = JSONSpan(of: first, bytes).user
    return elements.compactMap { element in
      let label = JSONSpan(of: element, bytes)
      return label.user == user ? label.type : nil
    }
  }

  /// The class of the highest score, which must be more than a half.
  private func bestScored(_ value: Range<Int>) -> [UInt8]? {
    var members = JSONMembers(bytes)
    members.read(value)
    var best: (score: Double, member: JSONMembers.Member)?
    for member in members.list {
      let text = bytes.text(member.value)
      let score = text == "true" ? 1 : Double(text) ?? 0
      if score > best?.score ?? 0.5 { best = (score, member) }
    }
    return best.map { members.name($0.member) }
  }

  /// The number that a label is; nil for null.
  private func number(_ value: Range<Int>, _ line: Int) throws(DataError) -> Int? {
    if bytes.isJSONNull(value) { return nil }
    if let number = bytes.jsonInteger(value) { return number }
    let isList = bytes.isJSONArray(value) || bytes.isJSONObject(value)
    throw .malformed(
      path, line: line, "\(isList ? "a label" : "the label \(bytes.text(value))") is neither a string nor an integer")
  }
}
