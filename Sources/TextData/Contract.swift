/// Why data could not be read.
public struct DataError: Error, CustomStringConvertible, Hashable {
  /// A file that is not there (exit code 66) or one whose content is wrong (65).
  public enum Kind: Hashable, Sendable { case missing, malformed }
  public var kind: Kind
  /// A sentence: file and line, what was found, what to do.
  public var description: String

  public init(kind: Kind, description: String) {
    self.kind = kind
    self.description = description
  }
}

/// The label of positions that carry no class or tag: ignored by losses and metrics.
///
/// Labels not seen in train have ids from `sentenceClasses.count` (or `tags.count`) up: no loss, counted as wrong.
public let ignoredLabel: Int32 = -100

/// The encoded rows of one split: compact, one allocation a column.
public struct EncodedSplit: Sendable {
  public var count: Int { 0 }

  /// Tokens of row `index`, [CLS] and [SEP] included.
  public func length(of index: Int) -> Int { 0 }

  /// Gold tag of every word of a row, words cut off by the maximum length included; empty where the row has no tags.
  public func goldTags(of index: Int) -> [Int32] { [] }

  /// Class of a row, -100 without one.
  public func sentenceClass(of index: Int) -> Int32 { ignoredLabel }

  /// Position in the row of each kept word's first token. Words beyond are cut off: predicted `O`, counted as missed.
  public func wordPositions(of index: Int) -> [Int32] { [] }
}

/// What data preparation needs to know.
public struct DataOptions: Hashable, Sendable {
  public enum Source: Hashable, Sendable {
    case demo
    case folder(String)
    case files(train: String, dev: String?, test: String?)
  }
  public var source: Source
  public var lowercase: Bool
  public var minimumCount: Int
  /// Most tokens a row, [CLS] and [SEP] included.
  public var maxLength: Int

  public init(source: Source, lowercase: Bool, minimumCount: Int, maxLength: Int) {
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
  /// Token strings by id; 0 [PAD], 1 [UNK], 2 [CLS], 3 [SEP].
  public var vocabulary: [String]
  public var sentenceClasses: [String]
  public var tags: [String]
  /// Classes and tags that only dev or test have: ids from `sentenceClasses.count` and `tags.count` up.
  public var unseenClasses: [String]
  public var unseenTags: [String]
  /// Sentences for the log: rows truncated, labels not seen in train, and so on.
  public var remarks: [String]
  /// Hex digest of each file read, by path, for run.json.
  public var fingerprints: [String: String]

  /// Reads, counts and encodes everything.
  public static func load(_ options: DataOptions) throws(DataError) -> TextDataset {
    throw DataError(kind: .missing, description: "stub")
  }
}

/// One batch as the mission defines it; row-major, `count` × `length`.
public struct Batch: Sendable {
  /// B.
  public var count: Int
  /// L: the longest row, or the fixed length.
  public var length: Int
  /// [B, L]; padding is id 0.
  public var inputIDs: [Int32]
  /// [B, L]; 1 at real tokens, 0 at padding.
  public var attentionMask: [Int32]
  /// [B]; -100 without a class.
  public var taskALabels: [Int32]
  /// [B, L]; -100 at padding, [CLS], [SEP] and unlabelled tokens.
  public var taskBLabels: [Int32]

  public init(
    count: Int, length: Int, inputIDs: [Int32], attentionMask: [Int32], taskALabels: [Int32], taskBLabels: [Int32]
  ) {
    self.count = count
    self.length = length
    self.inputIDs = inputIDs
    self.attentionMask = attentionMask
    self.taskALabels = taskALabels
    self.taskBLabels = taskBLabels
  }
}

/// Stacks rows into a batch, padded to the longest or to `padTo`.
public func collate(_ split: EncodedSplit, rows: [Int32], padTo: Int?) -> Batch {
  fatalError("stub")
}

/// The order in which an epoch visits the rows: a seeded shuffle, grouped by length in pools.
///
/// A pure function of (lengths, batch size, seed, epoch): the same everywhere, so a resume needs nothing but these.
public struct BatchOrder: Sendable {
  /// Row indices of each batch of the epoch.
  public let batches: [[Int32]]

  public init(_ split: EncodedSplit, batchSize: Int, seed: UInt64, epoch: Int) {
    batches = []
  }
}
