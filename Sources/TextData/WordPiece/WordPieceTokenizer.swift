/// BERT's WordPiece: a word is split into the longest pieces of the vocabulary, from its beginning; pieces that go on
/// within a word begin with `##`.
///
/// A unit (see `BERTNormalizer`) that cannot be split, or has more than 100 characters, is [UNK]; so is a word of which
/// nothing is left. The special tokens are found in text as they are spelled, as Hugging Face's tokenizers do.
public struct WordPieceTokenizer: Tokenizer {
  /// Longer units are not split.
  static let longestUnit = 100
  static let continuation = "##"

  public let vocabulary: [String]
  public let special: SpecialIDs
  private let normalizer: BERTNormalizer
  private let firsts: PieceIndex
  private let laters: PieceIndex
  /// The special tokens' bytes and ids; all of them begin with `[`.
  private let added: [(spelling: [UInt8], id: Int32)]

  /// - Parameter vocabulary: token strings by id, with [PAD], [UNK], [CLS] and [SEP] among them
  ///   (see `WordPieceVocabulary.missingSpecialTokens`).
  public init(vocabulary: [String], configuration: TokenizerConfiguration) {
    self.vocabulary = vocabulary
    normalizer = BERTNormalizer(configuration)
    var firsts = PieceIndex()
    var laters = PieceIndex()
    for (id, piece) in vocabulary.enumerated() {
      firsts.add(piece[...], id: Int32(id))
      // By bytes: a combining mark after ## is one character with the #.
      if piece.utf8.starts(with: Self.continuation.utf8) {
        laters.add(Substring(piece.utf8.dropFirst(2)), id: Int32(id))
      }
    }
    self.firsts = firsts
    self.laters = laters
    var added: [(spelling: [UInt8], id: Int32)] = []
    for token in SpecialToken.allCases.map(\.rawValue) + ["[MASK]"] {
      if let id = firsts.id(of: token) { added.append((Array(token.utf8), id)) }
    }
    self.added = added
    var special = SpecialIDs()
    special.pad = firsts.id(of: SpecialToken.pad.rawValue) ?? special.pad
    special.unknown = firsts.id(of: SpecialToken.unknown.rawValue) ?? special.unknown
    special.cls = firsts.id(of: SpecialToken.cls.rawValue) ?? special.cls
    special.sep = firsts.id(of: SpecialToken.sep.rawValue) ?? special.sep
    self.special = special
  }

  public func appendTokens(of word: UnsafeBufferPointer<UInt8>, to ids: inout [Int32]) {
    let before = ids.count
    appendPieces(of: word, to: &ids) { false }
    if ids.count == before { ids.append(special.unknown) }
  }

  /// Appends a word's pieces with MaxMatch-dropout (Hiraoka, COLING 2022): each match is rejected for the next shorter
  /// one with some probability, but for the shortest there is.
  ///
  /// A unit that then comes to a dead end is split as ever, so that chance makes no known word unknown.
  func appendTokens(
    of word: UnsafeBufferPointer<UInt8>, dropping probability: Double, _ generator: inout SplitMix64,
    to ids: inout [Int32]
  ) {
    let before = ids.count
    appendPieces(of: word, to: &ids) { generator.unit() < probability }
    if ids.count == before { ids.append(special.unknown) }
  }

  /// The ids of a text without [CLS] and [SEP]; white space separates words.
  public func pieces(of text: String) -> [Int32] {
    var text = text
    var ids: [Int32] = []
    text.withUTF8 { appendPieces(of: $0, to: &ids) { false } }
    return ids
  }

  /// - Parameter rejects: asked at each match; true turns it down for a shorter one.
  @inline(__always)
  private func appendPieces(
    of text: UnsafeBufferPointer<UInt8>, to ids: inout [Int32], rejects: () -> Bool
  ) {
    var rest = 0
    var place = 0
    while place < text.count {
      guard text[place] == UInt8(ascii: "["),
        let found = added.first(where: { text[place...].starts(with: $0.spelling) })
      else {
        place += 1
        continue
      }
      normalizer.forEachUnit(text.slice(rest..<place)) { append($0, to: &ids, rejects: rejects) }
      ids.append(found.id)
      place += found.spelling.count
      rest = place
    }
    normalizer.forEachUnit(text.slice(rest..<text.count)) { append($0, to: &ids, rejects: rejects) }
  }

  /// Appends the pieces of a unit.
  @inline(__always)
  private func append(_ unit: UnsafeBufferPointer<UInt8>, to ids: inout [Int32], rejects: () -> Bool) {
    if unit.count > Self.longestUnit, unit.count(where: { !isContinuation($0) }) > Self.longestUnit {
      return ids.append(special.unknown)
    }
    if appendMatches(unit, to: &ids, rejects: rejects) || appendMatches(unit, to: &ids, rejects: { false }) { return }
    ids.append(special.unknown)
  }

  /// Appends the longest matches from the unit's beginning; false, with nothing appended, where one is missing.
  @inline(__always)
  private func appendMatches(
    _ unit: UnsafeBufferPointer<UInt8>, to ids: inout [Int32], rejects: () -> Bool
  ) -> Bool {
    let before = ids.count
    var start = 0
    while start < unit.count {
      let index = start == 0 ? firsts : laters
      var length = min(unit.count - start, index.longest)
      var found: (id: Int32, end: Int)?
      while length > 0 {
        let end = start + length
        // Only whole characters are compared.
        if end == unit.count || !isContinuation(unit[end]), let id = index.id(of: unit.slice(start..<end)) {
          found = (id, end)
          if !rejects() { break }
        }
        length -= 1
      }
      guard let found else {
        ids.removeSubrange(before...)
        return false
      }
      ids.append(found.id)
      start = found.end
    }
    return true
  }
}

/// Ids by spelling.
private struct PieceIndex: Sendable {
  private var table = StringTable()
  private var ids: [Int32] = []
  /// Bytes of the longest piece.
  private(set) var longest = 0

  /// Of equal spellings the last counts.
  mutating func add(_ piece: Substring, id: Int32) {
    let place = Int(table.intern(String(piece)))
    if place == ids.count { ids.append(id) } else { ids[place] = id }
    longest = max(longest, piece.utf8.count)
  }

  @inline(__always)
  func id(of piece: UnsafeBufferPointer<UInt8>) -> Int32? { table.find(piece).map { ids[Int($0)] } }

  func id(of piece: String) -> Int32? { table.find(piece).map { ids[Int($0)] } }
}

/// Whether a byte goes on with a character that began before it.
@inline(__always)
private func isContinuation(_ byte: UInt8) -> Bool { byte & 0xC0 == 0x80 }
