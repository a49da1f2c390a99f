import TrainingEvents

/// Made-up events of a run.
enum SampleEvents {
  static func step(_ number: Int) -> StepRecord {
    let x = Double(number)
    return StepRecord(
      step: number, epoch: number / 100, batch: number % 100 + 1, batches: 100,
      loss: number % 97 == 0 ? .infinity : 2 / x, losses: PerTask(1 / x, 1 / x + 1e-17),
      counts: MetricCounts(correct: PerTask(number % 32, number % 300), total: PerTask(32, 301)),
      learningRate: 1e-3 / x, gradientNorm: x.squareRoot(), sentences: 32, realTokens: 400 + number % 50,
      seconds: 0.01, elapsed: x / 100, applied: number % 97 != 0)
  }

  static func description(directory: String) -> RunDescription {
    RunDescription(
      name: "sample", directory: directory, configuration: RunConfiguration(), dataName: "demo", trainSentences: 10,
      devSentences: 2, testSentences: 0, sentenceClasses: ["a", "b"], tags: ["O"], vocabularySize: 9,
      parameterCount: 100, stepsPerEpoch: 100, totalSteps: 1000, startStep: 0, resumedFrom: nil, secondsBefore: 0,
      threads: 2, lossDescription: "loss")
  }

  static func alert(_ text: String) -> TrainingEvent {
    .alert(LogLine(level: .warning, text: text, time: 1, step: 2))
  }

  static let end = TrainingEvent.phaseChanged(
    PhaseChange(phase: .finished, step: 9, outcome: RunOutcome(exitCode: 0, message: "done")))
}
