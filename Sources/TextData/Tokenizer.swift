/// Turns a word into tokens.
///
/// A word has at least one token, so no word is ever lost; its tag sits on the first. Called once a distinct word.
public protocol Tokenizer: Sendable {
  /// Token strings by id.
  var vocabulary: [String] { get }

  /// Where the special tokens are in the vocabulary: 0 [PAD], 1 [UNK], 2 [CLS], 3 [SEP] unless a pretrained one says
  /// otherwise.
  var special: SpecialIDs { get }

  /// Appends the ids of the tokens of a word, given as UTF-8: at least one.
  func appendTokens(of word: UnsafeBufferPointer<UInt8>, to ids: inout [Int32])
}

extension Tokenizer {
  public var special: SpecialIDs { SpecialIDs() }
}

/// The ids of the special tokens.
public struct SpecialIDs: Hashable, Sendable {
  public var pad = SpecialToken.pad.id
  public var unknown = SpecialToken.unknown.id
  public var cls = SpecialToken.cls.id
  public var sep = SpecialToken.sep.id

  public init() {}
}

/// The tokens every vocabulary made here begins with.
public enum SpecialToken: String, Sendable, CaseIterable {
  case pad = "[PAD]"
  case unknown = "[UNK]"
  case cls = "[CLS]"
  case sep = "[SEP]"

  public var id: Int32 {
    switch self {
    case .pad: 0
    case .unknown: 1
    case .cls: 2
    case .sep: 3
    }
  }
}

/// What makes a tokenizer besides its vocabulary.
public struct TokenizerConfiguration: Codable, Hashable, Sendable {
  public enum Kind: String, Codable, Hashable, Sendable {
    /// A token is a word.
    case words
    /// A word is split into the longest pieces of a vocabulary, as BERT has it.
    case wordpiece
  }
  public var kind: Kind
  public var lowercase: Bool
  /// Whether WordPiece takes accents off; nil for as it lower-cases.
  public var stripAccents: Bool?
  /// Whether WordPiece leaves control characters out.
  public var cleanText = true
  /// Whether WordPiece makes every Chinese character a word.
  public var separateChinese = true
  /// Rows of the table that words' character n-grams are hashed to; 0 without n-grams.
  public var nGramBuckets: Int

  public init(kind: Kind = .words, lowercase: Bool, nGramBuckets: Int = 0) {
    self.kind = kind
    self.lowercase = lowercase
    self.nGramBuckets = nGramBuckets
  }

  /// The tokenizer with this vocabulary.
  public func makeTokenizer(vocabulary: [String]) -> any Tokenizer {
    switch kind {
    case .words: WordTokenizer(vocabulary: vocabulary, lowercase: lowercase)
    case .wordpiece: WordPieceTokenizer(vocabulary: vocabulary, configuration: self)
    }
  }
}

/// A token is a word, lower-cased if asked; words outside the vocabulary are [UNK].
public struct WordTokenizer: Tokenizer {
  public let vocabulary: [String]
  public let lowercase: Bool
  private let table: StringTable

  /// A tokenizer whose vocabulary is known, as a checkpoint has it.
  ///
  /// The first four tokens are the special ones whatever they are called; a word spelled like one of them is [UNK].
  public init(vocabulary: [String], lowercase: Bool) {
    self.vocabulary = vocabulary
    self.lowercase = lowercase
    table = StringTable(vocabulary)
  }

  public func appendTokens(of word: UnsafeBufferPointer<UInt8>, to ids: inout [Int32]) {
    let id = lowercase ? withLowercased(word) { table.find($0) } : table.find(word)
    ids.append(id.flatMap { $0 < SpecialToken.allCases.count ? nil : $0 } ?? SpecialToken.unknown.id)
  }

  /// The vocabulary of train's words: special tokens, then the most frequent first, ties in the order of their bytes.
  ///
  /// - Parameters:
  ///   - words: the distinct words of train.
  ///   - counts: how often each of them occurs.
  ///   - minimumCount: words seen fewer times (after lower-casing) become [UNK].
  ///   - lowercase: whether words are lower-cased first.
  /// - Returns: token strings by id.
  static func vocabulary(of words: StringTable, counts: [Int], minimumCount: Int, lowercase: Bool) -> [String] {
    var spellings = StringTable()
    var totals: [Int] = []
    for word in 0..<counts.count where counts[word] > 0 {
      let id = words.strings.withBytes(of: word) { bytes in
        lowercase ? withLowercased(bytes) { spellings.intern($0) } : spellings.intern(bytes)
      }
      if Int(id) == totals.count { totals.append(0) }
      totals[Int(id)] += counts[word]
    }
    let special = SpecialToken.allCases.map(\.rawValue)
    let kept = totals.indices.filter { totals[$0] >= minimumCount && !spellings.strings.range(of: $0).isEmpty }
      .map { (total: totals[$0], word: spellings.strings.string($0)) }
      .filter { !special.contains($0.word) }
      .sorted { $0.total != $1.total ? $0.total > $1.total : bytesPrecede($0.word, $1.word) }
    return special + kept.map(\.word)
  }
}

/// Whether `a` comes before `b` in the order of their UTF-8 bytes.
func bytesPrecede(_ a: String, _ b: String) -> Bool {
  a.utf8.lexicographicallyPrecedes(b.utf8)
}

/// Calls `body` with the word in lower case: ASCII at once, other letters by Unicode's full mapping without locale.
func withLowercased<Result>(
  _ word: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Result
) -> Result {
  if !word.contains(where: { $0 >= 0x80 || ($0 >= 0x41 && $0 <= 0x5A) }) { return body(word) }
  if word.contains(where: { $0 >= 0x80 }) {
    var lowered = String(decoding: word, as: UTF8.self).lowercased()
    return lowered.withUTF8 { body($0) }
  }
  let lowered = word.map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }
  return lowered.withUnsafeBufferPointer { body($0) }
}
