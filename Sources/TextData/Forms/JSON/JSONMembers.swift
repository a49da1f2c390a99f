/// The members of one JSON object: where each key and its value lie.
struct JSONMembers {
  private let bytes: UnsafeBufferPointer<UInt8>
  /// Keys without their quotation marks, escapes as they are.
  private(set) var list: [(key: Range<Int>, value: Range<Int>)] = []

  init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  /// Reads the object that comes next.
  mutating func read(_ cursor: inout JSONCursor) throws(JSONProblem) {
    list.removeAll(keepingCapacity: true)
    try cursor.expect(UInt8(ascii: "{"))
    var isFirst = true
    while try cursor.step(&isFirst, until: UInt8(ascii: "}")) {
      guard cursor.peek() == UInt8(ascii: "\"") else { throw cursor.problem("expected a string") }
      let key = cursor.position + 1
      try cursor.skipString()
      let keyEnd = cursor.position - 1
      try cursor.expect(UInt8(ascii: ":"))
      _ = cursor.peek()
      let value = cursor.position
      try cursor.skipValue()
      list.append((key..<keyEnd, value..<cursor.position))
    }
  }

  /// Reads the object that a value is; no members where it is none.
  mutating func read(_ value: Range<Int>) {
    list.removeAll(keepingCapacity: true)
    guard bytes[value.lowerBound] == UInt8(ascii: "{") else { return }
    var cursor = JSONCursor(bytes, value)
    // A value that was passed over once is valid.
    try? read(&cursor)
  }

  /// The value of a key; the first where it occurs twice, none where it is null.
  func value(_ name: String) -> Range<Int>? {
    guard let member = list.first(where: { isKey($0.key, name) }) else { return nil }
    return bytes[member.value.lowerBound] == UInt8(ascii: "n") ? nil : member.value
  }

  /// The value of the first of several keys that is there.
  func first(_ names: [String]) -> (name: String, value: Range<Int>)? {
    for name in names {
      if let value = value(name) { return (name, value) }
    }
    return nil
  }

  private func isKey(_ key: Range<Int>, _ name: String) -> Bool {
    if key.count == name.utf8.count { return equal(bytes.slice(key), name) }
    guard key.count > name.utf8.count, bytes[key].contains(UInt8(ascii: "\\")) else { return false }
    return bytes.jsonString(key.lowerBound - 1..<key.upperBound + 1).elementsEqual(name.utf8)
  }
}

/// Values inside JSON that was found valid.
extension UnsafeBufferPointer<UInt8> {
  func isJSONString(_ value: Range<Int>) -> Bool { self[value.lowerBound] == UInt8(ascii: "\"") }
  func isJSONArray(_ value: Range<Int>) -> Bool { self[value.lowerBound] == UInt8(ascii: "[") }
  func isJSONObject(_ value: Range<Int>) -> Bool { self[value.lowerBound] == UInt8(ascii: "{") }

  /// The characters of a string, nothing for another value.
  func jsonString(_ value: Range<Int>) -> [UInt8] {
    var text: [UInt8] = []
    guard isJSONString(value) else { return text }
    text.reserveCapacity(value.count)
    var cursor = JSONCursor(self, value)
    try? cursor.readString(into: &text)
    return text
  }

  /// A whole number; nil for another value. `3.0` is 3, as some programs write it.
  func jsonInteger(_ value: Range<Int>) -> Int? {
    if value.count < 18 {
      var number = 0
      let isNegative = self[value.lowerBound] == UInt8(ascii: "-")
      let digits = isNegative ? value.dropFirst() : value
      for position in digits {
        let digit = Int(self[position]) - 0x30
        guard digit >= 0, digit < 10 else { return Double(text(value)).flatMap { Int(exactly: $0) } }
        number = number * 10 + digit
      }
      return digits.isEmpty ? nil : isNegative ? -number : number
    }
    return Int(text(value))
  }

  /// Calls `body` with each element of an array, with none of another value, until it returns false.
  func forEachElement(_ value: Range<Int>, _ body: (Range<Int>) -> Bool) {
    guard isJSONArray(value) else { return }
    var cursor = JSONCursor(self, value)
    do throws(JSONProblem) {
      try cursor.expect(UInt8(ascii: "["))
      var isFirst = true
      while try cursor.step(&isFirst, until: UInt8(ascii: "]")) {
        _ = cursor.peek()
        let start = cursor.position
        try cursor.skipValue()
        guard body(start..<cursor.position) else { return }
      }
    } catch {
      return
    }
  }

  /// The first element of an array; nil of an empty one and of another value.
  func firstElement(_ value: Range<Int>) -> Range<Int>? {
    var first: Range<Int>?
    forEachElement(value) {
      first = $0
      return false
    }
    return first
  }
}
