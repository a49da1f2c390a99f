import Foundation
import Glibc
import RunFolder
import RunLog
import RunSession
import TrainingEvents

// A run without a model: its events go through the real recorder and the real server, as fast as wanted.
//
//     recorded-run FOLDER STEPS [STEPS-A-SECOND] [SECONDS]
//
// Makes STEPS steps at full speed, then so many a second for SECONDS, and ends. Prints its resident size, in MB, after
// 10,000 steps and before it ends.

func step(_ number: Int, perEpoch: Int) -> StepRecord {
  let x = Double(number)
  // Falls like a loss, with noise that the number alone decides, a spike now and then, and a step that breaks.
  let noise = Double((number &* 2_654_435_761) >> 8 & 0xFFFF) / 65_536
  let isBroken = number % 1_000_003 == 0
  let loss = 2 / (1 + x.squareRoot() / 40) + 0.2 * noise
  return StepRecord(
    step: number, epoch: (number - 1) / perEpoch, batch: (number - 1) % perEpoch + 1, batches: perEpoch,
    loss: isBroken ? .nan : loss, losses: PerTask(loss * 0.4, loss * 0.6),
    counts: MetricCounts(correct: PerTask(25 + number % 7, 250 + number % 50), total: PerTask(32, 301)),
    learningRate: 1e-3 / (1 + x / 1e6), gradientNorm: number % 100_003 == 0 ? 90 : 1 + noise, sentences: 32,
    realTokens: 400 + number % 50, seconds: 1.0 / 160, elapsed: x / 160, applied: !isBroken)
}

func evaluation(_ epoch: Int, _ number: Int) -> EvaluationRecord {
  let labels = (0..<40).map { LabelCounts(name: "label-\($0)", gold: 17, predicted: 16, correct: 15) }
  let confusions = (0..<10).map { Confusion(gold: "label-\($0)", predicted: "label-\($0 + 1)", count: 10 - $0) }
  let breakdown = TaskBreakdown(labels: labels, confusions: confusions)
  let share = 1 - 1 / (2 + Double(epoch).squareRoot())
  return EvaluationRecord(
    split: .dev, epoch: epoch, step: number, loss: 1 - share, losses: PerTask(0.4, 0.6),
    counts: MetricCounts(correct: PerTask(Int(700 * share), 6000), total: PerTask(700, 6300)), exactMatch: share,
    entityPrecision: share, entityRecall: share, entityF1: share, seconds: 0.2, isBest: epoch.isMultiple(of: 7),
    breakdowns: PerTask(breakdown, breakdown))
}

func residentMegabytes() -> Double {
  let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
  let pages = text.split(separator: " ").dropFirst().first.flatMap { Double($0) } ?? 0
  return pages * Double(sysconf(Int32(_SC_PAGESIZE))) / 1e6
}

/// An engine's way out, without the engine.
final class Engine {
  static let perEpoch = 409
  let folder: RunFolder
  let recorder: RunRecorder
  let server = RunServer()
  private var next = 1
  private var isAsleep = false

  init(path: String, steps: Int) throws {
    var configuration = RunConfiguration()
    configuration.epochs = steps / Self.perEpoch + 1
    configuration.name = "recorded"
    let manifest = RunManifest(
      version: Program.version, name: "recorded", created: Date().timeIntervalSince1970,
      configuration: configuration, fingerprints: [:])
    folder = try RunFolder.create(at: path, manifest: manifest)
    recorder = try RunRecorder(folder: folder.path)
    server.begin { _ in }
    _ = server.open(OpenRunLog(folder: folder.path, past: 0, beginning: [], written: recorder.written))
    tell(.phaseChanged(PhaseChange(phase: .loading, step: 0)))
    tell(
      .runStarted(
        RunDescription(
          name: "recorded", directory: folder.path, configuration: configuration, dataName: "made up",
          trainSentences: 13_084, devSentences: 700, testSentences: 0,
          sentenceClasses: (0..<7).map { "class-\($0)" }, tags: ["O", "B-x"], vocabularySize: 11_000,
          parameterCount: 1_900_000, stepsPerEpoch: Self.perEpoch, totalSteps: configuration.epochs * Self.perEpoch,
          startStep: 0, resumedFrom: nil, secondsBefore: 0, threads: 2, lossDescription: "loss")))
    tell(.phaseChanged(PhaseChange(phase: .running, step: 0)))
  }

  func tell(_ event: TrainingEvent) { server.take(recorder.record(event, time: Date().timeIntervalSince1970)) }

  /// Steps in events of eight, as at 160 steps a second, and what comes at an epoch's end.
  func train(_ count: Int) {
    let last = next + count - 1
    while next <= last {
      let end = min(last, next + 7, ((next - 1) / Self.perEpoch + 1) * Self.perEpoch)
      tell(.stepsCompleted((next...end).map { step($0, perEpoch: Self.perEpoch) }))
      next = end + 1
      if end % Self.perEpoch == 0 { endEpoch(end) }
      // What waits for the disk must not make the figures: no training is as fast.
      if next % 4000 < 8 { try? recorder.synchronize() }
    }
  }

  private func endEpoch(_ number: Int) {
    let epoch = number / Self.perEpoch - 1
    let evaluation = evaluation(epoch, number)
    tell(
      .epochCompleted(
        EpochRecord(
          epoch: epoch, step: number, averageLoss: 1, averageLosses: PerTask(0.4, 0.6), counts: evaluation.counts,
          seconds: 2.5)))
    tell(.phaseChanged(PhaseChange(phase: .evaluating, step: number)))
    tell(.phaseChanged(PhaseChange(phase: .running, step: number)))
    tell(.evaluated(evaluation))
    tell(
      .checkpointWritten(
        CheckpointRecord(
          step: number, path: folder.path + "/checkpoints/step-\(number)", reason: .epoch, isBest: evaluation.isBest,
          bytes: 23_000_000, seconds: 0.1)))
  }

  func end() throws {
    let outcome = RunOutcome(exitCode: 0, message: "Finished.")
    let last = recorder.record(
      .phaseChanged(PhaseChange(phase: .finished, step: next - 1, outcome: outcome)), time: Date().timeIntervalSince1970
    )
    recorder.close()
    server.prepareToEnd()
    try folder.end(outcome, step: next - 1, time: Date().timeIntervalSince1970)
    folder.close()
    server.take(last)
    server.drain(seconds: 5)
  }
}

let arguments = CommandLine.arguments
guard arguments.count >= 3, let steps = Int(arguments[2]), steps >= 10_000 else {
  print("usage: recorded-run FOLDER STEPS [STEPS-A-SECOND SECONDS], with at least 10000 steps")
  exit(64)
}
signal(SIGPIPE, SIG_IGN)
let engine = try Engine(path: arguments[1], steps: steps)
engine.train(10_000)
try engine.recorder.synchronize()
print("resident after 10000 steps: \(residentMegabytes()) MB")
engine.train(steps - 10_000)
try engine.recorder.synchronize()
print("resident after \(steps) steps: \(residentMegabytes()) MB")
fflush(nil)
if arguments.count >= 5, let rate = Double(arguments[3]), let seconds = Double(arguments[4]) {
  let end = Date().addingTimeInterval(seconds)
  while Date() < end {
    engine.train(max(1, Int(rate / 20)))
    usleep(50_000)
  }
}
try engine.end()
