/// The sentences of one split as numbers: distinct words, tags and classes in their order of appearance.
struct SplitColumns: Sendable {
  var words: [Int32] = []
  /// One a word once any sentence had tags; empty until then.
  var tags: [Int16] = []
  /// One more than there are sentences.
  var wordStarts = [0]
  /// -100 without a class.
  var classes: [Int32] = []

  var count: Int { classes.count }

  /// Appends the sentences of another file; where only one of the two has tags, the other's words carry none.
  mutating func append(_ other: SplitColumns) {
    func none(_ count: Int) -> Repeated<Int16> { repeatElement(EncodedSplit.ignoredTag, count: count) }
    if tags.isEmpty, !other.tags.isEmpty { tags += none(words.count) }
    if !tags.isEmpty { tags += other.tags.isEmpty ? Array(none(other.words.count)) : other.tags }
    wordStarts += other.wordStarts.dropFirst().map { $0 + words.count }
    words += other.words
    classes += other.classes
  }

  mutating func reserve(bytesOfText: Int) {
    // English words take 5 to 6 bytes, separator included; pages never touched cost nothing. Above 256 MB the column
    // grows as it fills: a file may be sparse.
    words.reserveCapacity(min(bytesOfText / 5, 1 << 26))
  }
}

/// Numbers words and labels over all splits and fills the columns.
struct CorpusBuilder: Sendable {
  var words = StringTable()
  var tags = TagTable()
  var classes = StringTable()
  /// `file:line` of the first sight of each tag and class.
  var tagPlaces: [String] = []
  var classPlaces: [String] = []
  var report = ReadReport()

  /// Gives labels of a trained model the first numbers.
  mutating func know(classes known: [String], tags knownTags: [String]) {
    for label in known { _ = classes.intern(label) }
    for tag in knownTags { _ = tags.intern(tag) }
    classPlaces = [String](repeating: "", count: classes.count)
    tagPlaces = [String](repeating: "", count: tags.count)
  }

  /// Gives `O` a number even where no data has it.
  mutating func knowOutside() {
    if Int(tags.intern("O")) == tagPlaces.count { tagPlaces.append("") }
  }

  /// Reads one split from its files, one after the other; each may have its own form and its own scheme of tags.
  mutating func read(_ sources: [any SplitSource]) throws(DataError) -> SplitColumns {
    var all = SplitColumns()
    for source in sources {
      let columns = try read(source)
      if sources.count > 1 {
        let parts = [
          columns.classes.contains { $0 >= 0 } ? "classes" : nil, columns.tags.contains { $0 >= 0 } ? "tags" : nil,
        ].compactMap(\.self)
        report.remarks.append(
          "\(source.wordPath): \(counted(columns.count, "sentence")) with "
            + "\(parts.isEmpty ? "no labels" : parts.joined(separator: " and ")).")
      }
      if all.count == 0 { all = columns } else { all.append(columns) }
    }
    return all
  }

  /// Reads one file of a split, its tags turned into IOB2 whatever scheme they came in.
  mutating func read(_ source: any SplitSource) throws(DataError) -> SplitColumns {
    var columns = SplitColumns()
    columns.reserve(bytesOfText: source.bytesOfText)
    var report = self.report
    var schemes = SchemeDetector()
    try source.read(&report) { (sentence) throws(DataError) in
      try add(sentence, from: source, to: &columns, &schemes)
    }
    self.report = report
    guard columns.count > 0 else {
      throw .malformed(source.wordPath, "there is no sentence in it: fill it, or leave the split out")
    }
    let dropped = convert(&columns, from: try schemes.scheme(of: source))
    if let remark = schemes.remark(on: source, dropped: dropped) { self.report.remarks.append(remark) }
    return columns
  }

  /// Appends one sentence to the columns.
  mutating func add(
    _ sentence: borrowing Sentence, from source: any SplitSource, to columns: inout SplitColumns,
    _ schemes: inout SchemeDetector
  ) throws(DataError) {
    guard columns.count < Int(Int32.max) else {
      throw .malformed(source.wordPath, line: sentence.line, "more than 2,147,483,647 sentences: split the file")
    }
    for index in 0..<sentence.words.count {
      columns.words.append(sentence.words.withBytes(of: index) { words.intern($0) })
    }
    try addTags(sentence, from: source, to: &columns, &schemes)
    columns.classes.append(try classNumber(of: sentence, from: source))
    columns.wordStarts.append(columns.words.count)
  }

  private mutating func addTags(
    _ sentence: borrowing Sentence, from source: any SplitSource, to columns: inout SplitColumns,
    _ schemes: inout SchemeDetector
  ) throws(DataError) {
    if sentence.tags.isEmpty {
      if !columns.tags.isEmpty {
        columns.tags.append(contentsOf: repeatElement(EncodedSplit.ignoredTag, count: sentence.words.count))
      }
      return
    }
    if columns.tags.isEmpty {
      columns.tags.reserveCapacity(columns.words.capacity)
      let before = columns.words.count - sentence.words.count
      columns.tags.append(contentsOf: repeatElement(EncodedSplit.ignoredTag, count: before))
    }
    schemes.beginSentence()
    for index in 0..<sentence.tags.count {
      if sentence.tags.range(of: index).isEmpty {
        columns.tags.append(EncodedSplit.ignoredTag)
        schemes.add(.outside, type: -1, line: 0)
        continue
      }
      let id = sentence.tags.withBytes(of: index) { tags.intern($0) }
      if Int(id) == tagPlaces.count {
        try noteTag(sentence, index, from: source)
      }
      columns.tags.append(Int16(id))
      let line = sentence.line(ofWord: index)
      schemes.add(tags.prefixes[Int(id)], type: tags.typeNumbers[Int(id)], line: line)
    }
  }

  private mutating func noteTag(
    _ sentence: borrowing Sentence, _ index: Int, from source: any SplitSource
  ) throws(DataError) {
    let line = sentence.line(ofWord: index)
    if let problem = sentence.tags.withBytes(of: index, tagProblem) {
      throw .malformed(
        source.tagPath, line: line, "the tag \(quoted(sentence.tags.string(index))) of word \(index + 1) \(problem)")
    }
    guard tags.count <= 10_000 else {
      throw .malformed(source.tagPath, line: line, "more than 10,000 distinct tags: is this the file of tags?")
    }
    tagPlaces.append("\(source.tagPath):\(line)")
  }

  private mutating func classNumber(
    of sentence: borrowing Sentence, from source: any SplitSource
  ) throws(DataError) -> Int32 {
    guard let label = sentence.label else { return ignoredLabel }
    let id = label.withUnsafeBufferPointer { classes.intern($0) }
    if Int(id) == classPlaces.count {
      if let problem = label.withUnsafeBufferPointer(labelProblem) {
        throw .malformed(
          source.labelPath, line: sentence.line, "the class \(quoted(classes.string(id))) \(problem)")
      }
      classPlaces.append("\(source.labelPath):\(sentence.line)")
    }
    return id
  }
}
