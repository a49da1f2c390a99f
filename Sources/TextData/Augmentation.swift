/// Chance changes to training rows, drawn anew each epoch: what keeps a model from learning small data by heart.
///
/// Everything is a function of (seed, epoch, row), so that a resumed run sees the same rows.
public struct Augmentation: Sendable {
  public struct Options: Hashable, Sendable {
    /// Probability that a gold span's words are replaced by another value of its type, drawn from the distinct ones that
    /// train has in sentences of the same class (a book's name stays a book's where films are named too), or where those
    /// are few, from all of the type.
    public var swap: Double
    /// Probability that a word outside spans is left out; a row keeps at least one word.
    public var wordDropout: Double
    /// Whether a word's token becomes [UNK] with probability 1 / (1 + its count in train); its n-grams stay.
    public var unknownWords: Bool
    /// Probability that an n-gram of a word is left out.
    public var nGramDropout: Double
    /// Probability that a match is rejected when WordPiece splits a word; see `WordPieceTokenizer`.
    public var pieceDropout: Double

    public init(
      swap: Double = 0, wordDropout: Double = 0, unknownWords: Bool = false, nGramDropout: Double = 0,
      pieceDropout: Double = 0
    ) {
      self.wordDropout = wordDropout
      self.pieceDropout = pieceDropout
      self.swap = swap
      self.unknownWords = unknownWords
      self.nGramDropout = nGramDropout
    }

    public var isNone: Bool {
      swap == 0 && wordDropout == 0 && !unknownWords && nGramDropout == 0 && pieceDropout == 0
    }
  }

  public let options: Options
  private let seed: UInt64
  private let types: SpanTypes
  /// What spans are replaced by; none where none is.
  private let values: SpanValues
  private let unknownToken: Int32
  /// By token: how likely it is to become [UNK].
  private let unknownChance: [Double]
  /// What splits words anew, and their spellings; nil where their pieces stay.
  private let splitter: (tokenizer: WordPieceTokenizer, words: StringTable)?

  /// Changes to the rows of train.
  public init(_ dataset: TextDataset, options: Options, seed: UInt64) {
    let train = dataset.train
    self.options = options
    splitter =
      options.pieceDropout > 0
      ? dataset.spellings.map {
        (WordPieceTokenizer(vocabulary: dataset.vocabulary, configuration: dataset.tokenizer), $0)
      } : nil
    unknownToken = train.pieces.special.unknown
    self.seed = SplitMix64.mixed(seed, 0x5A17)
    types = SpanTypes(dataset.tags)
    values = options.swap > 0 ? SpanValues(train, types) : SpanValues()
    unknownChance = options.unknownWords ? Self.unknownChances(train) : []
  }

  private static func unknownChances(_ train: EncodedSplit) -> [Double] {
    var counts = [Int](repeating: 0, count: Int(train.pieces.ids.max() ?? 0) + 1)
    guard train.pieces.isOneToOne else { return counts.map { _ in 0 } }
    for word in train.words { counts[Int(train.pieces.ids[Int(word)])] += 1 }
    return counts.map { 1 / Double(1 + $0) }
  }

  /// The generator of one row in one epoch.
  func generator(row: Int, epoch: Int) -> SplitMix64 {
    SplitMix64(seed: SplitMix64.mixed(seed, UInt64(epoch)), stream: UInt64(row))
  }

  /// Replaces `words` and `tags` by the row's content with some spans swapped and some words left out.
  ///
  /// - Parameter places: becomes where each word stands in the row, -1 for one of a span that was put in.
  func change(
    _ split: EncodedSplit, row: Int, words: inout [Int32], tags: inout [Int16], places: inout [Int32],
    _ generator: inout SplitMix64
  ) {
    swap(split, row: row, words: &words, tags: &tags, places: &places, &generator)
    if options.wordDropout > 0 { leaveOut(&words, &tags, &places, &generator) }
  }

  private func leaveOut(
    _ words: inout [Int32], _ tags: inout [Int16], _ places: inout [Int32], _ generator: inout SplitMix64
  ) {
    var kept = 0
    for place in words.indices {
      let isInside = !tags.isEmpty && types.type(of: tags[place]) >= 0
      // The last one stays where nothing else did.
      let isNeeded = kept == 0 && place == words.count - 1
      guard isInside || isNeeded || generator.unit() >= options.wordDropout else { continue }
      words[kept] = words[place]
      places[kept] = places[place]
      if !tags.isEmpty { tags[kept] = tags[place] }
      kept += 1
    }
    places.removeLast(words.count - kept)
    words.removeLast(words.count - kept)
    if !tags.isEmpty { tags.removeLast(tags.count - kept) }
  }

  private func swap(
    _ split: EncodedSplit, row: Int, words: inout [Int32], tags: inout [Int16], places: inout [Int32],
    _ generator: inout SplitMix64
  ) {
    let range = split.wordStarts[row]..<split.wordStarts[row + 1]
    words.removeAll(keepingCapacity: true)
    tags.removeAll(keepingCapacity: true)
    places.removeAll(keepingCapacity: true)
    func keep(_ kept: Range<Int>) {
      words += split.words[kept]
      if !split.tagColumn.isEmpty { tags += split.tagColumn[kept] }
      for place in kept { places.append(Int32(place - range.lowerBound)) }
    }
    guard options.swap > 0, !split.tagColumn.isEmpty else { return keep(range) }
    var next = range.lowerBound
    types.forEachSpan(in: split.tagColumn[range]) { type, span in
      keep(next..<span.lowerBound)
      next = span.upperBound
      let choices = values.choices(of: type, in: split.classes[row])
      if !choices.isEmpty, generator.unit() < options.swap {
        let value = values[choices[generator.below(choices.count)]]
        if let spanTags = types.tags(of: type, words: value.count) {
          words += value
          places += repeatElement(-1, count: value.count)
          tags.append(spanTags.first)
          tags += repeatElement(spanTags.later, count: value.count - 1)
          return
        }
      }
      keep(span)
    }
    keep(next..<range.upperBound)
  }

  /// The token that stands for `token` this time.
  @inline(__always)
  func token(_ token: Int32, _ generator: inout SplitMix64) -> Int32 {
    guard options.unknownWords, Int(token) < unknownChance.count else { return token }
    return generator.unit() < unknownChance[Int(token)] ? unknownToken : token
  }

  /// Whether words are split anew each time.
  var splitsWords: Bool { splitter != nil }

  /// Appends the pieces of a word as they are this time.
  func appendPieces(of word: Int32, to ids: inout [Int32], _ generator: inout SplitMix64) {
    splitter?.words.strings.withBytes(of: Int(word)) { bytes in
      splitter?.tokenizer.appendTokens(of: bytes, dropping: options.pieceDropout, &generator, to: &ids)
    }
  }

  /// Whether an n-gram is kept this time.
  @inline(__always)
  func keepsNGram(_ generator: inout SplitMix64) -> Bool {
    options.nGramDropout == 0 || generator.unit() >= options.nGramDropout
  }
}

extension SplitMix64 {
  /// A number in 0..<1.
  mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// Two numbers hashed to one.
  static func mixed(_ a: UInt64, _ b: UInt64) -> UInt64 {
    var generator = SplitMix64(seed: a, stream: b)
    return generator.next()
  }
}
