/// A sentence a line with its class as a word of its own, `__label__CLASS`, as fastText has it.
struct FastTextFile: SplitSource {
  var wordPath: String
  var bytesOfText: Int { fileSize(wordPath) }

  private static let mark = "__label__"

  /// Whether a file's first line is of this form.
  static func isMeant(by line: String) -> Bool { line.split(separator: " ").contains { isLabel($0.utf8) } }

  private static func isLabel(_ word: some Collection<UInt8>) -> Bool {
    word.count > mark.utf8.count && word.starts(with: mark.utf8)
  }

  func readSentences(
    _ report: inout ReadReport, _ body: (borrowing Sentence) throws(DataError) -> Void
  ) throws(DataError) {
    try withText(wordPath, &report) { (bytes, report) throws(DataError) in
      var lines = LineCursor(bytes)
      var sentence = Sentence()
      var (withoutClass, withoutWords) = (FirstAndCount(), FirstAndCount())
      while let line = lines.next() {
        if line.isEmpty { continue }
        sentence.clear()
        sentence.line = lines.number
        var position = line.lowerBound
        while let word = bytes.nextASCIIWord(from: &position, before: line.upperBound) {
          guard Self.isLabel(bytes[word]) else {
            sentence.words.append(bytes.slice(word))
            continue
          }
          guard sentence.label == nil else {
            throw .malformed(wordPath, line: lines.number, "several labels: give a sentence one class")
          }
          sentence.label = Array(bytes[word].dropFirst(Self.mark.utf8.count))
        }
        if sentence.words.isEmpty {
          withoutWords.note(lines.number)
          continue
        }
        if sentence.label == nil { withoutClass.note(lines.number) }
        try body(sentence)
      }
      report.remarks += [
        withoutWords.remark(wordPath) { "\(counted($0, "line")) without words skipped." },
        withoutClass.remark(wordPath) { "\(counted($0, "sentence")) without a class." },
      ].compactMap(\.self)
    }
  }
}
