import TrainingEvents

/// How fast training goes, from its steps' own durations: pauses and evaluations leave it alone.
struct Throughput: Hashable, Sendable {
  /// Sums over a stretch of training time.
  struct Sample: Hashable, Sendable {
    var seconds = 0.0
    var steps = 0
    var sentences = 0
    var tokens = 0

    var stepsPerSecond: Double { seconds > 0 ? Double(steps) / seconds : 0 }
    var sentencesPerSecond: Double { seconds > 0 ? Double(sentences) / seconds : 0 }
    var tokensPerSecond: Double { seconds > 0 ? Double(tokens) / seconds : 0 }

    mutating func add(_ other: Sample) {
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
  private(set) var samples: [Sample] = []
  private var open = Sample()
  private(set) var total = Sample()

  mutating func add(_ step: StepRecord) {
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

  /// The last few seconds of training.
  var current: Sample {
    var sum = open
    for sample in samples.reversed() where sum.seconds < Self.currentSeconds { sum.add(sample) }
    return sum
  }
}
