internal import TrainingEvents

/// Makes summaries of steps as they come.
struct StepSummarizer {
  /// Most rows of a summary: a step far ahead of the one before begins another.
  private static let mostRows = 1 << 16

  let span: Int
  private(set) var summary: StepSummary?
  private var detector = SpikeDetector()
  private var epoch: Int?
  private var epochCounts = MetricCounts()

  init(span: Int) { self.span = span }

  /// Goes on after steps that are known by their summary alone.
  mutating func follow(_ summary: StepSummary) {
    self.summary = nil
    detector = summary.detector
    epoch = summary.last.epoch
    epochCounts = summary.epochCounts
  }

  /// Whether a step can be part of the summary that is being made.
  func fits(_ step: StepRecord) -> Bool {
    guard step.step >= 1, let summary else { return step.step >= 1 }
    return step.step > summary.steps.upperBound
      && StepSummary.row(of: step.step, span) - StepSummary.row(of: summary.steps.lowerBound, span) < Self.mostRows
  }

  /// Adds a step that fits.
  mutating func add(_ step: StepRecord) {
    var summary =
      summary ?? StepSummary(steps: step.step...step.step, span: span, last: step)
    self.summary = nil
    if step.epoch != epoch { epochCounts = MetricCounts() }
    epoch = step.epoch
    epochCounts += step.counts
    summary.steps = summary.steps.lowerBound...step.step
    summary.last = step
    summary.epochCounts = epochCounts
    let row = StepSummary.row(of: step.step, span) - StepSummary.row(of: summary.steps.lowerBound, span)
    while summary.elapsed.count <= row { summary.addRow() }
    summary.elapsed[row] = step.elapsed
    for figure in StepFigure.allCases {
      guard let value = figure.value(in: step) else { continue }
      summary.curves[figure.place].buckets[row].add(value)
      summary.curves[figure.place].last[row] = value
    }
    if detector.isSpike(step.gradientNorm) { Self.add(step, to: &summary.spikes) }
    if step.isBroken {
      summary.brokenSteps += 1
      Self.add(step, to: &summary.broken)
    }
    summary.detector = detector
    summary.count += 1
    if step.seconds.isFinite, step.seconds >= 0 { summary.seconds += step.seconds }
    summary.sentences += max(0, min(step.sentences, 1 << 40))
    summary.tokens += max(0, min(step.realTokens, 1 << 40))
    self.summary = summary
  }

  private static func add(_ step: StepRecord, to stretches: inout [StepSummary.Stretch]) {
    if let last = stretches.last, last.steps.upperBound + 1 == step.step {
      stretches[stretches.count - 1].steps = last.steps.lowerBound...step.step
    } else {
      stretches.append(
        StepSummary.Stretch(
          steps: step.step...step.step, norm: step.gradientNorm, lossIsFinite: step.loss.isFinite))
    }
  }
}
