import Paths
internal import RunFolder
internal import TextData
public import TrainingEvents

/// How fast one core splits the text of train into pieces of a WordPiece vocabulary, every word anew.
///
/// Training itself splits each distinct word once.
public enum WordPieceBenchmark {
  /// Tokens a second, over as many whole passes over the sentences as take `seconds`.
  ///
  /// - Parameter configuration: its data, and the encoder whose vocabulary to use; without one it is made from train.
  public static func tokensPerSecond(
    _ configuration: RunConfiguration, seconds: Double = 2
  ) throws(RunFailure) -> Double {
    var configuration = configuration
    let encoder = try configuration.encoder.map { (folder) throws(RunFailure) in
      try PretrainedEncoder(reading: absolutePath(folder))
    }
    configuration.tokenizer = .wordpiece
    let dataset = try RunPreparation.load(configuration, tokenizer: encoder?.tokenizer)
    let tokenizer = WordPieceTokenizer(vocabulary: dataset.vocabulary, configuration: dataset.tokenizer)
    let texts = dataset.trainTexts
    var tokens = 0
    let start = Clock.monotonic()
    var elapsed = 0.0
    repeat {
      for text in texts { tokens += tokenizer.pieces(of: text).count }
      elapsed = Clock.monotonic() - start
    } while elapsed < seconds
    return Double(tokens) / elapsed
  }
}
