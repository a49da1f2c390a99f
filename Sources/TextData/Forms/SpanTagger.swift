/// Turns texts with labelled spans into sentences of words with tags.
///
/// Words are what `splitIntoWords` finds, and end where a span begins or ends. Spans lose white space at their ends;
/// of spans that overlap the longest stays; what reaches beyond the text is cut off. Texts of more words than a sentence
/// may have are cut at the ends of lines, then of sentences, never inside a span, unless they have a class, which is
/// of the whole text. All of it is counted.
struct SpanTagger {
  private let path: String
  private let longestSentence: Int
  private var sentence = Sentence()
  private var words = Refilled<Word>()
  /// The spans that are kept.
  private var spans = Refilled<TextSpan>()

  private var trimmed = FirstAndCount()
  private var clipped = FirstAndCount()
  private var empty = FirstAndCount()
  private var overlapping = FirstAndCount()
  private var splitWords = FirstAndCount()
  private var longTexts = FirstAndCount()
  /// Sentences that the long texts became.
  private var parts = 0

  private struct Word {
    var range: Range<Int>
    /// Its span among those that are kept, -1 for none.
    var span: Int32
  }

  /// - Parameter longestSentence: words beyond which a text is cut.
  init(path: String, longestSentence: Int) {
    self.path = path
    self.longestSentence = longestSentence
  }

  /// Sentences for the log.
  var remarks: [String] {
    [
      splitWords.remark(path) { "\(counted($0, "word")) split where a span begins or ends inside." },
      trimmed.remark(path) { "\(counted($0, "span")) with white space at an end: trimmed." },
      clipped.remark(path) { "\(counted($0, "span")) beyond the text: cut to it." },
      overlapping.remark(path) { "\(counted($0, "span")) left out that overlap a longer one." },
      empty.remark(path) { "\(counted($0, "span")) left out that cover no word." },
      longTexts.remark(path) {
        "\(counted($0, "text")) of more than \(counted(longestSentence, "word")) cut into "
          + "\(counted(parts, "sentence")) at line and sentence ends outside spans."
      },
    ].compactMap(\.self)
  }

  /// Calls `body` with the sentences of a text; words outside spans have the tag `O`.
  ///
  /// - Parameter tokens: the text's words where it comes with its own; empty ones are left out.
  mutating func read(
    _ text: borrowing MarkedText, tokens: Refilled<Range<Int>>? = nil, label: [UInt8]?, line: Int,
    _ body: (borrowing Sentence) throws(DataError) -> Void
  ) throws(DataError) {
    words.removeAll()
    spans.removeAll()
    text.bytes.withUnsafeBufferPointer { bytes in
      if !text.spans.isEmpty { keepDisjoint(text.spans, bytes, line) }
      var next = 0
      if let tokens {
        for token in tokens { add(token, &next, line) }
      } else {
        forEachWord(in: bytes) { add($0, &next, line) }
      }
    }
    if !spans.isEmpty { noteSpansBetweenWords(line) }
    guard words.count > longestSentence, label == nil else {
      return try handOut(words.indices, text, label: label, line: line, body)
    }
    let sentences = text.bytes.withUnsafeBufferPointer { self.sentences(of: $0) }
    if sentences.count > 1 {
      longTexts.note(line)
      parts += sentences.count
    }
    for range in sentences { try handOut(range, text, label: nil, line: line, body) }
  }

  private mutating func handOut(
    _ range: Range<Int>, _ text: borrowing MarkedText, label: [UInt8]?, line: Int,
    _ body: (borrowing Sentence) throws(DataError) -> Void
  ) throws(DataError) {
    sentence.clear()
    sentence.line = line
    sentence.label = label
    var previous: Int32 = -1
    text.bytes.withUnsafeBufferPointer { bytes in
      for word in words[range] {
        sentence.words.append(bytes.slice(word.range))
        if word.span < 0 {
          sentence.tags.appendOutside()
        } else {
          text.appendTag(word.span == previous ? .inside : .begin, of: spans[Int(word.span)], to: &sentence.tags)
        }
        previous = word.span
      }
    }
    try body(sentence)
  }

  // MARK: - Spans

  /// Keeps the spans inside the text without white space at their ends, in order, the longest of those that overlap.
  private mutating func keepDisjoint(_ all: Refilled<TextSpan>, _ bytes: UnsafeBufferPointer<UInt8>, _ line: Int) {
    var areInOrder = true
    for var span in all {
      let inside = span.start.clamped(to: 0...bytes.count)..<max(span.end, span.start).clamped(to: 0...bytes.count)
      let range = bytes.trimmed(inside)
      if range.isEmpty {
        empty.note(line)
        continue
      }
      if inside.lowerBound != span.start || inside.upperBound != span.end { clipped.note(line) }
      if range != inside { trimmed.note(line) }
      (span.start, span.end) = (range.lowerBound, range.upperBound)
      if !spans.isEmpty, spans[spans.count - 1].end > span.start { areInOrder = false }
      spans.append(span)
    }
    if areInOrder { return }
    let order = spans.indices.sorted { Self.comesFirst(spans[$0], spans[$1], $0 < $1) }
    var kept: [TextSpan] = []
    for span in order.map({ spans[$0] }) {
      let place = kept.partitioningIndex { $0.start >= span.start }
      let touchesNext = place < kept.count && kept[place].start < span.end
      if touchesNext || place > 0 && kept[place - 1].end > span.start {
        overlapping.note(line)
      } else {
        kept.insert(span, at: place)
      }
    }
    spans.removeAll()
    spans.append(contentsOf: kept)
  }

  /// Longer spans first; of equally long ones the one that begins first, then the one that was named first.
  private static func comesFirst(_ one: TextSpan, _ other: TextSpan, _ wasNamedFirst: Bool) -> Bool {
    let lengths = (one.end - one.start, other.end - other.start)
    if lengths.0 != lengths.1 { return lengths.0 > lengths.1 }
    return one.start != other.start ? one.start < other.start : wasNamedFirst
  }

  /// Adds a word, cut at the borders of spans.
  ///
  /// - Parameter next: the first span that may end behind the word's beginning; goes on with the words.
  private mutating func add(_ word: Range<Int>, _ next: inout Int, _ line: Int) {
    var start = word.lowerBound
    while start < word.upperBound {
      while next < spans.count, spans[next].end <= start { next += 1 }
      let isInside = next < spans.count && spans[next].start <= start
      let border = next == spans.count ? word.upperBound : isInside ? spans[next].end : spans[next].start
      let end = min(border, word.upperBound)
      if start == word.lowerBound, end < word.upperBound { splitWords.note(line) }
      words.append(Word(range: start..<end, span: isInside ? Int32(next) : -1))
      start = end
    }
  }

  /// Counts the spans without a word, which lie between a text's own words.
  private mutating func noteSpansBetweenWords(_ line: Int) {
    var last: Int32 = -1
    var withWord = 0
    for word in words where word.span >= 0 && word.span != last {
      last = word.span
      withWord += 1
    }
    for _ in withWord..<spans.count { empty.note(line) }
  }

  // MARK: - Long texts

  /// The lines of the text, those that are too long cut at the ends of sentences, as ranges of words.
  private func sentences(of bytes: UnsafeBufferPointer<UInt8>) -> [Range<Int>] {
    var sentences: [Range<Int>] = []
    var start = 0
    for index in words.indices.dropFirst() where isCut(before: index, atLineEnd: true, bytes) {
      sentences.append(start..<index)
      start = index
    }
    sentences.append(start..<words.count)
    return sentences.flatMap { line in
      guard line.count > longestSentence else { return [line] }
      var parts: [Range<Int>] = []
      var start = line.lowerBound
      for index in line.dropFirst() where isCut(before: index, atLineEnd: false, bytes) {
        parts.append(start..<index)
        start = index
      }
      return parts + [start..<line.upperBound]
    }
  }

  /// Whether a text may be cut before a word: outside spans, behind the end of a line or else of a sentence.
  private func isCut(before index: Int, atLineEnd: Bool, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard words[index].span < 0 || words[index].span != words[index - 1].span else { return false }
    let gap = words[index - 1].range.upperBound..<words[index].range.lowerBound
    if atLineEnd { return bytes[gap].contains(0x0A) }
    func isMark(_ index: Int, _ marks: Set<String>) -> Bool {
      index >= 0 && words[index].range.count <= 3 && marks.contains(bytes.text(words[index].range))
    }
    if isMark(index, Self.closers) || isMark(index, Self.sentenceEnds) { return false }
    let first = bytes[words[index].range.lowerBound]
    if first >= UInt8(ascii: "a"), first <= UInt8(ascii: "z") { return false }
    return isMark(index - 1, Self.sentenceEnds)
      || isMark(index - 1, Self.closers) && isMark(index - 2, Self.sentenceEnds)
  }

  private static let sentenceEnds: Set<String> = [".", "?", "!", "…", "。", "！", "？"]
  private static let closers: Set<String> = ["\"", ")", "]", "”", "»", "」", "』", "）"]
}

extension Int {
  fileprivate func clamped(to range: ClosedRange<Int>) -> Int {
    Swift.min(Swift.max(self, range.lowerBound), range.upperBound)
  }
}

extension Array {
  /// The first index whose element meets `condition`, which all behind it meet too.
  fileprivate func partitioningIndex(where condition: (Element) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if condition(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
