import Paths

/// What integer labels stand for: the names in a file beside the data.
struct LabelNames: Sendable {
  /// The file they come from, nil if there is none.
  var path: String?
  var names: [String] = []

  /// Looks for `<key>.names` (one name a line), then for Hugging Face's `dataset_info.json` or `dataset_infos.json`.
  ///
  /// The file belongs to the data: the report notes its fingerprint.
  init(beside data: String, key: String, _ report: inout ReadReport) throws(DataError) {
    let folder = data.lastIndex(of: "/").map { String(data[..<$0]) } ?? "."
    let list = join(folder, key + ".names")
    if pathKind(list) == .file {
      path = list
      names = try Self.lines(list, &report)
      return
    }
    for file in ["dataset_info.json", "dataset_infos.json"].map({ join(folder, $0) }) where pathKind(file) == .file {
      if let found = try Self.names(inDescription: file, key: key, &report) {
        path = file
        names = found
        return
      }
    }
  }

  private static func lines(_ path: String, _ report: inout ReadReport) throws(DataError) -> [String] {
    try withText(path, &report) { (bytes, _) throws(DataError) in
      var lines = LineCursor(bytes)
      var names: [String] = []
      while let line = lines.next() {
        if line.isEmpty, lines.isAtBlankEnd { break }
        names.append(bytes.text(line))
      }
      return names
    }
  }

  /// The first array called `names` inside the object called `key`, at any depth.
  private static func names(
    inDescription path: String, key: String, _ report: inout ReadReport
  ) throws(DataError) -> [String]? {
    try withFileBytes(path) { (bytes) throws(DataError) in
      try checkText(bytes, path: path)
      var search = Search(key: Array(key.utf8))
      var cursor = JSONCursor(bytes, 0..<bytes.count)
      do throws(JSONProblem) {
        try search.visit(&cursor, isInside: false, isNames: false, depth: 0)
      } catch {
        throw .malformed(path, "\(error.sentence) at byte \(error.position + 1): write valid JSON")
      }
      // One that says nothing of the key is none of the data's files.
      if search.found != nil { report.fingerprints[path] = fingerprint(bytes) }
      return search.found
    }
  }

  private struct Search {
    let key: [UInt8]
    var found: [String]?

    mutating func visit(
      _ cursor: inout JSONCursor, isInside: Bool, isNames: Bool, depth: Int
    ) throws(JSONProblem) {
      guard depth < JSONCursor.maximumDepth else { throw cursor.problem("too many levels of nesting") }
      switch cursor.peek() {
      case UInt8(ascii: "{"):
        var search = self
        try cursor.readObject { (cursor, name) throws(JSONProblem) in
          let names = isInside && name.elementsEqual("names".utf8)
          try search.visit(&cursor, isInside: isInside || name == search.key, isNames: names, depth: depth + 1)
        }
        self = search
      case UInt8(ascii: "["):
        if isNames, found == nil {
          found = try strings(&cursor)
        } else {
          try cursor.skipValue(depth: depth)
        }
      default:
        try cursor.skipValue(depth: depth)
      }
    }

    private func strings(_ cursor: inout JSONCursor) throws(JSONProblem) -> [String] {
      var names: [String] = []
      try cursor.readArray { (cursor) throws(JSONProblem) in
        var text: [UInt8] = []
        try cursor.readString(into: &text)
        names.append(String(decoding: text, as: UTF8.self))
      }
      return names
    }
  }
}
