/// What data preparation needs to know.
public struct DataOptions: Hashable, Sendable {
  public enum Source: Hashable, Sendable {
    /// The embedded demo corpus.
    case demo
    /// A folder with `train`, `dev` (or `valid`) and `test`, as folders of the folder form or as single files.
    case folder(String)
    /// Single files, or folders of the folder form; several of a split are read one after the other.
    case files(train: [String], dev: [String], test: [String])
  }
  public var source: Source
  public var lowercase: Bool
  /// Words seen fewer times in train become [UNK].
  public var minimumCount: Int
  /// Most tokens a row, [CLS] and [SEP] included; at least 3.
  public var maxLength: Int
  /// Rows of the table that words' character n-grams are hashed to; 0 without n-grams, nil for as many as suit train's.
  public var nGramBuckets: Int?
  public var tokenizer = TokenizerConfiguration.Kind.words
  /// Pieces of a WordPiece vocabulary made from train.
  public var vocabularySize = 8_000
  /// A pretrained encoder's tokenizer, in place of one made from train.
  public var pretrained: TokenizerFolder?
  /// What is known of the files' form.
  public var reading = ReadingOptions()

  var context: ReadingContext { ReadingContext(options: reading, longestSentence: maxLength - 2) }

  public init(source: Source, lowercase: Bool, minimumCount: Int, maxLength: Int, nGramBuckets: Int? = 0) {
    self.nGramBuckets = nGramBuckets
    self.source = source
    self.lowercase = lowercase
    self.minimumCount = minimumCount
    self.maxLength = maxLength
  }
}

/// All splits, encoded, with the vocabulary and labels that train fixed.
public struct TextDataset: Sendable {
  /// Short name: the folder's, or "demo".
  public var name: String
  public var train: EncodedSplit
  public var dev: EncodedSplit?
  public var test: EncodedSplit?
  /// What turns words into tokens.
  public var tokenizer: TokenizerConfiguration
  /// Token strings by id; unless pretrained, 0 [PAD], 1 [UNK], 2 [CLS], 3 [SEP], then words, the most frequent in train
  /// first, or pieces.
  public var vocabulary: [String]
  /// Classes of train, in the order of their UTF-8 bytes; empty for data labelled with tags alone.
  public var sentenceClasses: [String]
  /// Tags of train, in the order of their UTF-8 bytes; empty for data labelled with classes alone.
  public var tags: [String]
  /// Classes and tags that only dev or test have: ids from `sentenceClasses.count` and `tags.count` up.
  public var unseenClasses: [String]
  public var unseenTags: [String]
  /// Most tokens a row, [CLS] and [SEP] included.
  public var maxLength: Int
  /// What was found, for the log: first, in one line, sentences, words, classes, tags and entities of each split; then
  /// which task has no labels, and how many sentences are in two splits.
  public var findings: [String]
  /// Sentences for the log: rows truncated, labels not seen in train, and so on.
  public var remarks: [String]
  /// Hex digest of each file read, by path, for run.json.
  public var fingerprints: [String: String]
  /// The words by their numbers in the splits, where they can be split into pieces anew; nil for whole words.
  var spellings: StringTable?
  /// Those that train has, and dev.
  var trainSpellings = SplitSpellings()
  var devSpellings = SplitSpellings()

  /// The words of a row of train as its file has them.
  public func trainWords(of row: Int) -> [String] { trainSpellings.words(ofRow: row, of: train) }

  /// The words of a row of dev as its file has them.
  public func devWords(of row: Int) -> [String] { dev.map { devSpellings.words(ofRow: row, of: $0) } ?? [] }

  /// Train's sentences, their words separated by spaces; none unless words can be split into pieces.
  public var trainTexts: [String] {
    guard let spellings else { return [] }
    return (0..<train.count).map { row in
      train.words[train.wordStarts[row]..<train.wordStarts[row + 1]].map { spellings.string($0) }
        .joined(separator: " ")
    }
  }

  /// What a checkpoint keeps, to encode new sentences without the data.
  public var encoding: TextEncoding {
    TextEncoding(
      tokenizer: tokenizer, vocabulary: vocabulary, sentenceClasses: sentenceClasses, tags: tags, maxLength: maxLength)
  }

  /// Reads, counts and encodes everything.
  ///
  /// Vocabulary and labels come from train alone. Throws for a file that is missing or wrong, with file and line.
  public static func load(_ options: DataOptions) throws(DataError) -> TextDataset {
    guard options.maxLength >= 3 else {
      throw DataError(
        kind: .malformed,
        description: "The maximum length is \(options.maxLength): a row needs at least 3 tokens, [CLS], a word, [SEP].")
    }
    let sources = try CorpusSources.find(options.source, options.context)
    var builder = CorpusBuilder()
    var columns: [(split: String, columns: SplitColumns)] = []
    columns.append(("train", try builder.read(sources.train)))
    let trainWords = builder.words.count
    if !sources.dev.isEmpty { columns.append(("dev", try builder.read(sources.dev))) }
    if !sources.test.isEmpty { columns.append(("test", try builder.read(sources.test))) }
    for (place, sources) in [sources.dev, sources.test].filter({ !$0.isEmpty }).enumerated() {
      var labels = LabelCheck()
      labels.note(columns[place + 1].columns)
      try labels.expectSome(in: sources, purpose: "to evaluate")
    }
    var dataset = try encode(&columns, builder: builder, trainWords: trainWords, name: sources.name, options: options)
    if case .files(_, let dev, let test) = options.source {
      for (split, paths) in [("dev", dev), ("test", test)] {
        guard let share = try HeldOutShare.only(in: paths) else { continue }
        dataset.findings.append(
          "\(split) is \(share) of the train data, of each class alike; equal sentences stay together.")
      }
    }
    return dataset
  }

  /// Turns numbers by order of appearance into tokens and labels; empties `columns` on the way.
  private static func encode(
    _ columns: inout [(split: String, columns: SplitColumns)], builder: CorpusBuilder, trainWords: Int, name: String,
    options: DataOptions
  ) throws(DataError) -> TextDataset {
    var counts = [Int](repeating: 0, count: trainWords)
    for word in columns[0].columns.words { counts[Int(word)] += 1 }
    let nGrams = NGramTable(
      builder.words, buckets: options.nGramBuckets, trainWords: trainWords,
      most: NGramTable.mostRows(sentences: columns[0].columns.classes.count),
      lowercase: options.pretrained?.configuration.lowercase ?? options.lowercase)
    let (tokenizer, vocabulary) = tokens(of: builder.words, counts, options, nGramBuckets: nGrams.buckets)
    let pieces = PieceTable(builder.words, tokenizer: tokenizer.makeTokenizer(vocabulary: vocabulary))
    let tagUse = columns.map { occurring(in: $0.columns.tags, of: builder.tags.count) }
    let classUse = columns.map { occurring(in: $0.columns.classes, of: builder.classes.count) }
    let tags = LabelSet(
      builder.tags.strings, inTrain: tagUse[0], elsewhere: union(tagUse.dropFirst(), builder.tags.count))
    let classes = LabelSet(
      builder.classes, inTrain: classUse[0], elsewhere: union(classUse.dropFirst(), builder.classes.count))
    guard !(tags.seen.isEmpty && classes.seen.isEmpty) else {
      throw DataError(
        kind: .malformed, description: "\(name): train has neither sentence classes nor tags: there is nothing to learn"
      )
    }
    var remarks = builder.report.remarks + builder.report.remarksOnPassedOver
    remarks +=
      remarksOnAlike(classes.seen + classes.unseen, "classes") + remarksOnAlike(tags.seen + tags.unseen, "tags")
    let findings = findings(in: columns, builder)
    var splits: [String: EncodedSplit] = [:]
    let trainSpellings = SplitSpellings(first: trainWords, of: builder.words)
    let devSpellings = SplitSpellings(columns.first { $0.split == "dev" }?.columns.words ?? [], builder.words)
    while let (split, raw) = columns.popLast() {
      splits[split] = encode(
        raw, tags: tags, classes: classes, pieces: pieces, nGrams: nGrams, maxLength: options.maxLength)
    }
    for name in ["train", "dev", "test"] {
      guard let split = splits[name] else { continue }
      remarks += remarksOnLength(split, name)
      if name != "train" {
        remarks += remarksOnUnseen(split, name, classes: classes, tags: tags, places: builder)
      }
    }
    guard let train = splits["train"] else { preconditionFailure("Train is always read.") }
    return TextDataset(
      name: name, train: train, dev: splits["dev"], test: splits["test"], tokenizer: tokenizer,
      vocabulary: vocabulary, sentenceClasses: classes.seen, tags: tags.seen, unseenClasses: classes.unseen,
      unseenTags: tags.unseen, maxLength: options.maxLength,
      findings: findings, remarks: remarks,
      fingerprints: builder.report.fingerprints, spellings: tokenizer.kind == .wordpiece ? builder.words : nil,
      trainSpellings: trainSpellings, devSpellings: devSpellings)
  }

  private static func findings(
    in columns: [(split: String, columns: SplitColumns)], _ builder: CorpusBuilder
  ) -> [String] {
    let summaries = columns.map { SplitSummary($0.columns, builder.tags, classes: builder.classes.count) }
    let parts = zip(columns, summaries).map { "\($0.split) \($1.text)" }
    return ["Data: \(parts.joined(separator: "; "))."] + summaries[0].whatIsMissing
      + findingsOnShared(columns, builder.words)
  }

  /// The pretrained tokenizer, or one whose vocabulary is made from train's words.
  private static func tokens(
    of words: StringTable, _ counts: [Int], _ options: DataOptions, nGramBuckets: Int
  ) -> (TokenizerConfiguration, vocabulary: [String]) {
    if let pretrained = options.pretrained {
      var tokenizer = pretrained.configuration
      tokenizer.nGramBuckets = nGramBuckets
      return (tokenizer, pretrained.vocabulary)
    }
    let tokenizer = TokenizerConfiguration(
      kind: options.tokenizer, lowercase: options.lowercase, nGramBuckets: nGramBuckets)
    switch tokenizer.kind {
    case .words:
      let vocabulary = WordTokenizer.vocabulary(
        of: words, counts: counts, minimumCount: options.minimumCount, lowercase: options.lowercase)
      return (tokenizer, vocabulary)
    case .wordpiece:
      let vocabulary = WordPieceTrainer.vocabulary(
        of: words, counts: counts, configuration: tokenizer, size: options.vocabularySize)
      return (tokenizer, vocabulary)
    }
  }

  private static func encode(
    _ raw: consuming SplitColumns, tags: LabelSet, classes: LabelSet, pieces: PieceTable,
    nGrams: NGramTable, maxLength: Int
  ) -> EncodedSplit {
    raw.renumber(classes: classes, tags: tags)
    return EncodedSplit(
      words: raw.words, tags: raw.tags, wordStarts: raw.wordStarts, classes: raw.classes, pieces: pieces,
      nGrams: nGrams, maxLength: maxLength)
  }
}

private func union(_ uses: ArraySlice<[Bool]>, _ count: Int) -> [Bool] {
  uses.reduce([Bool](repeating: false, count: count)) { sum, use in zip(sum, use).map { $0 || $1 } }
}
