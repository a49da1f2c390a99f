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

  /// Whether it says where it is.
  var isPlaced: Bool { end != nil }

  static let typeKeys = ["label", "labels", "entity", "slot", "type", "tag", "entity_type", "category"]
  private static let startKeys = ["start", "start_offset", "startIndex", "begin", "start_char", "from", "startPos"]
  private static let endKeys = ["end", "end_offset", "endIndex", "stop", "end_char", "to", "endPos"]
  private static let textKeys = ["text", "value", "val", "surface", "word"]

  /// Takes `[start, end, "type"]` or an object apart.
  init(_ value: Range<Int>, _ bytes: UnsafeBufferPointer<UInt8>) {
    if bytes.isJSONArray(value) {
      readArray(value, bytes)
    } else if bytes.isJSONObject(value) {
      var members = JSONMembers(bytes)
      members.read(value)
      readObject(members, bytes)
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

  private mutating func readObject(_ members: JSONMembers, _ bytes: UnsafeBufferPointer<UInt8>) {
    // The place and the label may lie in an object of their own.
    for key in ["value", "valueSpan"] {
      guard let inner = members.value(key), bytes.isJSONObject(inner) else { continue }
      let own = JSONSpan(inner, bytes)
      if own.isPlaced { self = own }
    }
    if let span = members.value("span"), bytes.isJSONArray(span) { readArray(span, bytes) }
    if let found = members.first(Self.endKeys), let number = bytes.jsonInteger(found.value) {
      // LUIS names the last character that belongs to it.
      end = found.name == "endPos" ? number + 1 : number
      countsWords = found.name == "stop"
    }
    if let number = members.first(Self.startKeys).flatMap({ bytes.jsonInteger($0.value) }) { start = number }
    if type == nil, let found = members.first(Self.typeKeys)?.value {
      type = bytes.isJSONArray(found) ? bytes.firstElement(found) : found
    }
    if let found = members.first(Self.textKeys)?.value, bytes.isJSONString(found) { ownText = found }
    user = members.value("user").flatMap { bytes.jsonInteger($0) }
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

  init(_ text: [UInt8], _ unit: OffsetUnit) {
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
