/// The label of positions that carry no class or tag: ignored by losses and metrics.
///
/// Labels not seen in train have ids from `sentenceClasses.count` (or `tags.count`) up: no loss, counted as wrong.
public let ignoredLabel: Int32 = -100

/// The encoded rows of one split: compact, one allocation a column, about 8 bytes a word.
///
/// A row is [CLS], the tokens of its words, [SEP]; rows longer than the maximum lose words at their end, never [SEP].
/// Columns are shared when the value is copied.
public struct EncodedSplit: Sendable {
  /// Number in `pieces` of every word of every row, row after row.
  var words: [Int32]
  /// Gold tag of every word, or nothing if the whole split has none; `ignoredTag` where a row has none.
  var tagColumn: [Int16]
  /// Where each row's words begin in `words`; one more than there are rows.
  var wordStarts: [Int]
  /// Class of each row, -100 without one.
  var classes: [Int32]
  /// Tokens of each row, [CLS] and [SEP] included, cut to the maximum length.
  var lengths: [Int32]
  /// Tokens of each distinct word.
  var pieces: PieceTable
  /// N-grams of each distinct word; empty without.
  var nGrams: NGramTable
  /// Most tokens a row.
  public let maxLength: Int
  /// Rows that lost words to the maximum length.
  public let truncatedRows: Int
  /// Words whose first token did not fit.
  public let cutWords: Int

  static let ignoredTag = Int16(ignoredLabel)

  init(
    words: [Int32], tags: [Int16], wordStarts: [Int], classes: [Int32], pieces: PieceTable,
    nGrams: NGramTable = NGramTable(), maxLength: Int
  ) {
    self.words = words
    tagColumn = tags
    self.wordStarts = wordStarts
    self.classes = classes
    self.pieces = pieces
    self.nGrams = nGrams
    self.maxLength = maxLength
    (lengths, truncatedRows, cutWords) = measure(words, wordStarts, pieces, room: maxLength - 2)
  }

  /// Number of rows.
  public var count: Int { classes.count }
  /// Words of all rows, cut ones included.
  public var wordCount: Int { words.count }
  /// Tokens of all rows, [CLS] and [SEP] included: what an epoch computes over.
  public var tokenCount: Int { lengths.reduce(0) { $0 + Int($1) } }

  /// Tokens of row `index`, [CLS] and [SEP] included.
  public func length(of index: Int) -> Int { Int(lengths[index]) }

  /// Words of row `index`, cut ones included.
  public func wordCount(of index: Int) -> Int { wordStarts[index + 1] - wordStarts[index] }

  /// Number of a row's first word among the words of all rows.
  public func firstWord(of index: Int) -> Int { wordStarts[index] }

  /// Gold tag of every word of a row, words cut off by the maximum length included; empty where the row has no tags.
  public func goldTags(of index: Int) -> [Int32] {
    guard !tagColumn.isEmpty else { return [] }
    let range = wordStarts[index]..<wordStarts[index + 1]
    guard tagColumn[range].contains(where: { $0 != Self.ignoredTag }) else { return [] }
    return tagColumn[range].map(Int32.init)
  }

  /// How often one tag follows another, and with which tags rows begin and end. Rows that are not tagged throughout
  /// do not count.
  ///
  /// - Parameter tagCount: number of tags.
  /// - Returns: `steps` [from, to], row-major; `first` and `last` [tags].
  public func tagTransitions(tagCount: Int) -> (steps: [Int], first: [Int], last: [Int]) {
    var steps = [Int](repeating: 0, count: tagCount * tagCount)
    var first = [Int](repeating: 0, count: tagCount)
    var last = first
    guard !tagColumn.isEmpty else { return (steps, first, last) }
    for row in 0..<count {
      let range = wordStarts[row]..<wordStarts[row + 1]
      guard !range.isEmpty, tagColumn[range].allSatisfy({ (0..<tagCount).contains(Int($0)) }) else { continue }
      first[Int(tagColumn[range.lowerBound])] += 1
      last[Int(tagColumn[range.upperBound - 1])] += 1
      for word in range.dropFirst() { steps[Int(tagColumn[word - 1]) * tagCount + Int(tagColumn[word])] += 1 }
    }
    return (steps, first, last)
  }

  /// Words of a row that the vocabulary does not know: all they are is [UNK].
  public func unknownWords(of index: Int) -> Int {
    words[wordStarts[index]..<wordStarts[index + 1]].count { word in
      let tokens = pieces.ids[pieces.range(of: word)]
      return tokens.count == 1 && tokens.first == pieces.special.unknown
    }
  }

  /// Class of a row, -100 without one.
  public func sentenceClass(of index: Int) -> Int32 { classes[index] }

  /// Position in the row of each kept word's first token. Words beyond are cut off: predicted `O`, counted as missed.
  public func wordPositions(of index: Int) -> [Int32] {
    var positions: [Int32] = []
    positions.reserveCapacity(wordCount(of: index))
    var position = 1
    for word in words[wordStarts[index]..<wordStarts[index + 1]] {
      if position >= maxLength - 1 { break }
      positions.append(Int32(position))
      position += pieces.count(of: word)
    }
    return positions
  }
}

/// Length of each row, how many rows were cut, and how many words have no token left.
private func measure(
  _ words: [Int32], _ wordStarts: [Int], _ pieces: PieceTable, room: Int
) -> (lengths: [Int32], truncatedRows: Int, cutWords: Int) {
  let rows = wordStarts.count - 1
  var lengths: [Int32] = []
  lengths.reserveCapacity(rows)
  var truncatedRows = 0
  var cutWords = 0
  for row in 0..<rows {
    let range = wordStarts[row]..<wordStarts[row + 1]
    var tokens = 0
    if pieces.isOneToOne {
      tokens = range.count
      cutWords += max(0, tokens - room)
    } else {
      for position in range {
        if tokens >= room { cutWords += 1 }
        tokens += pieces.count(of: words[position])
      }
    }
    if tokens > room { truncatedRows += 1 }
    lengths.append(Int32(min(tokens, room) + 2))
  }
  return (lengths, truncatedRows, cutWords)
}

/// The tokens of each distinct word, computed once a word and not once an occurrence.
struct PieceTable: Sendable {
  /// Token ids, word after word.
  var ids: [Int32]
  /// Where each word's tokens begin in `ids`, one more than there are words; empty if every word is one token.
  var starts: [Int32]
  /// The tokens around and in place of words.
  let special: SpecialIDs

  var isOneToOne: Bool { starts.isEmpty }

  /// Tokenizes every string of `table`.
  init(_ table: StringTable, tokenizer: some Tokenizer) {
    special = tokenizer.special
    ids = []
    starts = [0]
    ids.reserveCapacity(table.count)
    starts.reserveCapacity(table.count + 1)
    for word in 0..<table.count {
      table.strings.withBytes(of: word) { tokenizer.appendTokens(of: $0, to: &ids) }
      starts.append(Int32(ids.count))
    }
    if ids.count == table.count, starts.indices.allSatisfy({ starts[$0] == Int32($0) }) { starts = [] }
  }

  /// Where a word's tokens are in `ids`.
  @inline(__always)
  func range(of word: Int32) -> Range<Int> {
    isOneToOne ? Int(word)..<Int(word) + 1 : Int(starts[Int(word)])..<Int(starts[Int(word) + 1])
  }

  @inline(__always)
  func count(of word: Int32) -> Int {
    isOneToOne ? 1 : Int(starts[Int(word) + 1] - starts[Int(word)])
  }
}
