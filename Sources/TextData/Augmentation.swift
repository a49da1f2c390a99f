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
  /// By tag: the entity type it belongs to, -1 for none; and whether it begins a span.
  private let typeOfTag: [Int16]
  private let beginsSpan: [Bool]
  /// By type: the tags of a span's first and later words; -1 where train has none.
  private let firstTag: [Int16]
  private let laterTag: [Int16]
  /// Distinct values from which a class is rich enough in a type to go without those of other classes.
  private static let enoughValues = 30

  /// By type and class, as `place(of:in:)` numbers them: the distinct values of spans, each a run of `valueWords`.
  private let values: [Int: [Range<Int>]]
  private let valueWords: [Int32]
  private let typeCount: Int
  private let unknownToken: Int32
  /// By token: how likely it is to become [UNK].
  private let unknownChance: [Double]
  /// What splits words anew, and their spellings; nil where their pieces stay.
  private let splitter: (tokenizer: WordPieceTokenizer, words: StringTable)?

  /// Changes to the rows of train.
  public init(_ dataset: TextDataset, options: Options, seed: UInt64) {
    let train = dataset.train
    let tags = dataset.tags
    self.options = options
    splitter =
      options.pieceDropout > 0
      ? dataset.spellings.map {
        (WordPieceTokenizer(vocabulary: dataset.vocabulary, configuration: dataset.tokenizer), $0)
      } : nil
    unknownToken = train.pieces.special.unknown
    self.seed = SplitMix64.mixed(seed, 0x5A17)
    let parts = tags.map(Tag.init)
    var types: [String: Int16] = [:]
    var typeOfTag: [Int16] = []
    var firstTag: [Int16] = []
    var laterTag: [Int16] = []
    for (tag, part) in parts.enumerated() {
      guard [.begin, .inside].contains(part.prefix), !part.type.isEmpty else {
        typeOfTag.append(-1)
        continue
      }
      let type = types[part.type, default: Int16(types.count)]
      types[part.type] = type
      while firstTag.count <= Int(type) {
        firstTag.append(-1)
        laterTag.append(-1)
      }
      if part.prefix == .begin { firstTag[Int(type)] = Int16(tag) } else { laterTag[Int(type)] = Int16(tag) }
      typeOfTag.append(type)
    }
    self.typeOfTag = typeOfTag
    self.firstTag = firstTag
    self.laterTag = laterTag
    beginsSpan = parts.map { $0.prefix == .begin }
    (values, valueWords) =
      options.swap > 0 ? Self.collect(train, typeOfTag, beginsSpan, types: types.count) : ([:], [])
    typeCount = types.count
    unknownChance = options.unknownWords ? Self.unknownChances(train) : []
  }

  /// Where the values of a type in sentences of a class lie; those of all sentences where the class is none.
  private static func place(of type: Int16, in sentenceClass: Int32, types: Int) -> Int {
    Int(type) + types * (1 + max(-1, Int(sentenceClass)))
  }

  /// What a span of a type may become in sentences of a class.
  private func choices(_ type: Int16, in sentenceClass: Int32) -> [Range<Int>] {
    func distinct(in sentenceClass: Int32) -> [Range<Int>] {
      values[Self.place(of: type, in: sentenceClass, types: typeCount)] ?? []
    }
    let own = distinct(in: sentenceClass)
    return own.count >= Self.enoughValues ? own : distinct(in: ignoredLabel)
  }

  /// The distinct values of each type and class, in order of appearance.
  private static func collect(
    _ train: EncodedSplit, _ typeOfTag: [Int16], _ beginsSpan: [Bool], types: Int
  ) -> ([Int: [Range<Int>]], [Int32]) {
    var values: [Int: [Range<Int>]] = [:]
    var words: [Int32] = []
    var seen: [Int: Set<[Int32]>] = [:]
    guard !train.tagColumn.isEmpty else { return (values, words) }
    for row in 0..<train.count {
      let range = train.wordStarts[row]..<train.wordStarts[row + 1]
      forEachSpan(train.tagColumn[range], typeOfTag, beginsSpan) { type, span in
        let value = Array(train.words[span])
        for sentenceClass in [train.classes[row], ignoredLabel] {
          let place = place(of: type, in: sentenceClass, types: types)
          guard seen[place, default: []].insert(value).inserted else { continue }
          values[place, default: []].append(words.count..<words.count + value.count)
          words += value
        }
      }
    }
    return (values, words)
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
      let isInside = !tags.isEmpty && tags[place] >= 0 && typeOfTag[Int(tags[place])] >= 0
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
    Self.forEachSpan(split.tagColumn[range], typeOfTag, beginsSpan) { type, span in
      keep(next..<span.lowerBound)
      next = span.upperBound
      let choices = choices(type, in: split.classes[row])
      if !choices.isEmpty, generator.unit() < options.swap {
        let value = choices[generator.below(choices.count)]
        if firstTag[Int(type)] >= 0, value.count == 1 || laterTag[Int(type)] >= 0 {
          words += valueWords[value]
          places += repeatElement(-1, count: value.count)
          tags.append(firstTag[Int(type)])
          tags += repeatElement(laterTag[Int(type)], count: value.count - 1)
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

  /// Calls `body` with the type and the places of each BIO span of `tags`.
  private static func forEachSpan(
    _ tags: ArraySlice<Int16>, _ typeOfTag: [Int16], _ beginsSpan: [Bool], _ body: (Int16, Range<Int>) -> Void
  ) {
    func type(_ place: Int) -> Int16 {
      let tag = Int(tags[place])
      return tag >= 0 && tag < typeOfTag.count ? typeOfTag[tag] : -1
    }
    var place = tags.startIndex
    while place < tags.endIndex {
      let own = type(place)
      guard own >= 0 else {
        place += 1
        continue
      }
      let first = place
      place += 1
      while place < tags.endIndex, type(place) == own, !beginsSpan[Int(tags[place])] { place += 1 }
      body(own, first..<place)
    }
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
