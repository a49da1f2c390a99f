/// Reads the JSON that SNIPS was published in: `{"Intent": [{"data": [{"text": …}, {"text": …, "entity": …}]}]}`, and the
/// data sets of Snips NLU: `{"intents": {"Intent": {"utterances": [{"data": [… "slot_name": …]}]}}, "entities": …}`.
///
/// Each text is split into words by `splitIntoWords`; the words of a text with an entity are tagged with it. Where a
/// text ends a word ends, with or without white space. Sentences without words are skipped and reported.
func readSnips(
  _ path: String, _ report: inout ReadReport, _ body: (borrowing Sentence) throws(DataError) -> Void
) throws(DataError) {
  try withText(path, &report) { (bytes, report) throws(DataError) in try readSnips(bytes, path, &report, body) }
}

func readSnips(
  _ bytes: UnsafeBufferPointer<UInt8>, _ path: String, _ report: inout ReadReport,
  _ body: (borrowing Sentence) throws(DataError) -> Void
) throws(DataError) {
  var cursor = JSONCursor(bytes, 0..<bytes.count)
  var reader = SnipsReader()
  var failure: DataError?
  do throws(JSONProblem) {
    try reader.readFile(&cursor) { sentence throws(JSONProblem) in
      do throws(DataError) {
        try body(sentence)
      } catch {
        failure = error
        throw JSONProblem(position: 0, sentence: "stopped")
      }
    }
    guard cursor.peek() == nil else { throw cursor.problem("something follows the object") }
  } catch {
    if let failure { throw failure }
    let line = bytes[..<min(error.position, bytes.count)].reduce(1) { $0 + ($1 == 0x0A ? 1 : 0) }
    throw .malformed(path, line: line, "\(error.sentence): expected SNIPS's JSON, {\"Intent\": [{\"data\": […]}]}")
  }
  if reader.empty > 0 {
    report.remarks.append("\(path): \(counted(reader.empty, "sentence")) without words skipped.")
  }
}

private struct SnipsReader {
  private var sentence = Sentence()
  private var number = 0
  /// Sentences that had no words.
  private(set) var empty = 0

  mutating func readFile(
    _ cursor: inout JSONCursor, _ body: (borrowing Sentence) throws(JSONProblem) -> Void
  ) throws(JSONProblem) {
    var reader = self
    try cursor.readObject { (cursor, key) throws(JSONProblem) in
      switch (String(decoding: key, as: UTF8.self), cursor.peek()) {
      case ("intents", UInt8(ascii: "{")):
        try cursor.readObject { (cursor, intent) throws(JSONProblem) in
          try cursor.readObject { (cursor, member) throws(JSONProblem) in
            guard member.elementsEqual("utterances".utf8) else { return try cursor.skipValue() }
            try reader.readSentences(&cursor, of: intent, body)
          }
        }
      case ("entities", UInt8(ascii: "{")), ("language", UInt8(ascii: "\"")): try cursor.skipValue()
      default: try reader.readSentences(&cursor, of: key, body)
      }
    }
    self = reader
  }

  private mutating func readSentences(
    _ cursor: inout JSONCursor, of intent: [UInt8], _ body: (borrowing Sentence) throws(JSONProblem) -> Void
  ) throws(JSONProblem) {
    var reader = self
    try cursor.readArray { (cursor) throws(JSONProblem) in
      reader.sentence.clear()
      reader.number += 1
      reader.sentence.line = reader.number
      try reader.readSentence(&cursor)
      reader.sentence.label = intent
      if reader.sentence.words.isEmpty { reader.empty += 1 } else { try body(reader.sentence) }
    }
    self = reader
  }

  private mutating func readSentence(_ cursor: inout JSONCursor) throws(JSONProblem) {
    var reader = self
    var hasData = false
    try cursor.readObject { (cursor, key) throws(JSONProblem) in
      guard key.elementsEqual("data".utf8) else { return try cursor.skipValue() }
      hasData = true
      try cursor.readArray { (cursor) throws(JSONProblem) in try reader.readChunk(&cursor) }
    }
    guard hasData else { throw cursor.problem("a sentence without \"data\"") }
    self = reader
  }

  private mutating func readChunk(_ cursor: inout JSONCursor) throws(JSONProblem) {
    var text: [UInt8]?
    var entity: [UInt8]?
    try cursor.readObject { (cursor, key) throws(JSONProblem) in
      var value: [UInt8] = []
      switch String(decoding: key, as: UTF8.self) {
      case "text":
        try cursor.readString(into: &value)
        text = value
      case "entity":
        try cursor.readString(into: &value)
        entity = entity ?? value
      case "slot_name":
        // The place that the entity has in the sentence.
        try cursor.readString(into: &value)
        entity = value
      default:
        try cursor.skipValue()
      }
    }
    guard let text else { throw cursor.problem("a part of a sentence without \"text\"") }
    for (index, word) in splitIntoWords(String(decoding: text, as: UTF8.self)).enumerated() {
      sentence.words.append(String(word))
      if let entity {
        entity.withUnsafeBufferPointer { sentence.tags.append(index == 0 ? .begin : .inside, $0) }
      } else {
        sentence.tags.appendOutside()
      }
    }
  }
}
