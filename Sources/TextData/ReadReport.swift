/// What reading leaves behind besides the sentences.
struct ReadReport: Sendable {
  /// Sentences for the log.
  var remarks: [String] = []
  /// Hex digest of each file read, by path.
  var fingerprints: [String: String] = [:]
  /// What was not read, file by file, in the order in which it was first met.
  private var passedOver: [PassedOver] = []
  private var places: [PassedOver.Name: Int] = [:]

  /// Notes something in a file that is not read, such as a key, a column or a kind of line.
  ///
  /// - Parameters:
  ///   - what: its name as a sentence has it: `key "id"`, `column 3`, `comment "sent_id"`.
  ///   - line: where it stands, from 1; nil where it has no line.
  mutating func passOver(_ what: String, in path: String, line: Int?, count: Int = 1) {
    let name = PassedOver.Name(path: path, what: what)
    if let place = places[name] {
      passedOver[place].count += count
    } else {
      places[name] = passedOver.count
      passedOver.append(PassedOver(name: name, first: line, count: count))
    }
  }

  /// Adds what another reading left behind.
  mutating func add(_ other: ReadReport) {
    remarks += other.remarks
    fingerprints.merge(other.fingerprints) { $1 }
    for each in other.passedOver {
      passOver(each.name.what, in: each.name.path, line: each.first, count: each.count)
    }
  }

  /// A remark a file on what was passed over in it.
  var remarksOnPassedOver: [String] {
    var order: [String] = []
    var entries: [String: [String]] = [:]
    for each in passedOver {
      if entries[each.name.path] == nil { order.append(each.name.path) }
      entries[each.name.path, default: []].append(each.text)
    }
    return order.map { path in
      let all = entries[path] ?? []
      let more = all.count > Self.mostNamed ? " and \(all.count - Self.mostNamed) more kinds" : ""
      return "\(path): not read: \(all.prefix(Self.mostNamed).joined(separator: ", "))\(more)."
    }
  }

  /// Kinds of things passed over that a remark names.
  private static let mostNamed = 12

  private struct PassedOver: Sendable {
    struct Name: Hashable, Sendable {
      var path: String
      var what: String
    }
    var name: Name
    var first: Int?
    var count: Int

    var text: String {
      let times = count == 1 ? "once" : "\(count) times"
      guard let first else { return name.what }
      return "\(name.what) (\(times), \(count == 1 ? "" : "first ")on line \(first))"
    }
  }
}

/// How often something was seen, and on which line first.
struct FirstAndCount: Sendable {
  private(set) var first: Int?
  private(set) var count = 0

  mutating func note(_ line: Int) {
    if first == nil { first = line }
    count += 1
  }

  /// Adds what was seen in a part that begins `offset` later.
  mutating func add(_ other: FirstAndCount, shiftedBy offset: Int) {
    if first == nil { first = other.first.map { $0 + offset } }
    count += other.count
  }

  /// A remark on it, `path:first: text of the count`; nil if it was not seen.
  func remark(_ path: String, _ text: (Int) -> String) -> String? { first.map { "\(path):\($0): \(text(count))" } }
}

/// `1 word`, `2 words`.
func counted(_ count: Int, _ noun: String, _ plural: String? = nil) -> String {
  "\(count) \(count == 1 ? noun : plural ?? noun + "s")"
}

/// Calls `body` with a text file's checked bytes and notes its fingerprint; with no bytes where there is no path.
func withText<Result>(
  _ path: String?, _ report: inout ReadReport,
  _ body: (UnsafeBufferPointer<UInt8>, inout ReadReport) throws(DataError) -> Result
) throws(DataError) -> Result {
  guard let path else { return try body(UnsafeBufferPointer(start: nil, count: 0), &report) }
  return try withFileBytes(path) { (bytes) throws(DataError) in
    try checkText(bytes, path: path)
    report.fingerprints[path] = fingerprint(bytes)
    return try body(bytes, &report)
  }
}
