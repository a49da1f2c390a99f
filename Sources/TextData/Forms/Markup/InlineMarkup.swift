/// Texts with labels written inside them, split into the text and its spans.
enum InlineMarkup {
  /// `[value](entity)`, `[value](entity:synonym)` and `[value]{"entity": "…", "role": "…"}`, as Rasa has them.
  ///
  /// Brackets that nothing of the kind follows are part of the text. A role is part of the type: `city.from`.
  static func rasa(_ source: UnsafeBufferPointer<UInt8>) -> (text: [UInt8], spans: [TextSpan]) {
    var text: [UInt8] = []
    var spans: [TextSpan] = []
    var position = 0
    while position < source.count {
      guard source[position] == UInt8(ascii: "["), let value = group(source, at: position, close: UInt8(ascii: "]")),
        let label = label(source, at: value.upperBound + 1)
      else {
        text.append(source[position])
        position += 1
        continue
      }
      let start = text.count
      text.append(contentsOf: source[value])
      spans.append(TextSpan(start: start, end: text.count, type: label.type))
      position = label.end
    }
    return (text, spans)
  }

  /// `[type : words]`, as MASSIVE and SLURP have them; brackets without the colon are part of the text.
  static func brackets(_ source: UnsafeBufferPointer<UInt8>) -> (text: [UInt8], spans: [TextSpan]) {
    var text: [UInt8] = []
    var spans: [TextSpan] = []
    var position = 0
    while position < source.count {
      guard source[position] == UInt8(ascii: "["), let inner = group(source, at: position, close: UInt8(ascii: "]")),
        let colon = source[inner].firstIndex(of: UInt8(ascii: ":"))
      else {
        text.append(source[position])
        position += 1
        continue
      }
      let type = source.trimmed(inner.lowerBound..<colon)
      let words = source.trimmed(colon + 1..<inner.upperBound)
      guard !type.isEmpty, !source.hasWhiteSpace(type), !words.isEmpty else {
        text.append(source[position])
        position += 1
        continue
      }
      let start = text.count
      text.append(contentsOf: source[words])
      spans.append(TextSpan(start: start, end: text.count, type: Array(source[type])))
      position = inner.upperBound + 1
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
