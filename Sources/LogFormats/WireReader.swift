/// Goes through the fields of a protobuf message without making anything of them: what is needed for the one path that
/// reads millions of messages. Everything else goes through swift-protobuf.
struct WireReader {
  private let bytes: UnsafeRawBufferPointer
  private var place: Int
  private let end: Int
  /// The field whose value comes next.
  private(set) var field: UInt64 = 0
  private(set) var type: UInt8 = 0
  /// Whether the message is malformed from here on.
  private(set) var isBroken = false

  init(_ bytes: UnsafeRawBufferPointer) {
    self.init(bytes, 0..<bytes.count)
  }

  init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
    self.bytes = bytes
    place = range.lowerBound
    end = range.upperBound
  }

  /// Goes to the next field; false at the message's end, or where it is malformed. Its value must then be taken or
  /// skipped.
  @inline(__always)
  mutating func next() -> Bool {
    guard place < end, !isBroken else { return false }
    let key = varint()
    field = key >> 3
    type = UInt8(key & 7)
    return !isBroken
  }

  @inline(__always)
  mutating func varint() -> UInt64 {
    guard place < end else { return fail() }
    let first = bytes[place]
    if first < 0x80 {
      place += 1
      return UInt64(first)
    }
    return longVarint()
  }

  private mutating func longVarint() -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while place < end, shift < 70 {
      let byte = bytes[place]
      place += 1
      value |= shift < 64 ? UInt64(byte & 0x7F) << shift : 0
      if byte < 0x80 { return value }
      shift += 7
    }
    return fail()
  }

  @inline(__always)
  mutating func fixed64() -> UInt64 {
    guard end - place >= 8 else { return fail() }
    defer { place += 8 }
    return UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self))
  }

  @inline(__always)
  mutating func fixed32() -> UInt32 {
    guard end - place >= 4 else { return UInt32(truncatingIfNeeded: fail()) }
    defer { place += 4 }
    return UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self))
  }

  /// The place of a value that has its length in front: a text, bytes, a message or packed numbers.
  @inline(__always)
  mutating func range() -> Range<Int> {
    let length = varint()
    guard !isBroken, length <= UInt64(end - place) else {
      _ = fail()
      return end..<end
    }
    defer { place += Int(length) }
    return place..<place + Int(length)
  }

  mutating func skip() {
    switch type {
    case 0: _ = varint()
    case 1: _ = fixed64()
    case 2: _ = range()
    case 3: skipGroup()
    case 5: _ = fixed32()
    default: _ = fail()
    }
  }

  /// Goes behind the end of a group, the old form of a message within a message, with groups inside it.
  private mutating func skipGroup() {
    var depth = 1
    while depth > 0, next() {
      switch type {
      case 3: depth += 1
      case 4: depth -= 1
      default: skip()
      }
    }
    if depth > 0 { _ = fail() }
  }

  private mutating func fail() -> UInt64 {
    isBroken = true
    place = end
    return 0
  }
}
