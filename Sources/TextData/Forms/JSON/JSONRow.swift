/// One row of a JSON file: an object, or a pair of a text and an object or its class. Filled anew for each row.
struct JSONRow {
  struct Member {
    /// The key by its number among all that were met.
    var key: Int32
    var value: Range<Int>
    var isRead = false
  }

  let bytes: UnsafeBufferPointer<UInt8>
  private(set) var members: [Member] = []
  /// The text of a pair.
  private(set) var text: Range<Int>?
  /// The class of a pair.
  private(set) var label: Range<Int>?
  private(set) var range = 0..<0
  private var keys = StringTable()
  /// By key: how often it had content that was not read.
  private var unread: [FirstAndCount] = []
  private var key: [UInt8] = []

  init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  /// Reads the value that comes next.
  mutating func read(_ cursor: inout JSONCursor) throws(JSONProblem) {
    (text, label) = (nil, nil)
    members.removeAll(keepingCapacity: true)
    let first = cursor.peek()
    let start = cursor.position
    if first == UInt8(ascii: "[") {
      try cursor.expect(UInt8(ascii: "["))
      text = try stringRange(&cursor)
      try cursor.expect(UInt8(ascii: ","))
      if cursor.peek() == UInt8(ascii: "\"") { label = try stringRange(&cursor) } else { try readObject(&cursor) }
      try cursor.expect(UInt8(ascii: "]"))
    } else {
      try readObject(&cursor)
    }
    range = start..<cursor.position
  }

  private func stringRange(_ cursor: inout JSONCursor) throws(JSONProblem) -> Range<Int> {
    guard cursor.peek() == UInt8(ascii: "\"") else {
      throw cursor.problem("expected a text and an object, or a text and its class")
    }
    let start = cursor.position
    try cursor.skipString()
    return start..<cursor.position
  }

  private mutating func readObject(_ cursor: inout JSONCursor) throws(JSONProblem) {
    try cursor.expect(UInt8(ascii: "{"))
    var isFirst = true
    while try cursor.step(&isFirst, until: UInt8(ascii: "}")) {
      key.removeAll(keepingCapacity: true)
      try cursor.readString(into: &key)
      try cursor.expect(UInt8(ascii: ":"))
      _ = cursor.peek()
      let value = cursor.position
      try cursor.skipValue()
      let number = key.withUnsafeBufferPointer { keys.intern($0) }
      if Int(number) == unread.count { unread.append(FirstAndCount()) }
      members.append(Member(key: number, value: value..<cursor.position))
    }
  }

  func number(of name: String) -> Int32? { keys.find(name) }

  func name(of key: Int32) -> String { keys.string(key) }

  /// The value of a key; nil where the row does not have it or it is null.
  func value(_ name: String) -> Range<Int>? {
    guard let number = keys.find(name), let member = members.first(where: { $0.key == number }) else { return nil }
    return bytes.isJSONNull(member.value) ? nil : member.value
  }

  /// Whether the row has a key twice.
  func hasTwice(_ name: String) -> Bool {
    guard let number = keys.find(name) else { return false }
    return members.reduce(0) { $0 + ($1.key == number ? 1 : 0) } > 1
  }

  mutating func markRead(_ name: String) {
    guard let number = keys.find(name), let index = members.firstIndex(where: { $0.key == number }) else { return }
    members[index].isRead = true
  }

  /// Counts the keys that were not read.
  mutating func noteUnread(line: Int) {
    for member in members where !member.isRead && hasContent(member.value) { unread[Int(member.key)].note(line) }
  }

  func passOverUnread(in path: String, _ report: inout ReadReport) {
    for (index, seen) in unread.enumerated() where seen.count > 0 {
      report.passOver("key \(quoted(keys.string(Int32(index))))", in: path, line: seen.first, count: seen.count)
    }
  }

  /// Whether a value is more than `null` and an empty string, array or object.
  private func hasContent(_ value: Range<Int>) -> Bool {
    if bytes.isJSONNull(value) { return false }
    guard value.count >= 2,
      [UInt8(ascii: "\""), UInt8(ascii: "["), UInt8(ascii: "{")].contains(bytes[value.lowerBound])
    else { return true }
    return !bytes.trimmed(value.lowerBound + 1..<value.upperBound - 1).isEmpty
  }
}
