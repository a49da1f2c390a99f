import ArgumentParser
import TrainingEvents

/// What small data needs beyond BERT's shape; presets set all of these.
struct RecipeOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A named set of the other options: standard, accurate (the best figures, several times the work) or bert (BERT's "
        + "own shape). Default: standard, or with --encoder what fine-tuning needs.",
      valueName: "name"))
  var preset: Preset?

  @Option(help: ArgumentHelp("LayerNorm after each sub-layer (post, as BERT) or before it (pre).", valueName: "name"))
  var normalization: RunConfiguration.Normalization?

  @Option(
    help: ArgumentHelp("Places as embeddings (absolute, as BERT) or scores by distance (relative).", valueName: "name"))
  var positions: RunConfiguration.Positions?

  @Option(
    help: ArgumentHelp(
      "What the sentence's class is read from: the first token (first, as BERT) or the mean of all (mean).",
      valueName: "name"))
  var sentencePooling: RunConfiguration.SentencePooling?

  @Flag(
    inversion: .prefixedNo, exclusivity: .chooseLast, help: "A convolution over neighbouring words in each layer.")
  var convolution: Bool?

  @Flag(
    inversion: .prefixedNo, exclusivity: .chooseLast,
    help: "Start two heads of each layer looking at the neighbouring words.")
  var neighbourHeads: Bool?

  @Option(
    help: ArgumentHelp("What loss_b is: cross-entropy, or crf for a conditional random field.", valueName: "name"))
  var tagLoss: RunConfiguration.TagLoss?

  @Flag(
    inversion: .prefixedNo, exclusivity: .chooseLast,
    help:
      "Make tag probabilities the marginals of a learned chain over the sentence's tags; loss_b is their cross-entropy."
  )
  var tagChain: Bool?

  @Option(
    help: ArgumentHelp(
      "How much train's transitions between tags count when tags are decoded without a learned chain; 0 for not at all.",
      valueName: "x"))
  var tagPrior: Double?

  @Option(help: ArgumentHelp("Share of the sentence target spread over all classes.", valueName: "x"))
  var labelSmoothing: Double?

  @Option(
    help: ArgumentHelp(
      "balanced lets sentences of rare classes count for more in loss_a, by train's counts (default: none).",
      valueName: "name"))
  var classWeights: RunConfiguration.ClassWeights?

  @Option(help: ArgumentHelp("Models trained side by side whose answers are averaged.", valueName: "n"))
  var members: Int?

  @Option(
    name: .customLong("ngram-buckets"),
    help: ArgumentHelp(
      "Rows for hashed character n-grams of words; 0 for none (default: by the data).",
      valueName: "n"))
  var nGramBuckets: Int?

  @Option(
    name: .customLong("ngram-dropout"),
    help: ArgumentHelp("Probability that an n-gram is left out while training.", valueName: "x"))
  var nGramDropout: Double?

  @Option(
    help: ArgumentHelp(
      "Probability that WordPiece rejects a match for a shorter one while training, MaxMatch-dropout (default: 0).",
      valueName: "x"))
  var pieceDropout: Double?

  @Option(
    help: ArgumentHelp("Probability that an entity is replaced by another of its type from train.", valueName: "x"))
  var swap: Double?

  @Option(
    help: ArgumentHelp("Probability that a word outside entities is left out while training.", valueName: "x"))
  var wordDropout: Double?

  @Flag(inversion: .prefixedNo, exclusivity: .chooseLast, help: "Read rare words as unknown at times while training.")
  var unknownWords: Bool?

  @Flag(
    inversion: .prefixedNo, exclusivity: .chooseLast,
    help: "Move embedding rows only when a batch uses them, without weight decay.")
  var lazyEmbeddings: Bool?

  @Option(help: ArgumentHelp("Dropout of the embeddings (default: as --dropout).", valueName: "x"))
  var embeddingDropout: Double?

  @Option(help: ArgumentHelp("Dropout of attention weights (default: as --dropout).", valueName: "x"))
  var attentionDropout: Double?

  @Option(help: ArgumentHelp("Dropout of the heads' inputs (default: as --dropout).", valueName: "x"))
  var headDropout: Double?

  func validate() throws {
    try check("members", members)
    try check("tag-prior", tagPrior)
    try check("label-smoothing", labelSmoothing)
    try check("ngram-buckets", nGramBuckets)
    try check("ngram-dropout", nGramDropout)
    try check("piece-dropout", pieceDropout)
    try check("swap", swap)
    try check("word-dropout", wordDropout)
    try check("embedding-dropout", embeddingDropout)
    try check("attention-dropout", attentionDropout)
    try check("head-dropout", headDropout)
  }

  func apply(to configuration: inout RunConfiguration) {
    set(&configuration.normalization, normalization)
    set(&configuration.positions, positions)
    if let sentencePooling { configuration.sentencePooling = sentencePooling }
    set(&configuration.convolution, convolution)
    set(&configuration.neighbourHeads, neighbourHeads)
    set(&configuration.tagLoss, tagLoss)
    if let tagChain { configuration.tagChain = tagChain }
    if let tagPrior { configuration.tagPrior = tagPrior }
    if let classWeights { configuration.classWeights = classWeights }
    set(&configuration.members, members)
    set(&configuration.labelSmoothing, labelSmoothing)
    if let nGramBuckets { configuration.nGramBuckets = nGramBuckets }
    set(&configuration.nGramDropout, nGramDropout)
    if let pieceDropout { configuration.pieceDropout = pieceDropout }
    set(&configuration.swap, swap)
    if let wordDropout { configuration.wordDropout = wordDropout }
    set(&configuration.unknownWords, unknownWords)
    set(&configuration.lazyEmbeddings, lazyEmbeddings)
    if let embeddingDropout { configuration.embeddingDropout = embeddingDropout }
    if let attentionDropout { configuration.attentionDropout = attentionDropout }
    if let headDropout { configuration.headDropout = headDropout }
  }
}
