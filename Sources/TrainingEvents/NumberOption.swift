/// An option whose value is a number: its name, its range and where a configuration has it.
///
/// The one table by which the command line, configuration files and a run's `run.json` are judged.
public struct NumberOption: Sendable {
  private enum Kind: Sendable {
    case whole(ClosedRange<Int>, @Sendable (RunConfiguration) -> Int?)
    case real(ClosedRange<Double>, @Sendable (RunConfiguration) -> Double?)
  }

  /// The long option without its dashes.
  public let name: String
  private let kind: Kind

  private init(_ name: String, _ range: ClosedRange<Int>, _ value: @escaping @Sendable (RunConfiguration) -> Int?) {
    (self.name, kind) = (name, .whole(range, value))
  }

  private init(
    _ name: String, within range: ClosedRange<Double>, _ value: @escaping @Sendable (RunConfiguration) -> Double?
  ) {
    (self.name, kind) = (name, .real(range, value))
  }

  /// What is wrong with a configuration's value, as the start of a sentence; nil if nothing is.
  public func fault(in configuration: RunConfiguration) -> String? {
    switch kind {
    case .whole(let range, let value): value(configuration).flatMap { fault($0, range) }
    case .real(let range, let value): value(configuration).flatMap { fault($0, range) }
    }
  }

  private func fault<Value: Comparable>(_ value: Value, _ range: ClosedRange<Value>) -> String? {
    range.contains(value)
      ? nil : "\(name) is \(value), but must lie between \(range.lowerBound) and \(range.upperBound)"
  }

  /// What is wrong with a value of an option; nil if nothing is, or if there is no such option of whole numbers.
  public static func fault(_ name: String, _ value: Int) -> String? {
    guard let option = all.first(where: { $0.name == name }), case .whole(let range, _) = option.kind else {
      return nil
    }
    return option.fault(value, range)
  }

  /// The same of an option of any numbers.
  public static func fault(_ name: String, _ value: Double) -> String? {
    guard let option = all.first(where: { $0.name == name }), case .real(let range, _) = option.kind else { return nil }
    return option.fault(value, range)
  }

  public static let all: [NumberOption] = [
    NumberOption("vocabulary-size", 8...1_000_000) { $0.vocabularySize },
    NumberOption("minimum-count", 1...1_000_000_000) { $0.minimumCount },
    NumberOption("max-length", 3...4096) { $0.maxLength },
    NumberOption("pad-to", 3...4096) { $0.padTo },
    NumberOption("ngram-buckets", 0...100_000_000) { $0.nGramBuckets },
    NumberOption("ngram-dropout", within: 0...0.95) { $0.nGramDropout },
    NumberOption("piece-dropout", within: 0...0.95) { $0.pieceDropout },
    NumberOption("swap", within: 0...1) { $0.swap },
    NumberOption("word-dropout", within: 0...0.95) { $0.wordDropout },
    NumberOption("hidden", 1...16_384) { $0.hidden },
    NumberOption("layers", 1...96) { $0.layers },
    NumberOption("heads", 1...256) { $0.heads },
    NumberOption("intermediate", 1...65_536) { $0.intermediate },
    NumberOption("dropout", within: 0...0.95) { $0.dropout },
    NumberOption("embedding-dropout", within: 0...0.95) { $0.embeddingDropout },
    NumberOption("attention-dropout", within: 0...0.95) { $0.attentionDropout },
    NumberOption("head-dropout", within: 0...0.95) { $0.headDropout },
    NumberOption("tag-prior", within: 0...10) { $0.tagPrior },
    NumberOption("label-smoothing", within: 0...0.9) { $0.labelSmoothing },
    NumberOption("members", 1...64) { $0.members },
    NumberOption("epochs", 1...1_000_000) { $0.epochs },
    NumberOption("batch-size", 1...65_536) { $0.batchSize },
    NumberOption("learning-rate", within: 0...100) { $0.learningRate },
    NumberOption("encoder-learning-rate", within: 0...100) { $0.encoderLearningRate },
    NumberOption("layer-decay", within: 0...1) { $0.layerDecay },
    NumberOption("unfreeze-every", 1...1_000_000) { $0.unfreezeEvery },
    NumberOption("weight-decay", within: 0...100) { $0.weightDecay },
    NumberOption("warmup", within: 0...1) { $0.warmup },
    NumberOption("clip", within: 0...1e9) { $0.clip },
    NumberOption("weight-a", within: 0...1e6) { $0.weightA },
    NumberOption("weight-b", within: 0...1e6) { $0.weightB },
    NumberOption("threads", 0...1024) { $0.threads },
    NumberOption("shares", 0...1024) { $0.shares },
    NumberOption("parts", 1...1024) { $0.parts },
    NumberOption("checkpoint-every", 0...1_000_000_000) { $0.checkpointEvery },
    NumberOption("checkpoint-minutes", within: 0...525_600) { $0.checkpointMinutes },
    NumberOption("metrics-every", 1...1_000_000_000) { $0.metricsEvery },
    NumberOption("keep", 1...1_000_000) { $0.keep },
    NumberOption("patience", 1...1_000_000) { $0.patience },
    NumberOption("divergence-limit", 1...1_000_000_000) { $0.divergenceLimit },
  ]
}
