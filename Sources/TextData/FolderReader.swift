import Paths

/// The folder form of one split: three files whose lines belong together.
struct FolderSplit: Hashable, Sendable {
  /// `seq.in`: words separated by white space.
  var words: String
  /// `seq.out`: one tag a word; nil for data without tags.
  var tags: String?
  /// `label`: the sentence class, which may contain spaces; nil for data without classes.
  var labels: String?

  /// Finds the files of the split in `folder`; nil if it has no `seq.in`.
  init?(folder: String) {
    words = join(folder, "seq.in")
    guard pathKind(words) != .nothing else { return nil }
    let tagPath = join(folder, "seq.out")
    tags = pathKind(tagPath) == .nothing ? nil : tagPath
    let labelPath = join(folder, "label")
    labels = pathKind(labelPath) == .nothing ? nil : labelPath
  }

  /// Calls `body` with every sentence that has words.
  ///
  /// An empty line in `seq.in` is skipped and reported; an empty line in `label` means that the sentence has no class.
  func readSentences(
    _ report: inout ReadReport, _ body: (borrowing Sentence) throws(DataError) -> Void
  ) throws(DataError) {
    try withText(words, &report) { (wordBytes, report) throws(DataError) in
      try withText(tags, &report) { (tagBytes, report) throws(DataError) in
        try withText(labels, &report) { (labelBytes, report) throws(DataError) in
          try readLines(
            LineCursor(wordBytes), tags == nil ? nil : LineCursor(tagBytes),
            labels == nil ? nil : LineCursor(labelBytes), &report, body)
        }
      }
    }
  }

  private func readLines(
    _ wordLines: LineCursor, _ tagLines: LineCursor?, _ labelLines: LineCursor?, _ report: inout ReadReport,
    _ body: (borrowing Sentence) throws(DataError) -> Void
  ) throws(DataError) {
    var (wordLines, tagLines, labelLines) = (wordLines, tagLines, labelLines)
    var sentence = Sentence()
    var skipped = FirstAndCount()
    var unlabelled = FirstAndCount()
    while let line = wordLines.next() {
      sentence.clear()
      sentence.line = wordLines.number
      if let tagLine = try nextLine(&tagLines, path: tags, beside: wordLines, isEmpty: line.isEmpty),
        let bytes = tagLines?.bytes
      {
        sentence.tags.appendWords(of: bytes, in: tagLine)
      }
      sentence.readWords(of: wordLines.bytes, in: line)
      if let labelLine = try nextLine(&labelLines, path: labels, beside: wordLines, isEmpty: line.isEmpty),
        let bytes = labelLines?.bytes
      {
        if labelLine.isEmpty {
          if !sentence.words.isEmpty { unlabelled.note(wordLines.number) }
        } else {
          sentence.label = Array(bytes[labelLine])
        }
      }
      if let tags, sentence.tags.count != sentence.words.count {
        throw .malformed(
          tags, line: wordLines.number,
          "\(counted(sentence.tags.count, "tag")) for \(counted(sentence.words.count, "word")) in seq.in: "
            + "give every word one tag")
      }
      if sentence.words.isEmpty {
        if !wordLines.isAtBlankEnd { skipped.note(wordLines.number) }
      } else {
        try body(sentence)
      }
    }
    try expectEnd(tagLines, path: tags, beside: wordLines)
    try expectEnd(labelLines, path: labels, beside: wordLines)
    report.remarks += [
      skipped.remark(words) { "\(counted($0, "empty line")) skipped." },
      labels.flatMap { unlabelled.remark($0) { "\(counted($0, "sentence")) without a class." } },
    ].compactMap(\.self)
  }

  /// The line that belongs to the one just read from `seq.in`; nil where there is no such file.
  ///
  /// Empty lines at the end of `seq.in` need no partner.
  private func nextLine(
    _ lines: inout LineCursor?, path: String?, beside wordLines: LineCursor, isEmpty: Bool
  ) throws(DataError) -> Range<Int>? {
    guard let path, lines != nil else { return nil }
    if let line = lines?.next() { return line }
    if isEmpty, wordLines.isAtBlankEnd { return nil }
    var rest = wordLines
    while !rest.isAtBlankEnd, rest.next() != nil {}
    throw .malformed(
      path, line: wordLines.number,
      "the file ends after \(counted(wordLines.number - 1, "line")), but seq.in has \(rest.number): "
        + "each line belongs to the same line of seq.in")
  }

  private func expectEnd(_ lines: LineCursor?, path: String?, beside wordLines: LineCursor) throws(DataError) {
    guard let path, var lines, !lines.isAtBlankEnd else { return }
    let first = lines.number + 1
    while !lines.isAtBlankEnd, lines.next() != nil {}
    throw .malformed(
      path, line: first,
      "the file has \(counted(lines.number, "line")), but seq.in has \(wordLines.number): "
        + "each line belongs to the same line of seq.in")
  }
}
