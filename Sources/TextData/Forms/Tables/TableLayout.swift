/// Which columns of a table hold what is read.
struct TableLayout {
  /// Whether each record is a word; else each is a sentence.
  var isByWord: Bool
  /// The text, or the word.
  var text: Int
  var tag: Int?
  var sentenceClass: Int?
  /// Columns that say which sentence a word is of.
  var sentence: [Int] = []
  /// The columns' names; none without a header.
  var names: [String] = []

  private static let textNames = ["text", "sentence", "utterance", "query", "content", "message", "tweet", "question"]
  private static let wordNames = ["word", "token", "words", "tokens", "goldtoken"]
  private static let tagNames = [
    "tag", "tags", "nertag", "nertags", "ner", "slot", "slots", "bio", "iob", "label", "labels", "goldlabel",
    "wordlabels",
  ]
  private static let classNames = ["label", "intent", "class", "category", "labels", "target", "labeltext", "topic"]
  private static let sentenceNames = [
    "sentence#", "sentenceid", "sentid", "sentidx", "sentence", "docidx", "docid", "doc", "sent",
  ]

  /// A column's name as it is compared: without case, white space, `_` and `-`.
  static func plain(_ name: String) -> String {
    name.lowercased().filter { !$0.isWhitespace && $0 != "_" && $0 != "-" && $0 != "\u{FEFF}" }
  }

  /// Takes a header apart; nil where it names no text or words beside labels.
  init?(header names: [String], _ options: ReadingOptions) {
    let plain = names.map(Self.plain)
    func find(_ wanted: [String], besides taken: [Int?] = []) -> Int? {
      wanted.lazy.compactMap { name in plain.indices.first { plain[$0] == name && !taken.contains($0) } }.first
    }
    func own(_ name: String?) -> [String]? { name.map { [Self.plain($0)] } }
    self.names = names
    if let word = find(own(options.words) ?? Self.wordNames),
      let tag = find(own(options.tags) ?? Self.tagNames, besides: [word]),
      options.words == nil || !Self.textNames.contains(plain[word])
    {
      (isByWord, text, self.tag) = (true, word, tag)
      sentence = plain.indices.filter { Self.sentenceNames.contains(plain[$0]) && $0 != word && $0 != tag }
      sentenceClass = find(own(options.sentenceClass) ?? Self.classNames, besides: [word, tag] + sentence)
      return
    }
    guard let text = find(own(options.words) ?? Self.textNames + Self.wordNames) else { return nil }
    let sentenceClass = find(own(options.sentenceClass) ?? Self.classNames, besides: [text])
    let tagNames = own(options.tags) ?? Self.tagNames.filter { !Self.classNames.contains($0) }
    let tag = find(tagNames, besides: [text, sentenceClass])
    guard tag != nil || sentenceClass != nil else { return nil }
    (isByWord, self.text, self.tag, self.sentenceClass) = (false, text, tag, sentenceClass)
  }

  /// The columns that the user named by number.
  init?(_ roles: ColumnRoles) {
    guard let text = roles.text ?? roles.word else { return nil }
    isByWord = roles.text == nil
    self.text = text - 1
    tag = roles.tag.map { $0 - 1 }
    sentenceClass = roles.sentenceClass.map { $0 - 1 }
  }

  /// Words in the first column and their tags in the last one, without a header.
  init(columnsOfWords count: Int) {
    (isByWord, text, tag) = (true, 0, count - 1)
  }

  /// The highest column that is read.
  var last: Int { ([text, tag ?? 0, sentenceClass ?? 0] + sentence).max() ?? 0 }

  /// What a column is called, for messages and for files of names.
  func name(_ column: Int) -> String { names.indices.contains(column) ? names[column] : "column \(column + 1)" }
}

/// Recognises tables by their first records.
enum TableSniffer {
  enum Finding: Equatable {
    /// A header names the columns.
    case header(delimiter: UInt8)
    /// Words with tags in two columns or more, without a header.
    case words(delimiter: UInt8)
    /// Texts beside labels without a header: which is which cannot be known.
    case unnamed(delimiter: UInt8)

    var delimiter: UInt8 {
      switch self {
      case .header(let delimiter), .words(let delimiter), .unnamed(let delimiter): delimiter
      }
    }
  }

  private static let delimiters: [UInt8] = [UInt8(ascii: ","), 0x09, UInt8(ascii: ";")]

  /// What kind of table the beginning of a file is; nil if it is none.
  ///
  /// Words in columns by tabs are CoNLL columns, not a table.
  static func find(_ start: UnsafeBufferPointer<UInt8>, _ options: ReadingOptions) -> Finding? {
    for delimiter in delimiters + [UInt8(ascii: "|")] {
      var records = TableRecords(start, delimiter: delimiter)
      guard (try? records.next()) == true, records.fields.count > 1 else { continue }
      let names = records.fields.indices.map { records.text($0) }
      if TableLayout(header: names, options) != nil { return .header(delimiter: delimiter) }
    }
    for delimiter in delimiters {
      let rows = firstRows(start, delimiter)
      guard let count = rows.first?.count, count > 1, rows.count > 1 || delimiter == 0x09,
        rows.allSatisfy({ $0.count == count || $0 == [""] })
      else { continue }
      let full = rows.filter { $0.count == count }
      let tagged = full.filter { Tag.isEntityTag($0[count - 1]) }.count
      if tagged == full.count {
        if delimiter != 0x09 { return .words(delimiter: delimiter) }
      } else if tagged == 0, full.filter({ $0.contains { $0.contains(" ") } }).count * 2 > full.count {
        return .unnamed(delimiter: delimiter)
      }
    }
    return nil
  }

  /// The fields of the first records, but for one that the end of `start` cuts.
  private static func firstRows(_ start: UnsafeBufferPointer<UInt8>, _ delimiter: UInt8) -> [[String]] {
    var records = TableRecords(start, delimiter: delimiter)
    var rows: [[String]] = []
    while rows.count < 50, (try? records.next()) == true {
      rows.append(records.fields.indices.map { records.text($0) })
    }
    if rows.count > 1, start.count >= FileForm.sniffed { rows.removeLast() }
    return rows
  }
}
