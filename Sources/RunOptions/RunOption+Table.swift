internal import TrainingEvents

extension RunOption {
  /// Every option but the preset, the data and where the run lies.
  public static let all = data + model + recipe + optimization + loop

  /// How text becomes tokens.
  public static let data: [RunOption] = [
    RunOption("lowercase", "Lower-case every word", \.lowercase),
    RunOption(
      "tokenizer", "What a token is: words, or wordpiece for pieces of words as BERT has them", \.tokenizer),
    RunOption(
      "vocabulary-size", "Pieces of the WordPiece vocabulary made from train", \.vocabularySize, in: 8...1_000_000),
    RunOption(
      "minimum-count", "Words seen fewer times in train become [UNK]", \.minimumCount, in: 1...1_000_000_000),
    RunOption(
      "max-length", "Most tokens in a sentence, [CLS] and [SEP] included; longer ones are cut", \.maxLength,
      in: 3...4096),
    RunOption("pad-to", "Pad every batch to this length", \.padTo, in: 3...4096, unset: "its longest row"),
  ]

  /// The encoder's shape.
  public static let model: [RunOption] = [
    RunOption(
      "encoder",
      "Begin with a pretrained encoder of BERT's kind: a folder with config.json, model.safetensors and tokenizer.json"
        + " or vocab.txt. Its shape and tokenizer become the model's", \.encoder, placeholder: "dir"),
    RunOption("hidden", "Width of the encoder", \.hidden, in: 1...16_384),
    RunOption("layers", "Encoder layers", \.layers, in: 1...96),
    RunOption("heads", "Attention heads; must divide --hidden", \.heads, in: 1...256),
    RunOption("intermediate", "Width of the feed-forward layers", \.intermediate, in: 1...65_536),
    RunOption("dropout", "Share of activations dropped while training", \.dropout, in: 0...0.95),
  ]

  /// What small data needs beyond BERT's shape.
  public static let recipe: [RunOption] = [
    RunOption(
      "normalization", "LayerNorm after each sub-layer (post, as BERT) or before it (pre)", \.normalization),
    RunOption(
      "positions", "Places as embeddings (absolute, as BERT) or scores by distance (relative)", \.positions),
    RunOption(
      "sentence-pooling",
      "What the sentence's class is read from: the first token (first, as BERT) or the mean of all (mean)",
      \.sentencePooling, unset: "first"),
    RunOption("convolution", "A convolution over neighbouring words in each layer", \.convolution),
    RunOption(
      "neighbour-heads", "Start two heads of each layer looking at the neighbouring words", \.neighbourHeads),
    RunOption("tag-loss", "What loss_b is: cross-entropy, or crf for a conditional random field", \.tagLoss),
    RunOption(
      "tag-chain",
      "Make tag probabilities the marginals of a learned chain over the sentence's tags; loss_b is their cross-entropy",
      \.tagChain),
    RunOption(
      "tag-prior",
      "How much train's transitions between tags count when tags are decoded without a learned chain; 0 for not at all",
      \.tagPrior, in: 0...10),
    RunOption(
      "label-smoothing", "Share of the sentence target spread over all classes", \.labelSmoothing, in: 0...0.9),
    RunOption(
      "class-weights", "balanced lets sentences of rare classes count for more in loss_a, by train's counts",
      \.classWeights, unset: "none"),
    RunOption(
      "class-prior",
      "How much a logistic regression of words and n-grams, fitted to train at the start, counts in the class logits; 0"
        + " for not at all", \.classPrior, in: 0...10,
      note: " for up to \(RunConfiguration.mostClassPriorSentences) sentences, 0 for more",
      sideEffect: { $0.classPriorIsForFew = nil }),
    RunOption("members", "Models trained side by side whose answers are averaged", \.members, in: 1...64),
    RunOption(
      "ngram-buckets", "Rows for hashed character n-grams of words; 0 for none", \.nGramBuckets, in: 0...100_000_000,
      unset: "by the data"),
    RunOption("ngram-dropout", "Probability that an n-gram is left out while training", \.nGramDropout, in: 0...0.95),
    RunOption(
      "piece-dropout", "Probability that WordPiece rejects a match for a shorter one while training, MaxMatch-dropout",
      \.pieceDropout, in: 0...0.95, unset: "0"),
    RunOption("swap", "Probability that an entity is replaced by another of its type from train", \.swap, in: 0...1),
    RunOption(
      "word-dropout", "Probability that a word outside entities is left out while training", \.wordDropout,
      in: 0...0.95, unset: "0"),
    RunOption("unknown-words", "Read rare words as unknown at times while training", \.unknownWords),
    RunOption(
      "lazy-embeddings", "Move embedding rows only when a batch uses them, without weight decay", \.lazyEmbeddings),
    RunOption(
      "embedding-dropout", "Dropout of the embeddings", \.embeddingDropout, in: 0...0.95, unset: "as --dropout"),
    RunOption(
      "attention-dropout", "Dropout of attention weights", \.attentionDropout, in: 0...0.95, unset: "as --dropout"),
    RunOption("head-dropout", "Dropout of the heads' inputs", \.headDropout, in: 0...0.95, unset: "as --dropout"),
  ]

  /// How the weights are moved.
  public static let optimization: [RunOption] = [
    RunOption(
      "epochs", "Passes over the training sentences", \.epochs, in: 1...1_000_000, note: ", more where these are few",
      sideEffect: { $0.leastSteps = nil }),
    RunOption(
      "batch-size", "Sentences a step", \.batchSize, in: 1...65_536, note: ", fewer where there are few",
      sideEffect: { $0.smallBatches = nil }),
    RunOption(
      "optimizer", "What moves the weights: adamw, or muon for the encoder's matrices and AdamW for the rest",
      \.optimizer, unset: "adamw"),
    RunOption("learning-rate", "Peak learning rate", \.learningRate, in: 0...100),
    RunOption(
      "encoder-learning-rate", "Peak learning rate of the encoder", \.encoderLearningRate, in: 0...100,
      unset: "as --learning-rate"),
    RunOption(
      "layer-decay", "What each layer's rate is multiplied by on the way down to the embeddings", \.layerDecay,
      in: 0...1),
    RunOption(
      "freeze",
      "Parts that stay as they are: encoder (all but the heads), embeddings, layer.2 or layer.0-2, with commas between",
      \.freeze, placeholder: "parts"),
    RunOption(
      "unfreeze-every",
      "Begin with the encoder frozen and train a part more every n epochs, top layer first, embeddings last",
      \.unfreezeEvery, in: 1...1_000_000, unset: "never"),
    RunOption("weight-decay", "Decoupled weight decay, none on biases and LayerNorm", \.weightDecay, in: 0...100),
    RunOption("warmup", "Share of all steps spent warming up", \.warmup, in: 0...1),
    RunOption("schedule", "The learning rate's course after the warm-up", \.schedule),
    RunOption("clip", "Largest gradient norm; 0 for no clipping", \.clip, in: 0...1e9),
    RunOption("weight-a", "Weight of the sentence loss", \.weightA, in: 0...1e6),
    RunOption("weight-b", "Weight of the tag loss", \.weightB, in: 0...1e6),
  ]

  /// How the run proceeds: randomness, threads, checkpoints.
  public static let loop: [RunOption] = [
    RunOption("seed", "Seed of every random choice; the same seed gives the same run", \.seed),
    RunOption("threads", "Worker threads; 0 for one a core", \.threads, in: 0...1024),
    RunOption(
      "shares", "Parts a batch is split into, fixed for the whole run; 0 for one a thread", \.shares, in: 0...1024),
    RunOption(
      "parts",
      "Parts, a power of two, that a batch is cut into so that machines can share it; each has its own gradients, added"
        + " in a fixed order. Fixed for the whole run", \.parts, in: 1...1024, unset: "1"),
    RunOption("precision", "Number format of the matrix products", \.precision),
    RunOption(
      "checkpoint-every", "Steps between checkpoints, besides one at each epoch's end; 0 for none", \.checkpointEvery,
      in: 0...1_000_000_000),
    RunOption(
      "checkpoint-minutes", "Minutes between checkpoints; 0 for none", \.checkpointMinutes, in: 0...525_600),
    RunOption(
      "metrics-every", "Steps between two lines in metrics.jsonl", \.metricsEvery, in: 1...1_000_000_000,
      unset: "every step up to 10,000, every tenth up to 100,000, and so on"),
    RunOption(
      "tensorboard", "Write the curves as TensorBoard event files, too, into the run's folder", \.tensorBoard),
    RunOption("keep", "Checkpoints kept besides the best", \.keep, in: 1...1_000_000),
    RunOption(
      "select-by", "The dev figure that names the best checkpoint", \.selectBy,
      unset: "exact-match, or entity-f1 for tags alone"),
    RunOption(
      "patience", "End the run after so many epochs without a better dev figure", \.patience, in: 1...1_000_000,
      unset: "train all epochs"),
    RunOption(
      "divergence-limit", "Steps with a loss or gradient that is not finite before the run ends as diverged",
      \.divergenceLimit, in: 1...1_000_000_000),
  ]
}
