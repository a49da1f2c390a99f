/// CSV or TSV: a sentence or a word a record, the columns named by a header or by `--columns`.
struct TableFile: SplitSource {
  var wordPath: String
  var context = ReadingContext()
  var bytesOfText: Int { fileSize(wordPath) }
  func unused(_ options: ReadingOptions) -> [String] { [] }

  func readSentences(
    _ report: inout ReadReport, _ body: (borrowing Sentence) throws(DataError) -> Void
  ) throws(DataError) {
    try withText(wordPath, &report) { (bytes, report) throws(DataError) in
      let start = UnsafeBufferPointer(rebasing: bytes.prefix(FileForm.sniffed))
      let finding = TableSniffer.find(start, context.options)
      var reader = TableReader(path: wordPath, bytes, delimiter: finding?.delimiter ?? UInt8(ascii: ","))
      do throws(TableProblem) {
        try reader.findLayout(finding, context.options, &report)
      } catch {
        throw .malformed(wordPath, line: error.line, error.sentence)
      }
      try reader.read(&report, body)
    }
  }
}

private struct TableReader {
  private let path: String
  private var records: TableRecords
  private var layout: TableLayout?
  private var sentence = Sentence()
  private var numbers: NumberedLabels
  /// What the columns of sentences said last.
  private var place: [[UInt8]] = []
  private var withoutWords = FirstAndCount()
  private var withoutClass = FirstAndCount()

  init(path: String, _ bytes: UnsafeBufferPointer<UInt8>, delimiter: UInt8) {
    self.path = path
    records = TableRecords(bytes, delimiter: delimiter)
    numbers = NumberedLabels(path: path)
  }

  /// Decides which columns are read, and reads the header if there is one.
  mutating func findLayout(
    _ finding: TableSniffer.Finding?, _ options: ReadingOptions, _ report: inout ReadReport
  ) throws(TableProblem) {
    var first = records
    let isThere = try first.next()
    if let roles = options.columns {
      layout = TableLayout(roles)
      if case .header = finding { records = first }
      return
    }
    let names = first.fields.indices.map { first.text($0) }
    switch finding {
    case .header:
      layout = TableLayout(header: names, options)
      records = first
      guard let layout else { break }
      let read = Set([layout.text, layout.tag, layout.sentenceClass].compactMap(\.self) + layout.sentence)
      for column in names.indices where !read.contains(column) {
        report.passOver("column \(quoted(names[column]))", in: path, line: 1)
      }
    case .words:
      layout = TableLayout(columnsOfWords: names.count)
      for column in names.indices.dropFirst().dropLast() {
        report.passOver("column \(column + 1)", in: path, line: 1)
      }
    case .unnamed, nil:
      guard isThere else { return }
      let found = names.prefix(4).map(quoted).joined(separator: ", ")
      throw TableProblem(
        line: 1,
        sentence: "no header says which column is the text and which the class (found \(found)): write one, such as "
          + "text,label, or say --columns text=1,class=2 (or word=1,tag=2)")
    }
  }

  mutating func read(
    _ report: inout ReadReport, _ body: (borrowing Sentence) throws(DataError) -> Void
  ) throws(DataError) {
    guard let layout else { return }
    let last = layout.last
    var count: Int?
    while try nextRecord() {
      if records.fields.count == 1, records.isEmpty(0), last > 0 || layout.isByWord {
        if layout.isByWord { try finishSentence(body) }
        continue
      }
      let wanted = count ?? max(layout.names.count, records.fields.count)
      count = wanted
      guard records.fields.count == wanted, last < wanted else {
        throw .malformed(
          path, line: records.line,
          "\(counted(records.fields.count, "field")), but \(last < wanted ? "the others have" : "there is a column")"
            + " \(max(wanted, last + 1)): give every record the same, and quote fields that hold the delimiter")
      }
      if layout.isByWord {
        try readWord(layout, &report, body)
      } else {
        try readText(layout, &report, body)
      }
    }
    try finishSentence(body)
    report.remarks += [
      withoutWords.remark(path) { "\(counted($0, "record")) without words skipped." },
      withoutClass.remark(path) { "\(counted($0, "sentence")) without a class." },
    ].compactMap(\.self)
  }

  private mutating func nextRecord() throws(DataError) -> Bool {
    do throws(TableProblem) { return try records.next() } catch {
      throw .malformed(path, line: error.line, error.sentence)
    }
  }

  // MARK: - A sentence a record

  private mutating func readText(
    _ layout: TableLayout, _ report: inout ReadReport, _ body: (borrowing Sentence) throws(DataError) -> Void
  ) throws(DataError) {
    sentence.clear()
    sentence.line = records.line
    try refuseList(in: layout.text, layout)
    try refuseList(in: layout.tag, layout)
    try refuseList(in: layout.sentenceClass, layout)
    if let tag = layout.tag {
      var tags = ByteStrings()
      records.appendWords(of: tag, to: &tags)
      for index in 0..<tags.count { try appendTag(tags.string(index), column: tag, layout, &report) }
    }
    records.withField(layout.text) { sentence.readWords(of: $0, in: $0.indices) }
    if sentence.words.isEmpty { return withoutWords.note(records.line) }
    guard sentence.tags.isEmpty || sentence.tags.count == sentence.words.count else {
      throw .malformed(
        path, line: records.line,
        "\(counted(sentence.tags.count, "tag")) for \(counted(sentence.words.count, "word")): give every word one tag")
    }
    try readClass(layout, &report)
    try body(sentence)
  }

  /// Refuses a field that holds a list as JSON or Python writes it: `[{"start": 0, …}]`, `['a', 'b']`.
  private func refuseList(in column: Int?, _ layout: TableLayout) throws(DataError) {
    guard let column else { return }
    let isList = records.withField(column) { text in
      text.count > 2 && text[0] == UInt8(ascii: "[") && text[text.count - 1] == UInt8(ascii: "]")
        && [UInt8(ascii: "{"), UInt8(ascii: "'"), UInt8(ascii: "\"")].contains(text[1])
    }
    guard isList else { return }
    throw .malformed(
      path, line: records.line,
      "\(layout.name(column)) is a list (\(quoted(records.text(column)))), not a text: save the data as JSON or JSONL, "
        + "whose lists are read")
  }

  private mutating func readClass(_ layout: TableLayout, _ report: inout ReadReport) throws(DataError) {
    guard let column = layout.sentenceClass else { return }
    if records.isEmpty(column) { return withoutClass.note(records.line) }
    guard let number = records.number(column) else {
      return sentence.label = records.withField(column) { Array($0) }
    }
    sentence.label = Array(
      try numbers.label(number, key: layout.name(column), "classes", line: records.line, &report).utf8)
  }

  // MARK: - A word a record

  private mutating func readWord(
    _ layout: TableLayout, _ report: inout ReadReport, _ body: (borrowing Sentence) throws(DataError) -> Void
  ) throws(DataError) {
    if !layout.sentence.isEmpty {
      let own = layout.sentence.map { Array(records.text($0).utf8) }
      // Where the first word alone says it, the others say nothing.
      if own.contains(where: { !$0.isEmpty }), own != place {
        try finishSentence(body)
        place = own
      }
    }
    if records.isEmpty(layout.text) || records.withField(layout.text, { equal($0, "-DOCSTART-") }) {
      return try finishSentence(body)
    }
    if sentence.words.isEmpty {
      sentence.line = records.line
      try readClass(layout, &report)
    }
    sentence.wordLines.append(records.line)
    records.append(layout.text, to: &sentence.words)
    guard let tag = layout.tag else { return }
    if let number = records.number(tag) {
      sentence.tags.append(try numbers.tag(number, key: layout.name(tag), line: records.line, &report))
    } else {
      records.append(tag, to: &sentence.tags)
    }
  }

  private mutating func appendTag(
    _ tag: String, column: Int, _ layout: TableLayout, _ report: inout ReadReport
  ) throws(DataError) {
    guard let number = Int(tag) else { return sentence.tags.append(tag) }
    sentence.tags.append(try numbers.tag(number, key: layout.name(column), line: records.line, &report))
  }

  private mutating func finishSentence(
    _ body: (borrowing Sentence) throws(DataError) -> Void
  ) throws(DataError) {
    guard let layout, layout.isByWord, !sentence.words.isEmpty else { return }
    try body(sentence)
    sentence.clear()
  }
}
