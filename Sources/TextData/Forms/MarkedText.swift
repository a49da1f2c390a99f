/// A text with labelled spans; a reader fills the same value anew for each text.
struct MarkedText {
  /// UTF-8.
  var bytes = Refilled<UInt8>()
  private(set) var spans = Refilled<TextSpan>()
  /// The spans' types.
  private var types = ByteStrings()

  /// Whether it has no words.
  var isBlank: Bool { bytes.allSatisfy(isWhiteSpace) }

  mutating func clear() {
    bytes.removeAll()
    removeSpans()
  }

  mutating func removeSpans() {
    spans.removeAll()
    types.removeAll()
  }

  @inline(__always)
  mutating func addSpan(_ start: Int, _ end: Int, _ type: some Collection<UInt8>) {
    spans.append(TextSpan(start: start, end: end, type: types.count))
    types.append(type)
  }

  /// Appends a tag of a span's type.
  @inline(__always)
  func appendTag(_ prefix: TagPrefix, of span: TextSpan, to tags: inout ByteStrings) {
    types.withBytes(of: span.type) { tags.append(prefix, $0) }
  }
}

/// A labelled part of a text: a range of its UTF-8 bytes.
struct TextSpan {
  var start: Int
  var end: Int
  /// The number of its type in the text.
  var type: Int
}
