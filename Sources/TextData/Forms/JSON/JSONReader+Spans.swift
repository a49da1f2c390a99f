/// What was found of spans that are not read as they stand.
struct JSONSpanCounts {
  var unplaced = FirstAndCount()
  var untyped = FirstAndCount()
  var ofOtherUsers = FirstAndCount()
  var otherText = FirstAndCount()
  var results = FirstAndCount()
  var cancelled = FirstAndCount()
  var emptyWords = FirstAndCount()

  func passOver(in path: String, _ report: inout ReadReport) {
    for (what, seen) in [
      ("spans without a place", unplaced), ("spans without a label", untyped),
      ("spans of other users than a text's first", ofOtherUsers), ("results that are no spans or choices", results),
      ("cancelled or further annotations of a text", cancelled),
    ] where seen.count > 0 {
      report.passOver(what, in: path, line: seen.first, count: seen.count)
    }
  }

  func remarks(_ path: String) -> [String] {
    [
      otherText.remark(path) { "\(counted($0, "span")) with another text than stands at their place." },
      emptyWords.remark(path) { "\(counted($0, "empty word")) left out." },
    ].compactMap(\.self)
  }
}

/// What the file's offsets count, deduced from the spans of texts in which it makes a difference.
struct OffsetChoice {
  private(set) var unit = OffsetUnit.codePoints
  /// Spans that fit better: that have their own text there, or do not cut a word.
  private var votes = (codePoints: 0, utf16: 0)
  private var first: Int?

  mutating func vote(codePoints: Int, utf16: Int, line: Int) {
    votes.codePoints += codePoints
    votes.utf16 += utf16
    if first == nil, utf16 > codePoints { first = line }
  }

  mutating func choose() { if votes.utf16 > votes.codePoints { unit = .utf16 } }

  func remark(_ path: String) -> String? {
    guard unit == .utf16, let first else { return nil }
    return "\(path):\(first): offsets count UTF-16 units, as JavaScript does: \(votes.utf16) of "
      + "\(counted(votes.utf16 + votes.codePoints, "span")) behind emoji and the like fit so."
  }
}

extension JSONReader {
  /// Reads the spans of the row's text.
  mutating func readSpans(_ report: inout ReadReport) throws(DataError) {
    var map: OffsetMap?
    findSpans(counting: true)
    for span in spans {
      guard let end = span.end else {
        spanCounts.unplaced.note(sentence.line)
        continue
      }
      var range: Range<Int>
      if span.countsWords {
        range = wordRange(span, in: text.bytes)
      } else {
        if map == nil { map = text.bytes.withUnsafeBufferPointer { OffsetMap($0, offsets.unit) } }
        let start = map?[span.start ?? 0] ?? 0
        range = start..<max(start, map?[end] ?? 0)
      }
      if let own = span.ownText {
        let wanted = bytes.jsonString(own)
        if !Self.isSame(text.bytes[range.clamped(to: text.bytes.indices)], wanted) {
          if span.countsWords, let place = Self.find(wanted, in: text.bytes) {
            range = place
          } else {
            spanCounts.otherText.note(sentence.line)
          }
        }
      }
      try addSpan(range, span.type, key: schema.spans?.key, &report)
    }
  }

  /// Looks for the spans of the row.
  mutating func findSpans(counting: Bool) {
    spans.removeAll(keepingCapacity: true)
    guard let (key, form) = schema.spans, let place = row.place(of: key), let value = row.value(at: place) else {
      return
    }
    if counting { row.markRead(at: place) }
    let bytes = bytes
    switch form {
    case .list: JSONSpan.append(value, bytes, to: &spans, &spanKeys)
    case .byType:
      var members = JSONMembers(bytes)
      members.read(value)
      for member in members.list {
        var span = JSONSpan(of: member.value, bytes)
        span.type = member.key.lowerBound - 1..<member.key.upperBound + 1
        spans.append(span)
      }
    case .results:
      guard let annotation = chosenAnnotation(value) else { break }
      spans = annotation.spans
      if counting {
        for _ in 0..<annotation.others { spanCounts.cancelled.note(sentence.line) }
        for _ in 0..<annotation.unread { spanCounts.results.note(sentence.line) }
      }
    }
    // What several people marked in one text is not mixed.
    guard let user = spans.first?.user else { return }
    let own = spans.filter { $0.user == user }
    if counting { for _ in own.count..<spans.count { spanCounts.ofOtherUsers.note(sentence.line) } }
    spans = own
  }

  /// Adds a span to the text, if it has a type.
  ///
  /// - Parameter key: that of the spans, by which the names of numbered types are found.
  mutating func addSpan(
    _ range: Range<Int>, _ type: Range<Int>?, key: String?, _ report: inout ReadReport
  ) throws(DataError) {
    if let type, let key, let number = bytes.jsonInteger(type) {
      let name = try labels.name(ofType: number, key: key, line: sentence.line, &report)
      text.addSpan(range.lowerBound, range.upperBound, name.utf8)
    } else if let type, bytes.isJSONString(type), type.count > 2 {
      bytes.withJSONString(type) { text.addSpan(range.lowerBound, range.upperBound, $0) }
    } else {
      spanCounts.untyped.note(sentence.line)
    }
  }

  // MARK: - Label Studio

  /// The first of a text's annotations that was not cancelled.
  func chosenAnnotation(
    _ value: Range<Int>
  ) -> (spans: [JSONSpan], choice: Range<Int>?, unread: Int, others: Int)? {
    let bytes = bytes
    var members = JSONMembers(bytes)
    var chosen: Range<Int>?
    var others = 0
    for annotation in bytes.jsonElements(value) {
      members.read(annotation)
      let isCancelled = members.value("was_cancelled").map { bytes[$0.lowerBound] == UInt8(ascii: "t") } ?? false
      if chosen == nil, !isCancelled { chosen = members.value("result") } else { others += 1 }
    }
    guard let chosen else { return nil }
    var spans: [JSONSpan] = []
    var choice: Range<Int>?
    var unread = 0
    for result in bytes.jsonElements(chosen) {
      members.read(result)
      let value = members.value("value").flatMap { bytes.isJSONObject($0) ? $0 : nil }
      if let value {
        var inner = JSONMembers(bytes)
        inner.read(value)
        if let choices = inner.value("choices") {
          choice = choices
          continue
        }
        let span = JSONSpan(of: value, bytes)
        if span.isPlaced {
          spans.append(span)
          continue
        }
      }
      unread += 1
    }
    return (spans, choice, unread, others)
  }

  // MARK: - Offsets

  /// Looks at a row for what its spans' places count: units of its text, or words.
  mutating func noteOffsets(_ cursor: inout JSONCursor, _ line: Int) throws(RowFailure) {
    if wordEnds.isDecided { throw .enough }
    do throws(JSONProblem) { try row.read(&cursor) } catch { throw .json(error) }
    if schema.countsWords, let words = wordList() {
      let count = bytes.jsonElements(words).reduce(0) { count, _ in count + 1 }
      findSpans(counting: false)
      return wordEnds.note(spans, words: count)
    }
    guard let value = textValue() else { return }
    let text = bytes.jsonString(value)
    guard text.contains(where: { $0 >= 0xF0 }) else { return }
    let maps = text.withUnsafeBufferPointer { (codePoints: OffsetMap($0, .codePoints), utf16: OffsetMap($0, .utf16)) }
    findSpans(counting: false)
    for span in spans {
      guard let end = span.end, !span.countsWords else { continue }
      func fit(_ map: OffsetMap) -> Int {
        let range = (map[span.start ?? 0]..<max(map[span.start ?? 0], map[end])).clamped(to: text.indices)
        if let own = span.ownText { return Self.isSame(text[range], bytes.jsonString(own)) ? 1 : 0 }
        return Self.isOnBorders(range, in: text) ? 1 : 0
      }
      let fits = (fit(maps.codePoints), fit(maps.utf16))
      if fits.0 != fits.1 { offsets.vote(codePoints: fits.0, utf16: fits.1, line: line) }
    }
  }

  mutating func chooseOffsets() { offsets.choose() }

  private func textValue() -> Range<Int>? {
    if let text = row.text { return text }
    for key in schema.keys.texts {
      if let value = row.value(key), bytes.isJSONString(value) { return value }
    }
    return schema.keys.outer.lazy.compactMap { row.value($0) }.compactMap { schema.keys.text(inside: $0, bytes) }.first
  }

  /// Whether no word goes on beyond either end of a span, and neither end is white space.
  private static func isOnBorders(_ range: Range<Int>, in text: [UInt8]) -> Bool {
    func isWordByte(_ place: Int) -> Bool {
      guard text.indices.contains(place) else { return false }
      let byte = text[place]
      return byte >= 0x80 && byte < 0xF0 || byte >= 0x30 && byte <= 0x39
        || (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7A
    }
    guard !range.isEmpty, !isWhiteSpace(text[range.lowerBound]), !isWhiteSpace(text[range.upperBound - 1]) else {
      return false
    }
    return !(isWordByte(range.lowerBound) && isWordByte(range.lowerBound - 1))
      && !(isWordByte(range.upperBound - 1) && isWordByte(range.upperBound))
  }

  /// Whether two texts are the same but for letters' case and white space.
  private static func isSame(_ one: some Collection<UInt8>, _ other: [UInt8]) -> Bool {
    if one.elementsEqual(other) { return true }
    func plain(_ bytes: some Sequence<UInt8>) -> [UInt8] {
      bytes.filter { !isWhiteSpace($0) }.map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }
    }
    return plain(one) == plain(other)
  }

  private static func find(_ wanted: [UInt8], in text: Refilled<UInt8>) -> Range<Int>? {
    guard !wanted.isEmpty, wanted.count <= text.count else { return nil }
    return (0...text.count - wanted.count).lazy.map { $0..<$0 + wanted.count }.first {
      text[$0].elementsEqual(wanted)
    }
  }

  /// The bytes of a span that counts words, split at every punctuation mark, its last one included.
  private func wordRange(_ span: JSONSpan, in text: Refilled<UInt8>) -> Range<Int> {
    var words: [Range<Int>] = []
    var position = 0
    func isLetter(_ byte: UInt8) -> Bool {
      byte >= 0x80 || byte == 0x5F || byte >= 0x30 && byte <= 0x39 || (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7A
    }
    while position < text.count {
      let start = position
      if isWhiteSpace(text[position]) {
        position += 1
        continue
      }
      position += 1
      if isLetter(text[start]) { while position < text.count, isLetter(text[position]) { position += 1 } }
      words.append(start..<position)
    }
    let (first, last) = (span.start ?? 0, span.end ?? 0)
    guard words.indices.contains(first), last >= first else { return text.count..<text.count }
    return words[first].lowerBound..<words[min(last, words.count - 1)].upperBound
  }
}
