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
  private var keys: JSONKeyTable
  /// How long the values of all rows are, in their order: whoever reads the rows again need not look into them.
  private var lengths: [UInt32] = []
  /// The place among those of the value that comes next.
  private var next = 0
  /// By key: how often it had content that was not read.
  private var unread: [FirstAndCount] = []

  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    self.bytes = bytes
    keys = JSONKeyTable(bytes)
  }

  /// Says that the first row comes next again.
  mutating func rewind() { next = 0 }

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
      guard cursor.take(UInt8(ascii: "]")) else { throw noRow("an array of more than a text and its labels", cursor) }
    } else if first == UInt8(ascii: "\"") {
      throw noRow("a text without labels", cursor)
    } else {
      try readObject(&cursor)
    }
    range = start..<cursor.position
  }

  private func noRow(_ what: String, _ cursor: JSONCursor) -> JSONProblem {
    JSONProblem(
      position: cursor.position, sentence: "there is \(what)",
      remedy: "write rows as {\"text\": …, \"label\": …} or [\"text\", \"label\"]")
  }

  private mutating func stringRange(_ cursor: inout JSONCursor) throws(JSONProblem) -> Range<Int> {
    guard cursor.peek() == UInt8(ascii: "\"") else { throw noRow("an array that does not begin with a text", cursor) }
    return try valueRange(&cursor)
  }

  /// Passes over a value; checks it when it comes for the first time.
  @inline(__always)
  private mutating func valueRange(_ cursor: inout JSONCursor) throws(JSONProblem) -> Range<Int> {
    _ = cursor.peek()
    let start = cursor.position
    if next < lengths.count, lengths[next] < .max {
      cursor.pass(Int(lengths[next]))
    } else {
      try cursor.skipValue()
      if next == lengths.count { lengths.append(UInt32(clamping: cursor.position - start)) }
    }
    next += 1
    return start..<cursor.position
  }

  private mutating func readObject(_ cursor: inout JSONCursor) throws(JSONProblem) {
    try cursor.expect(UInt8(ascii: "{"))
    var isFirst = true
    while try cursor.step(&isFirst, until: UInt8(ascii: "}")) {
      let key = try keys.read(&cursor, place: members.count)
      try cursor.expect(UInt8(ascii: ":"))
      let value = try valueRange(&cursor)
      guard let key else { continue }
      if Int(key) == unread.count { unread.append(FirstAndCount()) }
      members.append(Member(key: key, value: value))
    }
  }

  func number(of name: String) -> Int32? { keys.names.find(name) }

  func name(of key: Int32) -> String { keys.names.string(key) }

  /// The place of a key among the members; nil where the row does not have it.
  func place(of name: String) -> Int? {
    guard let number = keys.names.find(name) else { return nil }
    return members.firstIndex { $0.key == number }
  }

  /// The value of the member at a place; nil for null.
  func value(at place: Int) -> Range<Int>? {
    let value = members[place].value
    return bytes.isJSONNull(value) ? nil : value
  }

  /// The value of a key; nil where the row does not have it or it is null.
  func value(_ name: String) -> Range<Int>? { place(of: name).flatMap { value(at: $0) } }

  /// Whether the key of the member at a place comes again.
  func isRepeated(at place: Int) -> Bool { members[(place + 1)...].contains { $0.key == members[place].key } }

  mutating func markRead(at place: Int) { members[place].isRead = true }

  mutating func markRead(_ name: String) {
    if let place = place(of: name) { markRead(at: place) }
  }

  /// Counts the keys that were not read.
  mutating func noteUnread(line: Int) {
    for member in members where !member.isRead && hasContent(member.value) { unread[Int(member.key)].note(line) }
  }

  func passOverUnread(in path: String, _ report: inout ReadReport) {
    for (index, seen) in unread.enumerated() where seen.count > 0 {
      report.passOver("key \(quoted(name(of: Int32(index))))", in: path, line: seen.first, count: seen.count)
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
