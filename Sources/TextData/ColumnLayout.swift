/// Which columns of a file of CoNLL columns hold the words and the tags, each from 0.
struct ColumnLayout: Hashable, Sendable {
  /// Columns of a line; nil where no line shows it.
  var count: Int?
  /// The line that `count` was seen on first, from 1.
  var line = 1
  /// The column that counts a sentence's words, from 0 or 1; nil without one.
  var number: Int?
  var word = 0
  /// nil where words have no tags.
  var tag: Int?

  /// The column that holds the class, at each word of a sentence; nil where none does.
  var sentenceClass: Int?
  /// Whether each sentence's last line is its class alone, as Stack-Propagation's and GL-GIN's data have it.
  var endsInClass = false
  /// Whether the user numbered the columns.
  private var isGiven = false

  /// The columns that hold nothing that is read, from 0.
  var unread: [Int] {
    (0..<(count ?? 0)).filter { $0 != number && $0 != word && $0 != tag && $0 != sentenceClass }
  }

  /// What the log says where words, tags or classes are not where they are expected.
  var remarks: [String] {
    var remarks: [String] = []
    let tags = tag.map { ", tags from column \($0 + 1)" } ?? ""
    let classes = sentenceClass.map { ", classes from column \($0 + 1)" } ?? ""
    if let number, !isGiven {
      remarks = [
        "column \(number + 1) counts the words; words are read from column \(word + 1)\(tags)\(classes)."
      ]
    } else if word != 0 || sentenceClass != nil, !isGiven {
      remarks = ["words are read from column \(word + 1)\(tags)\(classes)."]
    } else if let tag, let count, tag != count - 1, !isGiven {
      remarks = ["tags are read from column \(tag + 1), the only one that has any."]
    }
    if endsInClass { remarks.append("each sentence's last line, of one column, is its class.") }
    return remarks
  }
}

extension ColumnLayout {
  /// Tells the layout from the beginning of a file; throws where two columns could hold the tags, or the user's words do
  /// not fit.
  ///
  /// The word is in the first column, or in the second where the first counts the words. The tag is in the last column;
  /// where that has other things than tags, or words are counted, in the only column of tags. The columns' own names
  /// (`# global.columns = ID FORM NER`) and what the user says come before that.
  ///
  /// - Parameter isWhole: whether `start` is all of the file.
  init(
    detecting start: UnsafeBufferPointer<UInt8>, isWhole: Bool, _ options: ReadingOptions, path: String
  ) throws(DataError) {
    var sample = ColumnSample()
    sample.read(start, isWhole: isWhole, includingHashes: false)
    if sample.count == nil { sample.read(start, isWhole: isWhole, includingHashes: true) }
    count = sample.count
    line = sample.line
    endsInClass = sample.endsInClass
    let names = try ColumnNames(sample, options, path: path)
    guard let count else { return }
    if count > 1, sample.countsWords, count > 2 || !sample.holdsTags(count - 1) {
      number = 0
      word = 1
    }
    if let roles = options.columns {
      try take(roles, path: path)
      return
    }
    if let named = names.word { word = named }
    sentenceClass = names.sentenceClass
    tag = if let named = names.tag { named } else { try findTag(sample, path: path) }
  }

  private func findTag(_ sample: ColumnSample, path: String) throws(DataError) -> Int? {
    guard let count, count > 1 else { return nil }
    let last = count - 1
    let candidates = (0..<count).filter {
      $0 != word && $0 != number && $0 != sentenceClass && (number == nil || $0 > word) && sample.holdsTags($0)
    }
    if number == nil, word != last, candidates.isEmpty || candidates.contains(last) { return last }
    guard candidates.count > 1 else { return candidates.first }
    let names = candidates.map { "\($0 + 1) (\(sample.examples[$0].map { quoted($0) } ?? "O"))" }
    throw .malformed(
      path, line: line,
      "tags stand in columns \(names.joined(separator: " and ")): which are meant is not clear; leave one of them, or "
        + "number them, as in --columns word=\(word + 1),tag=\(candidates[0] + 1)")
  }

  /// Takes the columns that the user numbered.
  private mutating func take(_ roles: ColumnRoles, path: String) throws(DataError) {
    guard let word = roles.word else {
      throw .malformed(
        path, "--columns is \(quoted("\(roles)")), but each line here is a word (CoNLL columns): say word=1, not text=1"
      )
    }
    for (role, column) in [("word", word), ("tag", roles.tag), ("class", roles.sentenceClass)] {
      guard let column, let count, column > count else { continue }
      throw .malformed(
        path, line: line,
        "--columns says \(role)=\(column), but there \(count == 1 ? "is" : "are") "
          + "\(counted(count, "column"))")
    }
    isGiven = true
    self.word = word - 1
    tag = roles.tag.map { $0 - 1 }
    sentenceClass = roles.sentenceClass.map { $0 - 1 }
    if number == self.word || number == tag || number == sentenceClass { number = nil }
  }
}

/// The columns that a file names itself, as CoNLL-U Plus does by `# global.columns = ID FORM NER`.
private struct ColumnNames {
  private(set) var word: Int?
  private(set) var tag: Int?
  private(set) var sentenceClass: Int?

  private static let wordNames = ["form", "word", "token", "text"]
  private static let tagNames = [
    "ner", "nertag", "ne", "netag", "entity", "slot", "slots", "bio", "iob", "tag", "tags",
  ]
  private static let classNames = ["intent", "class"]

  /// Throws where there is no column of a name that the user says.
  init(_ sample: ColumnSample, _ options: ReadingOptions, path: String) throws(DataError) {
    let own = [("--words", options.words), ("--tags", options.tags), ("--class", options.sentenceClass)]
    let names = sample.names.map(TableLayout.plain)
    if names.isEmpty {
      guard let (option, name) = own.first(where: { $0.1 != nil }) else { return }
      throw .malformed(
        path,
        "\(option) names \(quoted(name ?? "")), but these columns have no names (no # global.columns = …): number "
          + "them, as in --columns word=1,tag=3")
    }
    if let count = sample.count, count != names.count {
      throw .malformed(
        path, line: sample.line,
        "\(counted(count, "column")), but # global.columns names \(names.count): give every line those columns")
    }
    for (option, name) in own {
      guard let name, !names.contains(TableLayout.plain(name)) else { continue }
      throw .malformed(
        path, "\(option) names \(quoted(name)), but # global.columns has \(sample.names.joined(separator: ", "))")
    }
    func find(_ own: String?, _ usual: [String]) -> Int? {
      (own.map { [TableLayout.plain($0)] } ?? usual).lazy.compactMap { names.firstIndex(of: $0) }.first
    }
    word = find(options.words, Self.wordNames)
    tag = find(options.tags, Self.tagNames)
    sentenceClass = find(options.sentenceClass, Self.classNames)
  }
}

/// What the first lines of a file of columns have in their columns.
private struct ColumnSample {
  private(set) var count: Int?
  private(set) var line = 1
  /// By column: cells that are tags, those that are something else, and the first tag that is not `O`.
  private var tags: [Int] = []
  private var others: [Int] = []
  private(set) var examples: [String?] = []
  private var counter = WordCounter()
  private var isCounting = true
  private var hasCountedTwo = false
  /// By `# global.columns`; none without that line.
  private(set) var names: [String] = []
  /// Blocks of lines between empty ones, and those of them whose last line is one column alone.
  private var blocks = 0
  private var blocksEndingInOne = 0

  /// Whether each of several blocks ends in a line of one column.
  var endsInClass: Bool { blocks > 1 && blocksEndingInOne == blocks && (count ?? 0) > 1 }

  /// Whether the first column counts each sentence's words.
  var countsWords: Bool { isCounting && hasCountedTwo }

  /// Whether most of a column's cells are tags; empty ones (`_`) do not count.
  func holdsTags(_ column: Int) -> Bool { tags[column] > others[column] }

  mutating func read(_ bytes: UnsafeBufferPointer<UInt8>, isWhole: Bool, includingHashes: Bool) {
    var lines = LineCursor(bytes)
    /// Columns of the block's last line; 0 between blocks.
    var last = 0
    func endBlock() {
      if last > 0 { blocks += 1 }
      if last == 1 { blocksEndingInOne += 1 }
      last = 0
    }
    while let line = lines.next() {
      if line.isEmpty {
        counter = WordCounter()
        endBlock()
        continue
      }
      if names.isEmpty, let found = Self.names(bytes, line) { names = found }
      if bytes[line.lowerBound] == UInt8(ascii: "#"), !includingHashes || bytes.isSpacedHash(line) { continue }
      let cells = bytes.cells(of: line)
      if equal(bytes.slice(cells[0]), "-DOCSTART-") { continue }
      last = cells.count
      if count == nil { begin(cells.count, lines.number) }
      // What is cut off at the end of the sample, and what the reader will refuse.
      guard cells.count == count else { continue }
      note(cells.map { bytes.slice($0) })
    }
    // The block that the end of the sample cuts says nothing.
    if isWhole { endBlock() }
  }

  /// The names in `# global.columns = ID FORM NER`; nil for any other line.
  private static func names(_ bytes: UnsafeBufferPointer<UInt8>, _ line: Range<Int>) -> [String]? {
    guard bytes[line.lowerBound] == UInt8(ascii: "#") else { return nil }
    let parts = bytes.text(line).dropFirst().split(separator: "=", maxSplits: 1)
    guard parts.count == 2, parts[0].split(separator: " ") == ["global.columns"] else { return nil }
    return parts[1].split(separator: " ").map(String.init)
  }

  private mutating func begin(_ columns: Int, _ line: Int) {
    count = columns
    self.line = line
    tags = [Int](repeating: 0, count: columns)
    others = tags
    examples = [String?](repeating: nil, count: columns)
  }

  private mutating func note(_ cells: [UnsafeBufferPointer<UInt8>]) {
    if isCounting {
      switch counter.note(cells[0]) {
      case .word: hasCountedTwo = hasCountedTwo || counter.words > 1
      case .range: return
      case .other: isCounting = false
      }
    }
    for (column, cell) in cells.enumerated() where !equal(cell, "_") {
      guard tagProblem(cell) == nil else {
        others[column] += 1
        continue
      }
      tags[column] += 1
      if examples[column] == nil, cell.count > 1 { examples[column] = cell.text(cell.indices) }
    }
  }
}

/// Follows a column that counts the words of one sentence from 0 or 1.
///
/// CoNLL-U writes ranges (`1-2`) and empty nodes (`1.1`) between them, which are no words.
struct WordCounter {
  enum Cell { case word, range, other }

  private var next: Int?
  private(set) var words = 0

  mutating func note(_ cell: UnsafeBufferPointer<UInt8>) -> Cell {
    let border = cell.firstIndex { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") } ?? cell.count
    guard let number = cell.decimal(0..<border) else { return .other }
    guard border == cell.count else {
      return cell.decimal(border + 1..<cell.count) == nil ? .other : .range
    }
    guard next.map({ number == $0 }) ?? (number <= 1) else { return .other }
    next = number + 1
    words += 1
    return .word
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// The columns of a line: separated by tabs if it has one, else by runs of ASCII white space.
  func cells(of line: Range<Int>) -> [Range<Int>] {
    var cells: [Range<Int>] = []
    forEachCell(of: line) { cells.append($1) }
    return cells
  }

  /// Calls `body` with the number and the place of each column of a line; returns how many there are.
  @inline(__always) @discardableResult
  func forEachCell(of line: Range<Int>, _ body: (Int, Range<Int>) -> Void) -> Int {
    let hasTab = firstIndex(of: 0x09, in: line) != nil
    var count = 0
    var position = line.lowerBound
    while position <= line.upperBound {
      let start = position
      position = firstASCIISpace(from: position, before: line.upperBound)
      while hasTab, position < line.upperBound, self[position] != 0x09 {
        position = firstASCIISpace(from: position + 1, before: line.upperBound)
      }
      if hasTab || position > start {
        body(count, hasTab ? trimmed(start..<position) : start..<position)
        count += 1
      }
      position += 1
    }
    return count
  }

  /// Whether a line begins with `#` and a space, or is nothing but `#`.
  func isSpacedHash(_ line: Range<Int>) -> Bool {
    self[line.lowerBound] == UInt8(ascii: "#") && (line.count == 1 || self[line.lowerBound + 1] == 0x20)
  }
}
