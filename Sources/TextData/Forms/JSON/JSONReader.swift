/// A JSON file of any shape: one object a line, an array of rows, or an object that holds one.
struct JSONFile: SplitSource {
  var wordPath: String
  /// Whether each line is an object.
  var isLines: Bool
  func unused(_ options: ReadingOptions) -> [String] { options.columns == nil ? [] : ["--columns"] }
  var context = ReadingContext()
  var bytesOfText: Int { fileSize(wordPath) / 3 }

  func readSentences(
    _ report: inout ReadReport, _ body: (borrowing Sentence) throws(DataError) -> Void
  ) throws(DataError) {
    try withText(wordPath, &report) { (bytes, report) throws(DataError) in
      let keys = JSONKeys(context.options)
      var rows = try JSONRows.find(keys, in: bytes, isLines: isLines, path: wordPath)
      if case .snips = rows { return try readSnips(bytes, wordPath, &report, body) }
      if let split = context.split { rows = try own(rows, split, &report) }
      var row = JSONRow(bytes)
      var survey = JSONSurvey(bytes, keys)
      try rows.forEach(in: bytes, path: wordPath) { (cursor, _) throws(RowFailure) in
        do throws(JSONProblem) { try row.read(&cursor) } catch { throw .json(error) }
        survey.note(row)
      }
      let schema = JSONSchema(survey, row, keys)
      row.rewind()
      var reader = JSONReader(path: wordPath, row, schema, context)
      if schema.spans != nil, survey.hasWideCharacters || schema.countsWords {
        try rows.forEach(in: bytes, path: wordPath) { (cursor, line) throws(RowFailure) in
          try reader.noteOffsets(&cursor, line)
        }
        reader.chooseOffsets()
        reader.row.rewind()
      }
      try rows.forEach(in: bytes, path: wordPath) { (cursor, line) throws(RowFailure) in
        try reader.read(&cursor, line, &report, body)
      }
      reader.noteRest(&report)
    }
  }

  /// The rows of one split, where the file holds several.
  private func own(
    _ rows: JSONRows, _ split: SplitName, _ report: inout ReadReport
  ) throws(DataError) -> JSONRows {
    guard case .splits(let all) = rows else { return rows }
    let own = all.filter { $0.split == split }
    let others = all.filter { $0.split != split }
    guard !own.isEmpty else {
      throw .malformed(
        wordPath, "there are sentences in \(JSONRows.names(all.map { [$0.key] })), but none for \(split.rawValue)")
    }
    if !others.isEmpty {
      let names = (JSONRows.names(own.map { [$0.key] }), JSONRows.names(others.map { [$0.key] }))
      report.remarks.append("\(wordPath): \(split.rawValue) is read from \(names.0); of other splits are \(names.1).")
    }
    return .splits(own)
  }

  func splits() throws(DataError) -> [SplitName] {
    var report = ReadReport()
    return try withText(wordPath, &report) { (bytes, _) throws(DataError) in
      let keys = JSONKeys(context.options)
      guard case .splits(let all) = try JSONRows.find(keys, in: bytes, isLines: isLines, path: wordPath) else {
        return []
      }
      return SplitName.allCases.filter { split in all.contains { $0.split == split } }
    }
  }
}

/// Under which keys a file has what is read, by what all of its rows have there.
struct JSONSchema {
  /// How spans are written.
  enum SpanForm {
    /// An array of spans.
    case list
    /// An object whose keys are the types.
    case byType
    /// Label Studio's annotations with a `result` each.
    case results
  }

  /// Those that the file has.
  let keys: JSONKeys
  /// Whether there are Prodigy's answers, texts' own tokens, documents of sentences, paragraphs of those.
  let hasAnswers: Bool
  let hasTokens: Bool
  let hasDocuments: Bool
  let hasParagraphs: Bool
  /// Where the spans are; nil where no row has any.
  private(set) var spans: (key: String, form: SpanForm)?
  /// Whether the spans of rows with an array of words have their places by the words' numbers.
  private(set) var countsWords = false
  /// The keys that may have a row's words, the preferred one first: where spans are the only labels of words, a text, in
  /// which they have their places.
  private(set) var words: [String] = []
  /// The keys that may have a row's class, the preferred one first.
  private(set) var labels: [String] = []
  /// The key of Label Studio's annotations.
  private(set) var results: String?
  /// The key that says which split a row is of.
  let splitKey: String?

  /// - Parameter row: knows the numbers of the keys.
  init(_ survey: JSONSurvey, _ row: JSONRow, _ keys: JSONKeys) {
    self.keys = keys.occurring(in: row)
    let hasAnswers = !survey.kinds("answer", of: row).isEmpty
    self.hasAnswers = hasAnswers
    hasTokens = row.number(of: "tokens") != nil
    hasDocuments = row.number(of: "sentences") != nil && row.number(of: "ner") != nil
    hasParagraphs = row.number(of: "paragraphs") != nil
    splitKey = survey.splitKey
    for key in keys.spans where spans == nil {
      let kinds = survey.kinds(key, of: row)
      if kinds.contains(.results) {
        results = key
        if kinds.contains(.spans) { spans = (key, .results) }
      } else if kinds.contains(.spans) {
        spans = (key, .list)
      } else if kinds.contains(.object), key == "slots" || keys.spans.count == 1 {
        spans = (key, .byType)
      }
    }
    let hasText = keys.texts.contains { survey.kinds($0, of: row).contains(.string) }
    let hasTags = keys.tags.contains { !survey.kinds($0, of: row).isDisjoint(with: [.tags, .numbers]) }
    let readsTexts = spans != nil && hasText && !hasTags
    words = readsTexts ? self.keys.texts + self.keys.words : self.keys.words + self.keys.texts
    let hasWords = keys.words.contains { survey.kinds($0, of: row).contains(.strings) }
    if case .list = spans?.form { countsWords = hasWords && !hasTags && !readsTexts }
    let (results, spanKey) = (results, spans?.key)
    labels = keys.classes.filter { key in
      if key == results { return true }
      let kinds = survey.kinds(key, of: row)
      // `labels` may be a tag a word, `accept` the chosen options of Prodigy.
      if key == spanKey || key == "labels" && (hasWords || kinds.contains(.tags)) || key == "accept" && !hasAnswers {
        return false
      }
      let classes: JSONSurvey.Kinds = [.string, .number, .boolean, .strings, .labels]
      return !kinds.isDisjoint(with: key == "cats" ? classes.union(.object) : classes)
    }
  }
}
