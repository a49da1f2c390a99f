public import TrainingEvents

/// How fast training goes, from its steps' own durations: pauses and evaluations leave it alone.
public struct Throughput: Hashable, Sendable {
  /// Sums over a stretch of training time.
  public struct Sample: Hashable, Sendable {
    public var seconds = 0.0
    public var steps = 0
    public var sentences = 0
    public var tokens = 0

    public var stepsPerSecond: Double { seconds > 0 ? Double(steps) / seconds : 0 }
    public var sentencesPerSecond: Double { seconds > 0 ? Double(sentences) / seconds : 0 }
    public var tokensPerSecond: Double { seconds > 0 ? Double(tokens) / seconds : 0 }

    public mutating func add(_ other: Sample) {
      seconds += other.seconds
      steps += other.steps
      sentences += other.sentences
      tokens += other.tokens
    }
  }

  /// Training seconds a sample covers, at least.
  private static let sampleSeconds = 0.5
  private static let keptSamples = 256
  /// Training seconds the current speed looks back.
  private static let currentSeconds = 5.0

  /// Complete samples, oldest first.
  public private(set) var samples: [Sample] = []
  private var open = Sample()
  public private(set) var total = Sample()

  public init() {}

  public mutating func add(_ step: StepRecord) {
    guard step.seconds.isFinite, step.seconds >= 0 else { return }
    let sample = Sample(
      seconds: step.seconds, steps: 1, sentences: max(0, min(step.sentences, 1 << 40)),
      tokens: max(0, min(step.realTokens, 1 << 40)))
    open.add(sample)
    total.add(sample)
    if open.seconds >= Self.sampleSeconds {
      samples.append(open)
      open = Sample()
      if samples.count > Self.keptSamples { samples.removeFirst(samples.count - Self.keptSamples / 2) }
    }
  }

  /// Takes in steps that are known by their summary: one sample of all.
  mutating func add(_ summary: StepSummary) {
    let sample = Sample(
      seconds: summary.seconds, steps: summary.count, sentences: summary.sentences, tokens: summary.tokens)
    total.add(sample)
    samples.append(sample)
    open = Sample()
    if samples.count > Self.keptSamples { samples.removeFirst(samples.count - Self.keptSamples / 2) }
  }

  /// The last few seconds of training.
  public var current: Sample {
    var sum = open
    for sample in samples.reversed() where sum.seconds < Self.currentSeconds { sum.add(sample) }
    return sum
  }
}
