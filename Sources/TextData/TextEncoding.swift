/// What a checkpoint keeps of the data: enough to encode new sentences as train's were, without the data.
public struct TextEncoding: Codable, Hashable, Sendable {
  public var tokenizer: TokenizerConfiguration
  /// Token strings by id; 0 [PAD], 1 [UNK], 2 [CLS], 3 [SEP].
  public var vocabulary: [String]
  public var sentenceClasses: [String]
  public var tags: [String]
  /// Most tokens a row, [CLS] and [SEP] included.
  public var maxLength: Int

  public init(
    tokenizer: TokenizerConfiguration, vocabulary: [String], sentenceClasses: [String], tags: [String], maxLength: Int
  ) {
    self.tokenizer = tokenizer
    self.vocabulary = vocabulary
    self.sentenceClasses = sentenceClasses
    self.tags = tags
    self.maxLength = maxLength
  }

  /// The tokenizer that encoded train.
  public func makeTokenizer() -> any Tokenizer { tokenizer.makeTokenizer(vocabulary: vocabulary) }

  /// Encodes sentences without labels, one row each (a sentence of no words is [CLS] [SEP]).
  public func encode(_ sentences: [[String]], with tokenizer: any Tokenizer) -> EncodedSplit {
    var table = StringTable()
    var words: [Int32] = []
    var starts = [0]
    for sentence in sentences {
      for word in sentence { words.append(table.intern(word)) }
      starts.append(words.count)
    }
    return EncodedSplit(
      words: words, tags: [], wordStarts: starts,
      classes: [Int32](repeating: ignoredLabel, count: sentences.count),
      pieces: PieceTable(table, tokenizer: tokenizer),
      nGrams: nGrams(of: table), maxLength: maxLength)
  }

  /// The n-grams of every word of a table; empty for models without.
  func nGrams(of words: StringTable) -> NGramTable {
    NGramTable(words, buckets: tokenizer.nGramBuckets, lowercase: tokenizer.lowercase)
  }
}
