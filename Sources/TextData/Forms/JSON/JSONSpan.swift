/// A labelled part of a text as JSON has it, its place not yet made one of bytes.
struct JSONSpan {
  var start: Int?
  var end: Int?
  /// Whether `end` is the last one that belongs to it, as with `stop`, which counts words.
  var countsWords = false
  /// Its type; nil where it has none.
  var type: Range<Int>?
  /// Its text, where it says that too.
  var ownText: Range<Int>?
  /// Who made it, by number.
  var user: Int?
  /// The numbers of its first and last word, where it says those too.
  var firstWord: Int?
  var lastWord: Int?

  /// Whether it says where it is.
  var isPlaced: Bool { end != nil || lastWord != nil }

  static let typeKeys = ["label", "labels", "entity", "slot", "type", "tag", "entity_type", "category"]
  private enum Meaning {
    case start, end, type, text, user, firstWord, lastWord
    /// The place and the label in an object of their own; a string is the text.
    case inner
    /// An array of start and end.
    case place
  }

  /// What an object's keys mean, the preferred key of each meaning first.
  private static let keys: [(name: String, meaning: Meaning)] =
    ["start", "start_offset", "startIndex", "begin", "start_char", "from", "startPos"].map { ($0, .start) }
    + ["end", "end_offset", "endIndex", "stop", "end_char", "to", "endPos"].map { ($0, .end) }
    + typeKeys.map { ($0, .type) }
    + [("text", .text), ("value", .inner), ("valueSpan", .inner)]
    + ["val", "surface", "word"].map { ($0, .text) } + [("user", .user), ("span", .place)]
    + [("token_start", .firstWord), ("token_end", .lastWord)]
  private static let keyNames = StringTable(keys.map(\.name))
  private static let meanings = keys.map(\.meaning)

  init() {}

  /// Takes `[start, end, "type"]` or an object apart.
  init(of value: Range<Int>, _ bytes: UnsafeBufferPointer<UInt8>) {
    var keys = Self.keyTable(bytes)
    self.init(of: value, bytes, &keys)
  }

  /// The numbers of keys, for several spans.
  static func keyTable(_ bytes: UnsafeBufferPointer<UInt8>) -> JSONKeyTable { JSONKeyTable(bytes, known: keyNames) }

  private init(of value: Range<Int>, _ bytes: UnsafeBufferPointer<UInt8>, _ keys: inout JSONKeyTable) {
    if bytes.isJSONArray(value) {
      readArray(value, bytes)
    } else if bytes.isJSONObject(value) {
      var cursor = JSONCursor(bytes, value)
      // A value that was passed over once is valid.
      try? readObject(&cursor, &keys)
    }
  }

  /// Appends the spans of an array; none of another value.
  static func append(
    _ value: Range<Int>, _ bytes: UnsafeBufferPointer<UInt8>, to spans: inout [JSONSpan], _ keys: inout JSONKeyTable
  ) {
    guard bytes.isJSONArray(value) else { return }
    var cursor = JSONCursor(bytes, value)
    try? cursor.readArray { (cursor) throws(JSONProblem) in
      var span = JSONSpan()
      if cursor.peek() == UInt8(ascii: "{") {
        try span.readObject(&cursor, &keys)
      } else {
        let start = cursor.position
        try cursor.skipValue()
        span = JSONSpan(of: start..<cursor.position, bytes, &keys)
      }
      spans.append(span)
    }
  }

  /// Two numbers and a string, in any order.
  private mutating func readArray(_ value: Range<Int>, _ bytes: UnsafeBufferPointer<UInt8>) {
    var numbers: [Int] = []
    for element in bytes.jsonElements(value) {
      if let number = bytes.jsonInteger(element) {
        numbers.append(number)
      } else if bytes.isJSONString(element), type == nil {
        type = element
      }
    }
    guard numbers.count >= 2 else { return }
    (start, end) = (numbers[0], numbers[1])
    if numbers.count == 3, type == nil {
      // `[start, end, 3]`: the type's number.
      for element in bytes.jsonElements(value) { type = element }
    }
  }

  private mutating func readObject(_ cursor: inout JSONCursor, _ keys: inout JSONKeyTable) throws(JSONProblem) {
    let (bytes, meanings) = (cursor.bytes, Self.meanings)
    var (start, end, type, text) = (Choice(), Choice(), Choice(), Choice())
    var inner: Range<Int>?
    var place: Range<Int>?
    try cursor.expect(UInt8(ascii: "{"))
    var isFirst = true
    var count = 0
    while try cursor.step(&isFirst, until: UInt8(ascii: "}")) {
      let number = try keys.read(&cursor, place: count)
      count += 1
      try cursor.expect(UInt8(ascii: ":"))
      _ = cursor.peek()
      let first = cursor.position
      try cursor.skipValue()
      let value = first..<cursor.position
      guard let number, !bytes.isJSONNull(value) else { continue }
      switch meanings[Int(number)] {
      case .start: start.offer(number, value)
      case .end: end.offer(number, value)
      case .type: type.offer(number, value)
      case .inner where bytes.isJSONObject(value): inner = value
      case .text, .inner: text.offer(number, value)
      case .place: place = value
      case .user: user = bytes.jsonInteger(value)
      case .firstWord: firstWord = bytes.jsonInteger(value)
      case .lastWord: lastWord = bytes.jsonInteger(value)
      }
    }
    if let inner { take(JSONSpan(of: inner, bytes)) }
    if let place, bytes.isJSONArray(place) { readArray(place, bytes) }
    if let found = end.value, let number = bytes.jsonInteger(found) {
      let name = Self.keys[Int(end.number)].name
      // LUIS names the last character that belongs to it.
      self.end = name == "endPos" ? number + 1 : number
      countsWords = name == "stop"
    }
    if let number = start.value.flatMap(bytes.jsonInteger) { self.start = number }
    if self.type == nil, let found = type.value {
      self.type = bytes.isJSONArray(found) ? bytes.firstElement(found) : found
    }
    if let found = text.value, bytes.isJSONString(found) { ownText = found }
  }

  /// Takes the place, and perhaps the type, of what an object inside says.
  private mutating func take(_ inner: JSONSpan) {
    guard inner.isPlaced else { return }
    let user = user
    self = inner
    self.user = user
  }

  /// The value of the preferred one of several keys.
  private struct Choice {
    var number = Int32.max
    var value: Range<Int>?

    mutating func offer(_ number: Int32, _ value: Range<Int>) {
      if number < self.number { (self.number, self.value) = (number, value) }
    }
  }
}

/// What offsets into a text count.
enum OffsetUnit {
  case codePoints
  /// As JavaScript counts: characters beyond U+FFFF are two.
  case utf16
}

/// Where the bytes of a text are by other units.
struct OffsetMap {
  /// By offset: the byte; empty where every character is one byte.
  private var bytes: [Int] = []
  private let count: Int

  init(_ text: UnsafeBufferPointer<UInt8>, _ unit: OffsetUnit) {
    count = text.count
    guard text.contains(where: { $0 >= 0x80 }) else { return }
    bytes.reserveCapacity(text.count + 1)
    var position = 0
    while position < text.count {
      bytes.append(position)
      let length = sequenceLength(of: text[position])
      // Between the halves of a pair: the character's end.
      if unit == .utf16, length == 4 { bytes.append(position + length) }
      position += length
    }
    bytes.append(text.count)
  }

  /// The byte at an offset; beyond the end it stays beyond.
  subscript(offset: Int) -> Int {
    if bytes.isEmpty { return offset }
    if offset < 0 { return offset }
    return offset < bytes.count ? bytes[offset] : count + (offset - bytes.count + 1)
  }
}
