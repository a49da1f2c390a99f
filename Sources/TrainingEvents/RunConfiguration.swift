/// Everything that makes a run the run it is: the options of the command line and the configuration file, resolved.
public struct RunConfiguration: Codable, Hashable, Sendable {
  /// Where the sentences come from.
  public enum Source: Hashable, Sendable {
    /// The embedded demo corpus.
    case demo
    /// A folder in the folder form: `{train,dev|valid,test}/{seq.in,seq.out,label}`, or with `train.*` files.
    case folder(String)
    /// Single files, their form recognized by their content, or folders of the folder form; several of a split are read
    /// one after the other.
    case files(train: [String], dev: [String], test: [String])
  }

  /// The learning rate's way after the warm-up.
  public enum Schedule: String, Codable, Hashable, Sendable, CaseIterable {
    case cosine, linear, constant
  }

  /// What moves the weights.
  public enum Optimizer: String, Codable, Hashable, Sendable, CaseIterable {
    case adamw
    /// Muon for the encoder's matrices, AdamW for everything else.
    case muon
  }

  /// Number format of the matrix products.
  public enum Precision: String, Codable, Hashable, Sendable, CaseIterable {
    case f32, bf16
  }

  /// The dev figure by which the best checkpoint is chosen.
  public enum Selection: String, Codable, Hashable, Sendable, CaseIterable {
    case exactMatch = "exact-match"
    case entityF1 = "entity-f1"
    case accuracyA = "accuracy-a"
    case accuracyB = "accuracy-b"
    case loss
  }

  /// Where a sub-layer's LayerNorm stands: after the residual sum, as in BERT, or before the sub-layer.
  public enum Normalization: String, Codable, Hashable, Sendable, CaseIterable {
    case post, pre
  }

  /// How a token's position is encoded: by an embedding, as in BERT, or by a score for each distance.
  public enum Positions: String, Codable, Hashable, Sendable, CaseIterable {
    case absolute, relative
  }

  /// What the sentence head reads: the first token's hidden state, as in BERT, or the mean of all tokens'.
  public enum SentencePooling: String, Codable, Hashable, Sendable, CaseIterable {
    case first, mean
  }

  /// What loss_b is.
  public enum TagLoss: String, Codable, Hashable, Sendable, CaseIterable {
    case crossEntropy = "cross-entropy"
    case crf
  }

  /// What a sentence of each class counts in the sentence loss.
  public enum ClassWeights: String, Codable, Hashable, Sendable, CaseIterable {
    /// One like another.
    case none
    /// The more the rarer its class is: sentences ÷ (classes × sentences of the class), counted in train.
    case balanced
  }

  /// What a token is: a word, or a piece of one.
  public enum Tokenization: String, Codable, Hashable, Sendable, CaseIterable {
    case words, wordpiece
  }

  /// Epochs that `leastSteps` can ask for.
  public static let mostSmallDataEpochs = 40
  /// Where even so many epochs make fewer steps than this, batches are halved, down to `leastSmallDataBatch`.
  public static let leastSmallDataSteps = 500
  public static let leastSmallDataBatch = 4
  /// Sentences of train up to which a preset's class prior is used.
  public static let mostClassPriorSentences = 500

  /// The named set of options that the others were given on top of; nil for none.
  public var preset: Preset?

  // Data.
  public var source: Source = .demo
  /// What was said of the form of the files; nil where they say so themselves.
  public var reading: Reading?
  public var lowercase = false
  public var tokenizer: Tokenization = .words
  /// Pieces of a WordPiece vocabulary made from train.
  public var vocabularySize = 8_000
  /// Words seen fewer times in train than this become [UNK].
  public var minimumCount = 1
  /// Most tokens in a row, [CLS] and [SEP] included; longer sentences are cut.
  public var maxLength = 128
  /// Fixed row length to pad to; nil pads to the batch's longest row.
  public var padTo: Int?
  /// Rows of the table that words' character n-grams are hashed to; 0 for no n-grams, nil for two for every three
  /// distinct ones of train.
  public var nGramBuckets: Int? = 0

  // Chance changes to training sentences.
  /// Probability that an entity is replaced by another of its type from train.
  public var swap = 0.0
  /// Probability that a word outside entities is left out; nil, as in runs of earlier versions, for 0.
  public var wordDropout: Double?
  /// Whether rare words are at times read as unknown.
  public var unknownWords = false
  /// Probability that a character n-gram is left out.
  public var nGramDropout = 0.0
  /// Probability that WordPiece rejects a match for a shorter one; nil for none.
  public var pieceDropout: Double?

  // Model.
  /// Folder of a pretrained encoder, which then brings its own shape and tokenizer; nil to begin from nothing.
  public var encoder: String?
  public var hidden = 128
  public var layers = 2
  public var heads = 4
  public var intermediate = 512
  public var dropout = 0.1
  /// Dropout of the embeddings, of attention weights and of the heads' inputs; nil for `dropout`.
  public var embeddingDropout: Double?
  public var attentionDropout: Double?
  public var headDropout: Double?
  public var normalization: Normalization = .post
  public var positions: Positions = .absolute
  /// Whether each layer has a convolution over neighbouring words.
  public var convolution = false
  /// Whether two heads of each layer start by looking at the neighbouring words.
  public var neighbourHeads = false
  /// nil, as in runs of earlier versions, for `first`.
  public var sentencePooling: SentencePooling?
  public var tagLoss: TagLoss = .crossEntropy
  /// Whether tag probabilities are the marginals of a learned chain over the sentence's tags; nil, as in runs of earlier
  /// versions, for no.
  public var tagChain: Bool?
  /// What the log-probability of a sequence of tags, as train has them, is multiplied by where tags are decoded from a
  /// softmax head; nil, as in runs of earlier versions, for 0.
  public var tagPrior: Double?
  /// Models trained side by side whose answers are averaged.
  public var members = 1
  /// Share of the sentence loss's target spread over all classes.
  public var labelSmoothing = 0.0
  /// nil, as in runs of earlier versions, for `none`.
  public var classWeights: ClassWeights?
  /// What a logistic regression of tokens and n-grams, fitted to train at the start, counts in the class logits; nil, as
  /// in runs of earlier versions, for 0.
  public var classPrior: Double?
  /// Whether a new run has its class prior only where train has few sentences; nil for in any case.
  public var classPriorIsForFew: Bool?

  // Optimisation.
  /// Parts of the encoder that stay as they are: `encoder`, `embeddings`, `layer.2`, `layer.0-2`.
  public var freeze: [String] = []
  /// Epochs after which one more part of an encoder that begins frozen is trained; nil for all from the start.
  public var unfreezeEvery: Int?
  /// The encoder's peak learning rate; nil for `learningRate`.
  public var encoderLearningRate: Double?
  /// What each layer's rate is multiplied by on the way down from the top one to the embeddings.
  public var layerDecay = 1.0
  public var epochs = 10
  /// Where `epochs` make fewer steps than this, a new run takes more of them, at most `mostSmallDataEpochs`; nil for
  /// `epochs` as they are.
  public var leastSteps: Int?
  public var batchSize = 32
  /// Whether a new run on very few sentences takes smaller batches; nil, as in runs of earlier versions, for no.
  public var smallBatches: Bool?
  /// nil, as in runs of earlier versions, for `adamw`.
  public var optimizer: Optimizer?
  public var learningRate = 1e-3
  public var weightDecay = 0.01
  /// Whether embedding rows move only when a batch uses them, without decay.
  public var lazyEmbeddings = false
  /// Share of all steps spent warming up, in 0...1.
  public var warmup = 0.05
  public var schedule: Schedule = .cosine
  /// Largest gradient norm; 0 for no clipping.
  public var clip = 1.0
  public var weightA = 1.0
  public var weightB = 1.0

  // Loop.
  public var seed: UInt64 = 1
  /// Worker threads; 0 for one a core.
  public var threads = 0
  /// Parts a batch is split into, fixed for the whole run; 0 for as many as threads at its start.
  public var shares = 0
  /// Runs of whole sentences, a power of two, that a batch is cut into, each with gradients of its own, which are added
  /// as a balanced tree; nil, as in runs of earlier versions, for one.
  public var parts: Int?
  public var precision: Precision = .f32
  /// Steps between checkpoints; 0 for none by steps. Each epoch's end has one besides.
  public var checkpointEvery = 0
  /// Minutes between checkpoints; 0 for none by time.
  public var checkpointMinutes = 10.0
  /// Steps between two lines in `metrics.jsonl`; nil for as many lines in each power of ten.
  public var metricsEvery: Int?
  /// Whether curves are also written as TensorBoard event files; nil, as in runs of earlier versions, for no.
  public var tensorBoard: Bool?
  /// Checkpoints kept besides the best.
  public var keep = 3
  /// Nil for what suits the data, decided as a new run begins: exact match, or entity F1 where there are tags alone.
  public var selectBy: Selection?
  /// Epochs without a better dev figure after which the run ends; nil to train all epochs.
  public var patience: Int?
  /// Steps with a loss or gradient that is not finite before the run ends as diverged.
  public var divergenceLimit = 10

  // Place.
  /// The run's own folder; nil for `runs/<time>-<name>` below the current folder.
  public var runDirectory: String?
  public var name: String?

  public init() {}

  /// What each task's loss is multiplied by.
  public var weights: PerTask<Double> { PerTask(weightA, weightB) }

  /// The figure that names the best checkpoint.
  public var selection: Selection { selectBy ?? .exactMatch }
}
