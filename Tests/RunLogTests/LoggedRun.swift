import Foundation
import TrainingEvents

/// A made-up run, event by event: what a real one says, in its order.
struct LoggedRun {
  var directory: String
  var stepsPerEpoch = 100
  var epochs = 1000

  /// Depends on the number alone.
  static func step(_ number: Int, perEpoch: Int = 100) -> StepRecord {
    let x = Double(number)
    let isSpike = number % 7001 == 7000
    return StepRecord(
      step: number, epoch: (number - 1) / perEpoch, batch: (number - 1) % perEpoch + 1, batches: perEpoch,
      loss: number % 9001 == 9000 ? .nan : 2 / x, losses: PerTask(1 / x, 1 / x + 1e-17 + Double(number % 13)),
      counts: MetricCounts(correct: PerTask(number % 32, number % 300), total: PerTask(32, 301)),
      learningRate: 1e-3 / x, gradientNorm: isSpike ? 1e4 : 1 + Double(number % 17) / 17, sentences: 32,
      realTokens: 400 + number % 50, seconds: 0.01, elapsed: x / 100, applied: number % 9001 != 9000)
  }

  var description: RunDescription {
    RunDescription(
      name: "made-up", directory: directory, configuration: RunConfiguration(), dataName: "demo", trainSentences: 3200,
      devSentences: 20, testSentences: 0, sentenceClasses: ["a", "b"], tags: ["O", "B-x"], vocabularySize: 9,
      parameterCount: 100, stepsPerEpoch: stepsPerEpoch, totalSteps: stepsPerEpoch * epochs, startStep: 0,
      resumedFrom: nil, secondsBefore: 0, threads: 2, lossDescription: "loss")
  }

  func evaluation(_ epoch: Int) -> EvaluationRecord {
    let labels = (0..<3).map { LabelCounts(name: "label \($0)", gold: 7, predicted: 6, correct: 5) }
    let breakdown = TaskBreakdown(labels: labels, confusions: [Confusion(gold: "a", predicted: "b", count: epoch)])
    return EvaluationRecord(
      split: .dev, epoch: epoch, step: (epoch + 1) * stepsPerEpoch, loss: 1, losses: PerTask(0.5, 0.5),
      counts: MetricCounts(correct: PerTask(10 + epoch % 7, 100), total: PerTask(20, 120)), exactMatch: 0.5,
      entityPrecision: nil, entityRecall: 0.25, entityF1: 0.3, seconds: 1, isBest: epoch % 7 == 6,
      breakdowns: PerTask(breakdown, epoch % 2 == 0 ? breakdown : nil))
  }

  /// What is said of one epoch: its steps in events of eight, then what ends it.
  func events(ofEpoch epoch: Int) -> [TrainingEvent] {
    let first = epoch * stepsPerEpoch + 1
    let last = first + stepsPerEpoch - 1
    var events: [TrainingEvent] = stride(from: first, through: last, by: 8).map { start in
      .stepsCompleted((start...min(start + 7, last)).map { Self.step($0, perEpoch: stepsPerEpoch) })
    }
    let evaluation = evaluation(epoch)
    events += [
      .epochCompleted(
        EpochRecord(
          epoch: epoch, step: last, averageLoss: 1, averageLosses: PerTask(0.5, .nan),
          counts: evaluation.counts, seconds: 1)),
      .phaseChanged(PhaseChange(phase: .evaluating, step: last)), .evaluated(evaluation),
      .phaseChanged(PhaseChange(phase: .running, step: last)), .checkpointWritten(checkpoint(last, evaluation.isBest)),
    ]
    return events
  }

  func checkpoint(_ step: Int, _ isBest: Bool = false) -> CheckpointRecord {
    CheckpointRecord(
      step: step, path: directory + "/checkpoints/step-\(step)", reason: .epoch, isBest: isBest, bytes: 1234,
      seconds: 0.1)
  }

  static let beginning: [TrainingEvent] = [
    .phaseChanged(PhaseChange(phase: .loading, step: 0))
  ]

  static func log(_ text: String, step: Int = 0) -> TrainingEvent {
    .log(LogLine(level: .info, text: text, time: 5, step: step))
  }

  static let end = TrainingEvent.phaseChanged(
    PhaseChange(phase: .finished, step: 9, outcome: RunOutcome(exitCode: 0, message: "done")))
}

/// A folder that goes away with the value.
final class TemporaryFolder {
  let path = FileManager.default.temporaryDirectory.appendingPathComponent("mtt-log-\(UUID().uuidString)").path

  init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  var log: String { path + "/run.log" }

  func bytes() throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: log))) }

  func write(_ bytes: some Collection<UInt8>) throws { try Data(bytes).write(to: URL(fileURLWithPath: log)) }
}
