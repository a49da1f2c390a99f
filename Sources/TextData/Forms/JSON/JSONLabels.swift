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
      var text = bytes.jsonString(value)
      _ = replaceControlCharacters(in: &text)
      return text.withUnsafeBufferPointer { sentence.tags.appendWords(of: $0, in: $0.indices) }
    }
    guard bytes.isJSONArray(value) else {
      throw .malformed(path, line: line, "\"\(key)\" is neither an array nor a string")
    }
    for element in elements(value) {
      switch try label(element, line) {
      case .none, .integer(Int(ignoredLabel)): sentence.tags.append("")
      case .string(let text):
        guard !text.isEmpty else { throw .malformed(path, line: line, "a tag in \"\(key)\" is empty: write O") }
        sentence.tags.append(text)
      case .integer(let number):
        sentence.tags.append(try numbers.tag(number, key: key, line: line, &report))
      }
    }
  }

  /// Reads a class: a string, an integer, an array of one of either or of one object with a label, or scores by class.
  mutating func readClass(
    _ value: Range<Int>, key: String, into sentence: inout Sentence, _ report: inout ReadReport
  ) throws(DataError) {
    let line = sentence.line
    var found = [value]
    if bytes.isJSONArray(value) { found = ofFirstUser(elements(value)) }
    if bytes.isJSONObject(value) { return sentence.label = bestScored(value) }
    if found.isEmpty { return unlabelled.note(line) }
    guard found.count == 1 else {
      throw .malformed(
        path, line: line, "\(counted(found.count, "class", "classes")) in \"\(key)\": give a sentence one")
    }
    switch try label(found[0], line) {
    case .none, .integer(Int(ignoredLabel)): break
    case .string(let text): sentence.label = text
    case .integer(let number):
      if number == -1, try numbers.haveNames(key, &report) { return unlabelled.note(line) }
      sentence.label = Array(try numbers.label(number, key: key, "classes", line: line, &report).utf8)
    }
  }

  /// The name of an entity type that is a number; the number itself where there are no names.
  mutating func name(
    ofType number: Int, key: String, line: Int, _ report: inout ReadReport
  ) throws(DataError) -> String {
    try numbers.label(number, key: key, "labels", line: line, &report)
  }

  private func elements(_ value: Range<Int>) -> [Range<Int>] {
    var elements: [Range<Int>] = []
    bytes.forEachElement(value) {
      elements.append($0)
      return true
    }
    return elements
  }

  /// Labels; of objects with a label and a user each, those of the first user.
  private func ofFirstUser(_ elements: [Range<Int>]) -> [Range<Int>] {
    guard let first = elements.first, bytes.isJSONObject(first) else { return elements }
    let user = JSONSpan(first, bytes).user
    return elements.compactMap { element in
      let label = JSONSpan(element, bytes)
      return label.user == user ? label.type : nil
    }
  }

  /// The class of the highest score, which must be more than a half.
  private func bestScored(_ value: Range<Int>) -> [UInt8]? {
    var members = JSONMembers(bytes)
    members.read(value)
    var best: (score: Double, key: Range<Int>)?
    for (key, value) in members.list {
      let text = bytes.text(value)
      let score = text == "true" ? 1 : Double(text) ?? 0
      if score > best?.score ?? 0.5 { best = (score, key) }
    }
    return best.map { bytes.jsonString($0.key.lowerBound - 1..<$0.key.upperBound + 1) }
  }

  private enum Label {
    case none
    case integer(Int)
    case string([UInt8])
  }

  private func label(_ value: Range<Int>, _ line: Int) throws(DataError) -> Label {
    if bytes.isJSONString(value) { return .string(bytes.jsonString(value)) }
    if bytes[value.lowerBound] == UInt8(ascii: "n") { return .none }
    if let number = bytes.jsonInteger(value) { return .integer(number) }
    let isList = bytes.isJSONArray(value) || bytes.isJSONObject(value)
    throw .malformed(
      path, line: line, "\(isList ? "a label" : "the label \(bytes.text(value))") is neither a string nor an integer")
  }
}
