/// A part of a split: some of its sentences, encoded, with what they were before.
public struct EncodedPart: Sendable {
  public var split: EncodedSplit
  /// Sentences of the split before this part.
  public var firstSentence: Int
  /// Line of each row's first word in its file, from 1.
  public var lines: [Int]
  /// The file it is of, where the split has several; else nil.
  public var file: String?
  /// Names of classes and tags by id: the model's, then those it does not know; `O` is always among the tags.
  public var classes: [String]
  public var tags: [String]
  private let table: StringTable

  fileprivate init(
    split: EncodedSplit, firstSentence: Int, lines: [Int], file: String?, classes: [String], tags: [String],
    table: StringTable
  ) {
    self.split = split
    self.firstSentence = firstSentence
    self.lines = lines
    self.file = file
    self.classes = classes
    self.tags = tags
    self.table = table
  }

  /// The words of a row as the file has them.
  public func words(of row: Int) -> [String] {
    split.words[split.wordStarts[row]..<split.wordStarts[row + 1]].map { table.string($0) }
  }
}

/// Labelled sentences read in parts of bounded size and encoded with a trained model's vocabulary and labels: memory
/// does not grow with the data.
///
/// The files are read twice: once to check them and to recognise the scheme of their tags, once for the parts.
public struct SplitStream {
  /// Most sentences, and about most words, of a part.
  private static let partSentences = 1024
  private static let partWords = 1 << 15

  /// The files that hold the words.
  public var path: String { sources.map(\.source.wordPath).joined(separator: ", ") }
  /// Sentences of the split.
  public let count: Int
  /// Sentences for the log; complete once all parts have been read.
  public private(set) var remarks: [String] = []

  private let sources: [(source: any SplitSource, schemes: SchemeDetector)]
  private let name: SplitName
  private let encoding: TextEncoding
  private let tokenizer: any Tokenizer

  /// Checks a split of a data set, or the file or folder at `.folder(path)` itself if it is one split.
  public init(
    _ source: DataOptions.Source, split name: SplitName, encoding: TextEncoding, reading: ReadingOptions = .init()
  ) throws(DataError) {
    let context = ReadingContext(options: reading, longestSentence: encoding.maxLength - 2)
    var sources: [(source: any SplitSource, schemes: SchemeDetector)] = []
    var count = 0
    var labels = LabelCheck()
    for source in try findSplits(source, name, context) {
      var tags = SchemeReader()
      var report = ReadReport()
      let before = count
      try source.read(&report) { (sentence) throws(DataError) in
        count += 1
        tags.add(sentence)
        labels.note(sentence)
      }
      guard count > before else {
        throw .malformed(source.wordPath, "there is no sentence in it: there is nothing to evaluate")
      }
      _ = try tags.detector.scheme(of: source)
      sources.append((source, tags.detector))
    }
    try labels.expectSome(in: sources.map(\.source), purpose: "to evaluate")
    self.sources = sources
    self.name = name
    self.encoding = encoding
    self.count = count
    tokenizer = encoding.makeTokenizer()
  }

  /// Calls `body` with one part after the other; false ends the reading.
  public mutating func read(_ body: (EncodedPart) -> Bool) throws(DataError) {
    var report = ReadReport()
    guard let (first, schemes) = sources.first else { return }
    var reader = PartReader(first, schemes, encoding: encoding, tokenizer: tokenizer, isOneOfSeveral: sources.count > 1)
    for (index, (source, schemes)) in sources.enumerated() {
      if index > 0 { reader.turn(to: source, schemes) }
      guard try read(source, with: &reader, &report, body) else { return }
    }
    remarks = report.remarks + report.remarksOnPassedOver + reader.remarks(name.rawValue)
  }

  /// Reads one file; false where `body` ended the reading.
  private func read(
    _ source: any SplitSource, with reader: inout PartReader, _ report: inout ReadReport, _ body: (EncodedPart) -> Bool
  ) throws(DataError) -> Bool {
    var goesOn = true
    do throws(DataError) {
      try source.read(&report) { (sentence) throws(DataError) in
        try reader.add(sentence)
        if reader.count >= Self.partSentences || reader.wordCount >= Self.partWords {
          goesOn = body(reader.takePart())
          if !goesOn { throw DataError(kind: .malformed, description: "Reading was ended.") }
        }
      }
    } catch {
      guard goesOn else { return false }
      throw error
    }
    return reader.count == 0 || body(reader.takePart())
  }
}

/// Gathers sentences to parts.
private struct PartReader {
  private var source: any SplitSource
  private var schemes: SchemeDetector
  private let encoding: TextEncoding
  private let tokenizer: any Tokenizer
  private let isOneOfSeveral: Bool
  private var builder = CorpusBuilder()
  private var columns = SplitColumns()
  private var lines: [Int] = []
  /// Sentences of all parts handed out.
  private var done = 0
  private var dropped = FirstAndCount()
  private var cutRows = 0
  private var cutWords = 0
  /// Whether a word had a tag.
  private var areTagged = false
  private var unseen = UnseenLabels()
  /// What the log says of the schemes of the files before this one.
  private var schemeRemarks: [String] = []

  init(
    _ source: any SplitSource, _ schemes: SchemeDetector, encoding: TextEncoding, tokenizer: any Tokenizer,
    isOneOfSeveral: Bool
  ) {
    self.isOneOfSeveral = isOneOfSeveral
    self.source = source
    self.encoding = encoding
    self.tokenizer = tokenizer
    self.schemes = schemes
    builder.know(classes: encoding.sentenceClasses, tags: encoding.tags)
    builder.knowOutside()
  }

  /// Goes on with another file; all of the one before has been handed out.
  mutating func turn(to source: any SplitSource, _ schemes: SchemeDetector) {
    if let remark = schemeRemark { schemeRemarks.append(remark) }
    dropped = FirstAndCount()
    self.source = source
    self.schemes = schemes
  }

  private var schemeRemark: String? { schemes.remark(on: source, dropped: dropped) }

  var count: Int { columns.count }
  var wordCount: Int { columns.words.count }

  mutating func add(_ sentence: borrowing Sentence) throws(DataError) {
    var ignored = SchemeDetector()
    try builder.add(sentence, from: source, to: &columns, &ignored)
    lines.append(sentence.line)
  }

  /// The gathered sentences, encoded; the next part begins empty.
  mutating func takePart() -> EncodedPart {
    if let scheme = schemes.scheme {
      dropped.add(builder.convert(&columns, from: scheme), shiftedBy: done)
    }
    let split = EncodedSplit(
      words: columns.words, tags: columns.tags, wordStarts: columns.wordStarts, classes: columns.classes,
      pieces: PieceTable(builder.words, tokenizer: tokenizer), nGrams: encoding.nGrams(of: builder.words),
      maxLength: encoding.maxLength)
    unseen.note(columns, knownClasses: encoding.sentenceClasses.count, knownTags: encoding.tags.count)
    cutRows += split.truncatedRows
    cutWords += split.cutWords
    areTagged = areTagged || columns.tags.contains { $0 != EncodedSplit.ignoredTag }
    let part = EncodedPart(
      split: split, firstSentence: done, lines: lines, file: isOneOfSeveral ? source.wordPath : nil,
      classes: Self.names(builder.classes), tags: Self.names(builder.tags.strings), table: builder.words)
    done += columns.count
    columns = SplitColumns()
    lines = []
    builder.words = StringTable()
    return part
  }

  private static func names(_ table: StringTable) -> [String] {
    (0..<table.count).map { table.string(Int32($0)) }
  }

  func remarks(_ name: String) -> [String] {
    var remarks = schemeRemarks
    if let remark = schemeRemark { remarks.append(remark) }
    remarks += remarksOnLength(
      name, rows: cutRows, of: done, maxLength: encoding.maxLength, words: cutWords, areTagged: areTagged)
    return remarks + unseen.remarks(name, builder, encoding)
  }
}

/// Labels that the model does not know: how often each occurs, by id.
private struct UnseenLabels {
  private var classes: [Int: Int] = [:]
  private var tags: [Int: Int] = [:]

  mutating func note(_ columns: SplitColumns, knownClasses: Int, knownTags: Int) {
    for id in columns.classes where id >= knownClasses { classes[Int(id), default: 0] += 1 }
    for id in columns.tags where Int(id) >= knownTags { tags[Int(id), default: 0] += 1 }
  }

  func remarks(_ name: String, _ builder: CorpusBuilder, _ encoding: TextEncoding) -> [String] {
    var remarks: [String] = []
    if !encoding.sentenceClasses.isEmpty, let first = classes.keys.min() {
      let names = classes.keys.sorted().map { builder.classes.string(Int32($0)) }
      remarks.append(
        "\(name): \(counted(classes.values.reduce(0, +), "sentence")) with "
          + "\(counted(names.count, "class", "classes")) that the model does not know (counted as wrong): "
          + "\(listed(names)); first at \(builder.classPlaces[first]).")
    }
    if !encoding.tags.isEmpty, let first = tags.keys.min() {
      let names = tags.keys.sorted().map { builder.tags.string(Int32($0)) }
      let place = builder.tagPlaces[first]
      remarks.append(
        "\(name): \(counted(tags.values.reduce(0, +), "word")) with \(counted(names.count, "tag")) that the model "
          + "does not know (counted as wrong): \(listed(names))\(place.isEmpty ? "" : "; first at \(place)").")
    }
    return remarks
  }
}
