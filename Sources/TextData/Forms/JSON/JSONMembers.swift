/// The members of one JSON object: where each key and its value lie.
struct JSONMembers {
  private let bytes: UnsafeBufferPointer<UInt8>
  struct Member {
    /// Without quotation marks, escapes as they are.
    var key: Range<Int>
    var value: Range<Int>
    var hasEscapes: Bool
  }

  private(set) var list: [Member] = []

  init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  mutating func removeAll() { list.removeAll(keepingCapacity: true) }

  /// Reads the object that comes next.
  mutating func read(_ cursor: inout JSONCursor) throws(JSONProblem) {
    removeAll()
    list.reserveCapacity(8)
    try cursor.expect(UInt8(ascii: "{"))
    var isFirst = true
    while try cursor.step(&isFirst, until: UInt8(ascii: "}")) {
      guard cursor.peek() == UInt8(ascii: "\"") else { throw cursor.problem("expected a string") }
      let key = cursor.position + 1
      try cursor.skipString()
      let keyEnd = cursor.position - 1
      let hasEscapes = bytes.firstIndex(of: UInt8(ascii: "\\"), in: key..<keyEnd) != nil
      try cursor.expect(UInt8(ascii: ":"))
      _ = cursor.peek()
      let value = cursor.position
      try cursor.skipValue()
      list.append(Member(key: key..<keyEnd, value: value..<cursor.position, hasEscapes: hasEscapes))
    }
  }

  /// Reads the object that a value is; no members where it is none.
  mutating func read(_ value: Range<Int>) {
    removeAll()
    guard bytes[value.lowerBound] == UInt8(ascii: "{") else { return }
    var cursor = JSONCursor(bytes, value)
    // A value that was passed over once is valid.
    try? read(&cursor)
  }

  /// The value of a key; the first where it occurs twice, none where it is null.
  func value(_ name: String) -> Range<Int>? {
    guard let member = list.first(where: { isKey($0, name) }) else { return nil }
    return bytes.isJSONNull(member.value) ? nil : member.value
  }

  /// The value of the first of several keys that is there.
  func first(_ names: [String]) -> (name: String, value: Range<Int>)? {
    for name in names {
      if let value = value(name) { return (name, value) }
    }
    return nil
  }

  private func isKey(_ member: Member, _ name: String) -> Bool {
    member.hasEscapes ? self.name(member).elementsEqual(name.utf8) : equal(bytes.slice(member.key), name)
  }

  /// The characters of a key.
  func name(_ member: Member) -> [UInt8] { bytes.jsonString(member.key.lowerBound - 1..<member.key.upperBound + 1) }
}

/// The elements of a JSON array that was found valid; none of another value.
struct JSONElements: Sequence, IteratorProtocol {
  private var cursor: JSONCursor
  private var isFirst = true
  private var isDone: Bool

  init(_ bytes: UnsafeBufferPointer<UInt8>, _ value: Range<Int>) {
    cursor = JSONCursor(bytes, value.lowerBound + 1..<value.upperBound)
    isDone = !bytes.isJSONArray(value)
  }

  mutating func next() -> Range<Int>? {
    guard !isDone else { return nil }
    do throws(JSONProblem) {
      guard try cursor.step(&isFirst, until: UInt8(ascii: "]")) else {
        isDone = true
        return nil
      }
      _ = cursor.peek()
      let start = cursor.position
      try cursor.skipValue()
      return start..<cursor.position
    } catch {
      isDone = true
      return nil
    }
  }
}

/// The members of the elements of a JSON array that was found valid, one after the other in the same memory; none of
/// another value.
struct JSONObjects {
  private var cursor: JSONCursor
  private var isFirst = true
  /// Those of the element that was reached last; none where it is no object.
  private(set) var members: JSONMembers

  init(_ bytes: UnsafeBufferPointer<UInt8>, _ value: Range<Int>) {
    let inner = value.lowerBound + 1..<value.upperBound
    cursor = JSONCursor(bytes, bytes.isJSONArray(value) ? inner : value.upperBound..<value.upperBound)
    members = JSONMembers(bytes)
  }

  /// Goes to the next element; false at the end.
  mutating func next() -> Bool {
    do throws(JSONProblem) {
      guard try cursor.step(&isFirst, until: UInt8(ascii: "]")), let first = cursor.peek() else { return false }
      if first == UInt8(ascii: "{") {
        try members.read(&cursor)
      } else {
        members.removeAll()
        try cursor.skipValue()
      }
      return true
    } catch {
      return false
    }
  }
}

/// Values inside JSON that was found valid.
extension UnsafeBufferPointer<UInt8> {
  func isJSONString(_ value: Range<Int>) -> Bool { self[value.lowerBound] == UInt8(ascii: "\"") }
  func isJSONArray(_ value: Range<Int>) -> Bool { self[value.lowerBound] == UInt8(ascii: "[") }
  /// Whether a value is `null`, or `NaN`, which Python writes where a table has none.
  func isJSONNull(_ value: Range<Int>) -> Bool {
    self[value.lowerBound] == UInt8(ascii: "n") || self[value.lowerBound] == UInt8(ascii: "N")
  }
  func isJSONBoolean(_ value: Range<Int>) -> Bool {
    self[value.lowerBound] == UInt8(ascii: "t") || self[value.lowerBound] == UInt8(ascii: "f")
  }
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

  /// Calls `body` with the characters of a string: those of the file itself where none is an escape.
  @inline(__always)
  func withJSONString<Result>(_ string: Range<Int>, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    let inner = string.lowerBound + 1..<string.upperBound - 1
    if firstIndex(of: UInt8(ascii: "\\"), in: inner) == nil { return body(slice(inner)) }
    return jsonString(string).withUnsafeBufferPointer(body)
  }

  /// The same with spaces for control characters, and with whether there were any: only escapes stand for such.
  @inline(__always)
  func withJSONText<Result>(_ string: Range<Int>, _ body: (UnsafeBufferPointer<UInt8>, Bool) -> Result) -> Result {
    let inner = string.lowerBound + 1..<string.upperBound - 1
    if firstIndex(of: UInt8(ascii: "\\"), in: inner) == nil { return body(slice(inner), false) }
    var text = jsonString(string)
    let hasControl = replaceControlCharacters(in: &text)
    return text.withUnsafeBufferPointer { body($0, hasControl) }
  }

  /// A whole number; nil for another value. `3.0` is 3, as some programs write it.
  func jsonInteger(_ value: Range<Int>) -> Int? {
    let first = self[value.lowerBound]
    guard first == UInt8(ascii: "-") || first &- UInt8(ascii: "0") < 10 else { return nil }
    guard value.count < 18 else { return Int(text(value)) }
    let isNegative = first == UInt8(ascii: "-")
    let digits = isNegative ? value.dropFirst() : value
    if let number = decimal(digits) { return isNegative ? -number : number }
    return digits.isEmpty ? nil : Double(text(value)).flatMap { Int(exactly: $0) }
  }

  func jsonElements(_ value: Range<Int>) -> JSONElements { JSONElements(self, value) }

  /// The first element of an array; nil of an empty one and of another value.
  func firstElement(_ value: Range<Int>) -> Range<Int>? {
    var elements = jsonElements(value)
    return elements.next()
  }
}
