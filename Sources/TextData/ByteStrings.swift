import Glibc

/// Many short byte strings, stored back to back in one allocation.
struct ByteStrings: Sendable {
  private(set) var bytes = Refilled<UInt8>()
  private var ends = Refilled<Int>()

  var count: Int { ends.count }
  var isEmpty: Bool { ends.isEmpty }
  /// Whether one of the strings has no bytes.
  var hasEmptyString: Bool {
    var start = 0
    for end in ends {
      if end == start { return true }
      start = end
    }
    return false
  }

  /// Whether one of the strings is this single ASCII character.
  func contains(_ character: UnicodeScalar) -> Bool {
    let byte = UInt8(ascii: character)
    var start = 0
    for end in ends {
      if end - start == 1, bytes[start] == byte { return true }
      start = end
    }
    return false
  }

  @inline(__always)
  func range(of index: Int) -> Range<Int> {
    (index == 0 ? 0 : ends[index - 1])..<ends[index]
  }

  @inline(__always)
  mutating func append(_ string: UnsafeBufferPointer<UInt8>) {
    bytes.append(contentsOf: string)
    ends.append(bytes.count)
  }

  @inline(__always)
  mutating func append(_ string: some Collection<UInt8>) {
    bytes.append(contentsOf: string)
    ends.append(bytes.count)
  }

  mutating func append(_ string: String) { append(string.utf8) }

  /// Appends a tag of a type.
  @inline(__always)
  mutating func append(_ prefix: TagPrefix, _ type: UnsafeBufferPointer<UInt8>) {
    bytes.append(prefix.rawValue)
    bytes.append(UInt8(ascii: "-"))
    append(type)
  }

  /// Appends `O`.
  @inline(__always)
  mutating func appendOutside() {
    bytes.append(TagPrefix.outside.rawValue)
    ends.append(bytes.count)
  }

  mutating func removeAll() {
    bytes.removeAll()
    ends.removeAll()
  }

  /// The string at `index`; bytes that are not UTF-8 (which readers refuse) become U+FFFD.
  func string(_ index: Int) -> String {
    String(decoding: bytes[range(of: index)], as: UTF8.self)
  }

  /// Calls `body` with the bytes of the string at `index`.
  @inline(__always)
  func withBytes<Result, Failure: Error>(
    of index: Int, _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let range = range(of: index)
    return try bytes.withUnsafeBufferPointer { (all) throws(Failure) in try body(all.slice(range)) }
  }
}

extension UnsafeBufferPointer<UInt8> {
  @inline(__always)
  func slice(_ range: Range<Int>) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(rebasing: self[range])
  }

  /// Eight bytes as one number.
  @inline(__always)
  func eightBytes(at position: Int) -> UInt64 {
    UnsafeRawBufferPointer(self).loadUnaligned(fromByteOffset: position, as: UInt64.self)
  }

  /// Where a byte first is in a range.
  @inline(__always)
  func firstIndex(of byte: UInt8, in range: Range<Int>) -> Int? {
    guard let base = baseAddress, let found = memchr(base + range.lowerBound, Int32(byte), range.count) else {
      return nil
    }
    return UnsafeRawPointer(found) - UnsafeRawPointer(base)
  }

  /// The value of one to seventeen decimal digits; nil for anything else. (`Int` would have to be given a string.)
  @inline(__always)
  func decimal(_ digits: Range<Int>) -> Int? {
    guard !digits.isEmpty, digits.count < 18 else { return nil }
    var value = 0
    for position in digits {
      let digit = self[position] &- UInt8(ascii: "0")
      guard digit < 10 else { return nil }
      value = value * 10 + Int(digit)
    }
    return value
  }

  func text(_ range: Range<Int>) -> String {
    String(decoding: self[range], as: UTF8.self)
  }
}
