import Paths
internal import TextData
public import TrainingEvents

extension RunPreparation {
  /// Reads the data, and has the other processes read theirs meanwhile; they must be the same.
  static func load(
    _ configuration: RunConfiguration, tokenizer: TokenizerFolder?, _ coordinator: Coordinator?
  ) throws(RunFailure) -> TextDataset {
    try coordinator?.announce(configuration, tokenizer)
    let dataset = try load(configuration, tokenizer: tokenizer)
    try coordinator?.compare(dataset)
    return dataset
  }

  /// The configuration's data, with at least one sentence to train on.
  ///
  /// - Parameter tokenizer: a pretrained encoder's, in place of one made from train.
  static func load(
    _ configuration: RunConfiguration, tokenizer: TokenizerFolder? = nil
  ) throws(RunFailure) -> TextDataset {
    let source: DataOptions.Source =
      switch configuration.source {
      case .demo: .demo
      case .folder(let path): .folder(path)
      case .files(let train, let dev, let test): .files(train: train, dev: dev, test: test)
      }
    do throws(DataError) {
      var options = DataOptions(
        source: source, lowercase: configuration.lowercase, minimumCount: configuration.minimumCount,
        maxLength: configuration.maxLength, nGramBuckets: configuration.nGramBuckets)
      options.tokenizer = configuration.tokenizer == .wordpiece ? .wordpiece : .words
      options.vocabularySize = configuration.vocabularySize
      options.pretrained = tokenizer
      options.reading = ReadingOptions(configuration.reading)
      let dataset = try TextDataset.load(options)
      guard dataset.train.count > 0 else {
        throw DataError(kind: .malformed, description: "\(dataset.name): has no sentence to train on")
      }
      return dataset
    } catch {
      throw RunFailure(error)
    }
  }

  /// What makes batches of training sentences, changed by chance where the configuration says so.
  static func collator(_ configuration: RunConfiguration, _ dataset: TextDataset) -> Collator {
    let changes = Augmentation.Options(
      swap: configuration.swap, wordDropout: configuration.wordDropout ?? 0, unknownWords: configuration.unknownWords,
      nGramDropout: configuration.nGramDropout,
      pieceDropout: configuration.pieceDropout ?? 0)
    return Collator(
      augmentation: changes.isNone
        ? nil : Augmentation(dataset, options: changes, seed: configuration.seed))
  }
}

extension RunConfiguration.Source {
  /// The same with its paths from the root, so that a resume finds the data from anywhere.
  ///
  /// A share of train's sentences is written with the seed that chooses them.
  public func absolute(seed: UInt64) -> RunConfiguration.Source {
    func heldOut(_ path: String) -> String {
      guard var share = HeldOutShare(path) else { return absolutePath(path) }
      if share.wantsSeed { share.seed = seed }
      return share.description
    }
    return switch self {
    case .demo: .demo
    case .folder(let path): .folder(absolutePath(path))
    case .files(let train, let dev, let test):
      .files(train: train.map { absolutePath($0) }, dev: dev.map(heldOut), test: test.map(heldOut))
    }
  }
}
