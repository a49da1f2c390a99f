/// Texts with labels written inside them, split into the text and its spans.
enum InlineMarkup {
  /// What a bracket opens: the labelled words, their type, and where it all ends.
  private struct Label {
    var words: Range<Int>
    /// Where the type is written.
    var name = 0..<0
    /// The type where it is put together from several places.
    var type: [UInt8] = []
    var end: Int
  }

  /// `[value](entity)`, `[value](entity:synonym)` and `[value]{"entity": "…", "role": "…"}`, as Rasa has them.
  ///
  /// Brackets that nothing of the kind follows are part of the text. A role is part of the type: `city.from`.
  static func readRasa(_ source: UnsafeBufferPointer<UInt8>, into text: inout MarkedText) {
    read(source, into: &text) { position in
      group(source, at: position, close: UInt8(ascii: "]")).flatMap { label(source, of: $0) }
    }
  }

  /// `[type : words]`, as MASSIVE and SLURP have them; brackets without the colon are part of the text.
  static func readBrackets(_ source: UnsafeBufferPointer<UInt8>, into text: inout MarkedText) {
    read(source, into: &text) { position in
      guard let inner = group(source, at: position, close: UInt8(ascii: "]")),
        let colon = source.firstIndex(of: UInt8(ascii: ":"), in: inner)
      else { return nil }
      let type = source.trimmed(inner.lowerBound..<colon)
      let words = source.trimmed(colon + 1..<inner.upperBound)
      guard !type.isEmpty, !source.hasWhiteSpace(type), !words.isEmpty else { return nil }
      return Label(words: words, name: type, end: inner.upperBound + 1)
    }
  }

  /// Takes a source apart; `label` says what the bracket at a place opens.
  @inline(__always)
  private static func read(
    _ source: UnsafeBufferPointer<UInt8>, into text: inout MarkedText, _ label: (Int) -> Label?
  ) {
    text.clear()
    var position = 0
    while position < source.count {
      let open = source.firstIndex(of: UInt8(ascii: "["), in: position..<source.count) ?? source.count
      text.bytes.append(contentsOf: source.slice(position..<open))
      position = open
      guard open < source.count else { break }
      guard let found = label(open) else {
        text.bytes.append(source[open])
        position += 1
        continue
      }
      let start = text.bytes.count
      text.bytes.append(contentsOf: source.slice(found.words))
      if found.type.isEmpty {
        text.addSpan(start, text.bytes.count, source.slice(found.name))
      } else {
        text.addSpan(start, text.bytes.count, found.type)
      }
      position = found.end
    }
  }

  /// What stands between the bracket at `position` and the next closing one; nil if another opens before it.
  private static func group(
    _ source: UnsafeBufferPointer<UInt8>, at position: Int, close: UInt8
  ) -> Range<Int>? {
    let open = source[position]
    var end = position + 1
    while end < source.count, source[end] != close, source[end] != open, source[end] != 0x0A { end += 1 }
    guard end < source.count, source[end] == close, end > position + 1 else { return nil }
    return position + 1..<end
  }

  /// The label of words in brackets, whose type stands behind them in `(…)` or `{…}`.
  private static func label(_ source: UnsafeBufferPointer<UInt8>, of words: Range<Int>) -> Label? {
    let position = words.upperBound + 1
    guard position < source.count else { return nil }
    if source[position] == UInt8(ascii: "(") {
      guard let inner = group(source, at: position, close: UInt8(ascii: ")")) else { return nil }
      let end = source.firstIndex(of: UInt8(ascii: ":"), in: inner) ?? inner.upperBound
      let name = source.trimmed(inner.lowerBound..<end)
      return name.isEmpty ? nil : Label(words: words, name: name, end: inner.upperBound + 1)
    }
    var isList = false
    var start = position
    if source[start] == UInt8(ascii: "["), start + 1 < source.count { (isList, start) = (true, start + 1) }
    guard source[start] == UInt8(ascii: "{") else { return nil }
    var cursor = JSONCursor(source, start..<source.count)
    var members = JSONMembers(source)
    do throws(JSONProblem) {
      try members.read(&cursor)
      if isList {
        while cursor.take(UInt8(ascii: ",")) { try cursor.skipValue() }
        try cursor.expect(UInt8(ascii: "]"))
      }
    } catch {
      return nil
    }
    guard let entity = members.value("entity") else { return nil }
    let role = members.value("role").map { [UInt8(ascii: ".")] + source.jsonString($0) } ?? []
    let type = source.jsonString(entity)
    return type.isEmpty ? nil : Label(words: words, type: type + role, end: cursor.position)
  }
}
