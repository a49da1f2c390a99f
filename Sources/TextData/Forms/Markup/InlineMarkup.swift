/// Texts with labels written inside them, split into the text and its spans.
enum InlineMarkup {
  /// `[value](entity)`, `[value](entity:synonym)` and `[value]{"entity": "…", "role": "…"}`, as Rasa has them.
  ///
  /// Brackets that nothing of the kind follows are part of the text. A role is part of the type: `city.from`.
  static func rasa(_ source: UnsafeBufferPointer<UInt8>) -> (text: [UInt8], spans: [TextSpan]) {
    read(source) { position in
      guard let value = group(source, at: position, close: UInt8(ascii: "]")),
        let label = label(source, at: value.upperBound + 1)
      else { return nil }
      return (value, label.type, label.end)
    }
  }

  /// `[type : words]`, as MASSIVE and SLURP have them; brackets without the colon are part of the text.
  static func brackets(_ source: UnsafeBufferPointer<UInt8>) -> (text: [UInt8], spans: [TextSpan]) {
    read(source) { position in
      guard let inner = group(source, at: position, close: UInt8(ascii: "]")),
        let colon = source.firstIndex(of: UInt8(ascii: ":"), in: inner)
      else { return nil }
      let type = source.trimmed(inner.lowerBound..<colon)
      let words = source.trimmed(colon + 1..<inner.upperBound)
      guard !type.isEmpty, !source.hasWhiteSpace(type), !words.isEmpty else { return nil }
      return (words, Array(source[type]), inner.upperBound + 1)
    }
  }

  /// Takes a source apart; `labelled` says what the bracket at a place opens, and where that ends.
  private static func read(
    _ source: UnsafeBufferPointer<UInt8>, _ labelled: (Int) -> (value: Range<Int>, type: [UInt8], end: Int)?
  ) -> (text: [UInt8], spans: [TextSpan]) {
    var text: [UInt8] = []
    text.reserveCapacity(source.count)
    var spans: [TextSpan] = []
    var position = 0
    while position < source.count {
      let open = source.firstIndex(of: UInt8(ascii: "["), in: position..<source.count) ?? source.count
      text.append(contentsOf: source[position..<open])
      position = open
      guard open < source.count else { break }
      guard let found = labelled(open) else {
        text.append(source[open])
        position += 1
        continue
      }
      let start = text.count
      text.append(contentsOf: source[found.value])
      spans.append(TextSpan(start: start, end: text.count, type: found.type))
      position = found.end
    }
    return (text, spans)
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

  /// The type that stands in `(…)` or `{…}` at `position`, and where it ends.
  private static func label(_ source: UnsafeBufferPointer<UInt8>, at position: Int) -> (type: [UInt8], end: Int)? {
    guard position < source.count else { return nil }
    if source[position] == UInt8(ascii: "(") {
      guard let inner = group(source, at: position, close: UInt8(ascii: ")")) else { return nil }
      let name = source.trimmed(
        inner.lowerBound..<(source[inner].firstIndex(of: UInt8(ascii: ":")) ?? inner.upperBound))
      return name.isEmpty ? nil : (Array(source[name]), inner.upperBound + 1)
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
    return type.isEmpty ? nil : (type + role, cursor.position)
  }
}
