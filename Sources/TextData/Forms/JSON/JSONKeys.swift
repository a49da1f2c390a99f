/// The keys under which JSON rows may hold what is read, the preferred ones first.
struct JSONKeys {
  /// Arrays of words.
  var words = ["tokens", "words", "tokenized_text"]
  var texts = ["text", "data", "content", "sentence", "utterance", "query"]
  /// Texts inside the objects at `outer`.
  private let innerTexts: [String]
  /// Texts with labels in brackets, `[type : words]`.
  var marked = ["annot_utt", "sentence_annotation"]
  /// Objects that may hold the text (Label Studio's tasks, dialogues).
  var outer = ["data", "userInput"]
  /// A tag a word.
  var tags = ["tags", "ner_tags", "slot", "slots", "labels", "ner"]
  /// Labelled parts of the text.
  var spans = ["spans", "entities", "label", "labels", "annotations", "completions", "slots", "ner"]
  var classes = [
    "label", "intent", "class", "category", "cats", "labels", "intents", "accept", "choice", "annotations",
    "completions",
  ]

  init(_ options: ReadingOptions) {
    if let key = options.words { (words, texts) = ([key], [key]) }
    if let key = options.tags { (tags, spans) = ([key], [key]) }
    if let key = options.sentenceClass { classes = [key] }
    innerTexts = texts
  }

  /// The keys of which a file's kinds of values are asked.
  var asked: Set<String> { Set(words + texts + tags + spans + classes + ["answer"]) }

  /// Those that some row has; `row` was filled with all of them.
  func occurring(in row: JSONRow) -> JSONKeys {
    func occurs(_ key: String) -> Bool { row.number(of: key) != nil }
    var keys = self
    keys.words = words.filter(occurs)
    keys.texts = texts.filter(occurs)
    keys.marked = marked.filter(occurs)
    keys.outer = outer.filter(occurs)
    keys.tags = tags.filter(occurs)
    keys.spans = spans.filter(occurs)
    keys.classes = classes.filter(occurs)
    return keys
  }

  /// Whether an object is a row: it has words or a text, or an object with one.
  func isRow(_ members: JSONMembers, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    if words.contains(where: { members.value($0).map(bytes.isJSONArray) ?? false }) { return true }
    if texts.contains(where: { members.value($0).map { isText($0, bytes) } ?? false }) { return true }
    if marked.contains(where: { members.value($0) != nil }) { return true }
    if members.value("sentences") != nil, members.value("ner") != nil { return true }
    if let first = members.value("paragraphs").flatMap(bytes.firstElement) {
      var paragraph = JSONMembers(bytes)
      paragraph.read(first)
      if paragraph.value("sentences") != nil { return true }
    }
    return outer.contains { key in
      guard let value = members.value(key), bytes.isJSONObject(value) else { return false }
      return text(inside: value, bytes) != nil
    }
  }

  /// Whether an element is a pair of a text and an object, as spaCy's examples are, or of a text and its class.
  static func isPair(_ value: Range<Int>, with second: UInt8, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    bytes.jsonElements(value).prefix(3).map { bytes[$0.lowerBound] } == [UInt8(ascii: "\""), second]
  }

  /// The text in an object: under one of the usual keys, or the only string there is.
  func text(inside object: Range<Int>, _ bytes: UnsafeBufferPointer<UInt8>) -> Range<Int>? {
    var members = JSONMembers(bytes)
    members.read(object)
    if let found = members.first(innerTexts)?.value, bytes.isJSONString(found) { return found }
    let strings = members.list.map(\.value).filter { bytes.isJSONString($0) }
    return strings.count == 1 ? strings[0] : nil
  }

  /// A string, or an array of strings.
  private func isText(_ value: Range<Int>, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    bytes.isJSONString(value) || bytes.firstElement(value).map(bytes.isJSONString) ?? false
  }
}
