/// Where the rows of a JSON file lie: objects (or pairs of a text and an object or a class), each a sentence or a text.
enum JSONRows {
  /// One object a line.
  case lines
  /// Values one after the other: arrays of rows, or rows.
  case values
  /// One object whose array at these keys holds the rows.
  case array([String])
  /// One object with an array of rows a split, or several: the keys, and the split that each names.
  case splits([(key: String, split: SplitName)])
  /// SNIPS's own form.
  case snips

  /// Paths of keys, for messages.
  static func names(_ found: [[String]]) -> String {
    found.map { quoted($0.joined(separator: ".")) }.joined(separator: " and ")
  }

  /// The split that a key names: `train`, `val`, and behind a prefix: `oos_train`.
  private static func split(namedBy key: String) -> SplitName? {
    let name = key.split(separator: "_").last.map { $0.lowercased() } ?? ""
    return SplitName.allCases.first { $0.spellings.contains(name) }
  }

  /// Looks for where a file's rows are.
  ///
  /// - Parameter isLines: whether each line is an object: a row, or where there is one line alone, what holds the rows.
  static func find(
    _ keys: JSONKeys, in bytes: UnsafeBufferPointer<UInt8>, isLines: Bool, path: String
  ) throws(DataError) -> JSONRows {
    if isLines {
      var lines = LineCursor(bytes)
      guard lines.next() != nil, lines.isAtBlankEnd else { return .lines }
    }
    var cursor = JSONCursor(bytes, textRange(bytes))
    guard cursor.peek() == UInt8(ascii: "{") else { return .values }
    var members = JSONMembers(bytes)
    do throws(JSONProblem) {
      try members.read(&cursor)
    } catch {
      if isLines { return .lines }
      let line = LineCursor.line(of: error.position, in: bytes).number
      throw .malformed(path, line: line, "\(error.sentence): write valid JSON")
    }
    if keys.isRow(members, bytes) || cursor.peek() != nil { return isLines ? .lines : .values }
    var (found, pairs) = ([[String]](), [[String]]())
    search(members, keys, bytes, at: [], &found, &pairs)
    // Pairs of strings may be anything: they are rows where there are no others.
    if found.isEmpty { found = pairs }
    if found.count == 1 { return .array(found[0]) }
    let splits = found.compactMap { keys in
      keys.count == 1 ? split(namedBy: keys[0]).map { (key: keys[0], split: $0) } : nil
    }
    if splits.count == found.count, !found.isEmpty { return .splits(splits) }
    if found.isEmpty, members.list.contains(where: { isSnips($0.value, bytes) }) { return .snips }
    if found.isEmpty, isLines { return .lines }
    if found.isEmpty {
      throw .malformed(
        path, "no sentences were found in this JSON: expected objects with \"text\" or \"tokens\", or an array of them")
    }
    throw .malformed(path, "there are sentences in \(names(found)): write each to a file of its own")
  }

  /// Where the text is, without a byte order mark.
  static func textRange(_ bytes: UnsafeBufferPointer<UInt8>) -> Range<Int> {
    (bytes.hasByteOrderMark(at: 0, before: bytes.count) ? 3 : 0)..<bytes.count
  }

  /// Looks for arrays of rows in an object and in the objects in it, and for arrays of pairs of strings.
  private static func search(
    _ members: JSONMembers, _ keys: JSONKeys, _ bytes: UnsafeBufferPointer<UInt8>, at path: [String],
    _ found: inout [[String]], _ pairs: inout [[String]]
  ) {
    for member in members.list {
      let (name, value) = (String(decoding: members.name(member), as: UTF8.self), member.value)
      var inner = JSONMembers(bytes)
      if bytes.isJSONObject(value), path.count < 3 {
        inner.read(value)
        search(inner, keys, bytes, at: path + [name], &found, &pairs)
      } else if let first = bytes.firstElement(value) {
        if bytes.isJSONObject(first) {
          inner.read(first)
          if keys.isRow(inner, bytes) { found.append(path + [name]) }
        } else if JSONKeys.isPair(first, with: UInt8(ascii: "{"), bytes) {
          found.append(path + [name])
        } else if JSONKeys.isPair(first, with: UInt8(ascii: "\""), bytes) {
          pairs.append(path + [name])
        }
      }
    }
  }

  /// `[{"data": [{"text": …}]}]`, the sentences of an intent.
  private static func isSnips(_ value: Range<Int>, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let first = bytes.firstElement(value), bytes.isJSONObject(first) else { return false }
    var members = JSONMembers(bytes)
    members.read(first)
    return members.value("data").map(bytes.isJSONArray) ?? false
  }

  /// Calls `body` before each row, with the line that it begins on; it must read exactly one value.
  func forEach(
    in bytes: UnsafeBufferPointer<UInt8>, path: String,
    _ body: (inout JSONCursor, _ line: Int) throws(RowFailure) -> Void
  ) throws(DataError) {
    switch self {
    case .lines: try forEachLine(in: bytes, path, body)
    case .values, .array, .splits, .snips:
      var cursor = JSONCursor(bytes, Self.textRange(bytes))
      var lines = LineCounter(bytes)
      do throws(RowFailure) {
        switch self {
        case .array(let keys): try Self.descend([keys[...]], &cursor, &lines, body)
        case .splits(let splits): try Self.descend(splits.map { [$0.key] }, &cursor, &lines, body)
        case .lines, .values, .snips: while cursor.peek() != nil { try Self.readValue(&cursor, &lines, body) }
        }
      } catch {
        switch error {
        case .enough: return
        case .data(let error): throw error
        case .json(let problem):
          let line = LineCursor.line(of: problem.position, in: bytes).number
          throw .malformed(path, line: line, "\(problem.sentence): \(problem.remedy ?? "write valid JSON")")
        }
      }
    }
  }

  private func forEachLine(
    in bytes: UnsafeBufferPointer<UInt8>, _ path: String,
    _ body: (inout JSONCursor, _ line: Int) throws(RowFailure) -> Void
  ) throws(DataError) {
    var lines = LineCursor(bytes)
    while let line = lines.next() {
      if line.isEmpty { continue }
      var cursor = JSONCursor(bytes, line)
      do throws(RowFailure) {
        try body(&cursor, lines.number)
        if cursor.peek() != nil { throw .json(cursor.problem("something follows the object")) }
      } catch {
        switch error {
        case .enough: return
        case .data(let error): throw error
        case .json(let problem):
          if let remedy = problem.remedy {
            throw .malformed(path, line: lines.number, "\(problem.sentence): \(remedy)")
          }
          let place = "byte \(problem.position - line.lowerBound + 1) of the object"
          throw .malformed(path, line: lines.number, "\(problem.sentence) at \(place): write one JSON object a line")
        }
      }
    }
  }

  /// Hands out a row, or the rows of an array.
  private static func readValue(
    _ cursor: inout JSONCursor, _ lines: inout LineCounter,
    _ body: (inout JSONCursor, _ line: Int) throws(RowFailure) -> Void
  ) throws(RowFailure) {
    guard cursor.peek() == UInt8(ascii: "["), !beginsPair(cursor) else {
      return try body(&cursor, lines.line(at: cursor.position))
    }
    do throws(JSONProblem) { try cursor.expect(UInt8(ascii: "[")) } catch { throw .json(error) }
    var isFirst = true
    while try Self.step(&cursor, &isFirst, until: UInt8(ascii: "]")) {
      _ = cursor.peek()
      if cursor.peek() == UInt8(ascii: "n") {
        try Self.skip(&cursor)
      } else {
        try body(&cursor, lines.line(at: cursor.position))
      }
    }
  }

  /// Hands out the rows of the arrays that lie at paths of keys of the object that comes next.
  private static func descend(
    _ paths: [ArraySlice<String>], _ cursor: inout JSONCursor, _ lines: inout LineCounter,
    _ body: (inout JSONCursor, _ line: Int) throws(RowFailure) -> Void
  ) throws(RowFailure) {
    if paths.contains(where: \.isEmpty) { return try readValue(&cursor, &lines, body) }
    do throws(JSONProblem) { try cursor.expect(UInt8(ascii: "{")) } catch { throw .json(error) }
    var isFirst = true
    var name: [UInt8] = []
    while try Self.step(&cursor, &isFirst, until: UInt8(ascii: "}")) {
      name.removeAll(keepingCapacity: true)
      do throws(JSONProblem) {
        try cursor.readString(into: &name)
        try cursor.expect(UInt8(ascii: ":"))
      } catch {
        throw .json(error)
      }
      let inner = paths.filter { name.elementsEqual(($0.first ?? "").utf8) }.map { $0.dropFirst() }
      if inner.isEmpty { try Self.skip(&cursor) } else { try descend(inner, &cursor, &lines, body) }
    }
  }

  /// Whether `["text", {` comes next, a row by itself.
  private static func beginsPair(_ cursor: JSONCursor) -> Bool {
    var cursor = cursor
    do throws(JSONProblem) {
      try cursor.expect(UInt8(ascii: "["))
      guard cursor.peek() == UInt8(ascii: "\"") else { return false }
      try cursor.skipString()
      try cursor.expect(UInt8(ascii: ","))
      return cursor.peek() == UInt8(ascii: "{")
    } catch {
      return false
    }
  }

  private static func step(
    _ cursor: inout JSONCursor, _ isFirst: inout Bool, until close: UInt8
  ) throws(RowFailure) -> Bool {
    do throws(JSONProblem) { return try cursor.step(&isFirst, until: close) } catch { throw .json(error) }
  }

  private static func skip(_ cursor: inout JSONCursor) throws(RowFailure) {
    do throws(JSONProblem) { try cursor.skipValue() } catch { throw .json(error) }
  }
}

/// Why a row was not read: it is no JSON, or not what is read from it, or no more rows are needed.
enum RowFailure: Error {
  case json(JSONProblem)
  case data(DataError)
  case enough
}

/// Tells the line of positions that only go forward.
private struct LineCounter {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var position = 0
  private var line = 1

  init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  mutating func line(at next: Int) -> Int {
    while position < next {
      guard let end = bytes.firstIndex(of: 0x0A, in: position..<next) else {
        position = next
        break
      }
      line += 1
      position = end + 1
    }
    return line
  }
}
