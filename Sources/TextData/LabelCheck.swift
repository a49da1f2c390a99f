/// Notes whether sentences have classes and tags, for refusing data in which none has either.
struct LabelCheck {
  private(set) var hasClasses = false
  private(set) var hasTags = false

  mutating func note(_ sentence: borrowing Sentence) {
    if sentence.label != nil { hasClasses = true }
    if !hasTags, !sentence.tags.bytes.isEmpty { hasTags = true }
  }

  mutating func note(_ columns: SplitColumns) {
    hasClasses = hasClasses || columns.classes.contains { $0 >= 0 }
    hasTags = hasTags || columns.tags.contains { $0 >= 0 }
  }

  /// Throws if no sentence had a label.
  ///
  /// - Parameter purpose: what there is nothing for, as `to learn`.
  func expectSome(in sources: [any SplitSource], purpose: String) throws(DataError) {
    guard !hasClasses, !hasTags, let first = sources.first else { return }
    throw .malformed(
      first.wordPath,
      "has neither sentence classes nor tags: there is nothing \(purpose)\(try Self.hint(first))")
  }

  /// What the file may be instead of what it was read as.
  private static func hint(_ source: any SplitSource) throws(DataError) -> String {
    guard source is ColumnFile else { return "" }
    let looksLikeCSV = try withFileStart(source.wordPath, count: 1 << 16) { start in
      var lines = LineCursor(start)
      var counts: [Int: Int] = [:]
      var all = 0
      while let line = lines.next() {
        guard !line.isEmpty else { continue }
        all += 1
        counts[start[line].reduce(0) { $0 + ($1 == UInt8(ascii: ",") ? 1 : 0) }, default: 0] += 1
      }
      return counts.contains { $0.key > 0 && $0.value * 10 >= all * 9 }
    }
    return looksLikeCSV
      ? " (read as CoNLL columns; it looks like CSV, separated by commas; read are \(FileForm.readForms))"
      : " (read as CoNLL columns: a word a line with its tag in the last column, a class as # intent: X)"
  }
}
