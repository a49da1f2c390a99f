import Formatting
import Foundation
import TrainingEvents

/// The JSON lines of `--no-ui --log-format json`: one object a line, each with an "event".
///
/// `run`, `epoch`, `evaluation`, `checkpoint`, `phase`, `parameter`, `gradients`, `alert` and `log`. Numbers that are not finite are
/// null, and so are figures that do not exist. Accuracies are fractions of 1.
enum JSONReport {
  static func lines(for event: TrainingEvent) -> [String] {
    guard let object = object(for: event) else { return [] }
    return [object.text]
  }

  private static func object(for event: TrainingEvent) -> JSONObject? {
    switch event {
    case .stepsCompleted: nil
    case .runStarted(let run): runStarted(run)
    case .epochCompleted(let epoch): epochCompleted(epoch)
    case .evaluated(let evaluation): evaluated(evaluation)
    case .checkpointWritten(let checkpoint):
      [
        "event": .string("checkpoint"), "step": .int(checkpoint.step), "path": .string(checkpoint.path),
        "reason": .string(checkpoint.reason.rawValue), "best": .bool(checkpoint.isBest),
        "bytes": .int(checkpoint.bytes),
        "seconds": .number(checkpoint.seconds),
      ]
    case .phaseChanged(let change):
      [
        "event": .string("phase"), "phase": .string(change.phase.rawValue), "step": .int(change.step),
        "exit_code": change.outcome.map { .int(Int($0.exitCode)) } ?? .null,
        "message": change.outcome.map { .string($0.message) } ?? .null,
      ]
    case .parameterChanged(let change):
      [
        "event": .string("parameter"), "name": .string(change.parameter.rawValue), "old": .number(change.old),
        "new": .number(change.new), "step": .int(change.step),
      ]
    case .gradientsSampled(let sample):
      [
        "event": .string("gradients"), "step": .int(sample.step),
      ] + JSONObject("weight", sample.weights.map { $0 }) + JSONObject("norm", sample.norms.map { $0 }) + [
        "cosine": .figure(sample.cosine), "seconds": .number(sample.seconds),
      ]
    case .ranksMeasured(let sample):
      [
        "event": .string("ranks"), "step": .int(sample.step),
        "hosts": .string(sample.ranks.map(\.host).joined(separator: ",")),
        "slowest": sample.slowest.map { .int($0) } ?? .null,
      ]
    case .alert(let line): logLine(line, event: "alert")
    case .log(let line): logLine(line, event: "log")
    }
  }

  private static func runStarted(_ run: RunDescription) -> JSONObject {
    [
      "event": .string("run"), "name": .string(run.name), "directory": .string(run.directory),
      "data": .string(run.dataName), "train_sentences": .int(run.trainSentences),
      "dev_sentences": .int(run.devSentences), "test_sentences": .int(run.testSentences),
      "classes": .int(run.sentenceClasses.count), "tags": .int(run.tags.count),
      "vocabulary": .int(run.vocabularySize), "parameters": .int(run.parameterCount),
      "steps_per_epoch": .int(run.stepsPerEpoch), "total_steps": .int(run.totalSteps),
      "start_step": .int(run.startStep), "resumed_from": run.resumedFrom.map { .string($0) } ?? .null,
      "threads": .int(run.threads), "seed": .string(String(run.configuration.seed)),
      "loss": .string(run.lossDescription),
    ]
  }

  private static func epochCompleted(_ epoch: EpochRecord) -> JSONObject {
    [
      "event": .string("epoch"), "epoch": .int(epoch.epoch), "step": .int(epoch.step),
      "loss": .number(epoch.averageLoss),
    ] + figures(epoch.averageLosses, epoch.counts) + ["seconds": .number(epoch.seconds)]
  }

  private static func evaluated(_ evaluation: EvaluationRecord) -> JSONObject {
    [
      "event": .string("evaluation"), "split": .string(evaluation.split.rawValue), "epoch": .int(evaluation.epoch),
      "step": .int(evaluation.step), "loss": .figure(evaluation.loss),
    ] + figures(evaluation.losses, evaluation.counts) + [
      "exact_match": .figure(evaluation.exactMatch),
      "entity_precision": .figure(evaluation.entityPrecision),
      "entity_recall": .figure(evaluation.entityRecall),
      "entity_f1": .figure(evaluation.entityF1), "best": .bool(evaluation.isBest),
      "seconds": .number(evaluation.seconds),
    ]
  }

  private static func figures(_ losses: PerTask<Double?>, _ counts: MetricCounts) -> JSONObject {
    JSONObject("loss", losses) + JSONObject("accuracy", PerTask { counts.accuracy($0) })
      + ModelTask.allCases.reduce([:]) { object, task in
        object + [
          "correct_" + task.suffix: .int(counts.correct[task]), "total_" + task.suffix: .int(counts.total[task]),
        ]
      }
  }

  private static func logLine(_ line: LogLine, event: String) -> JSONObject {
    [
      "event": .string(event), "level": .string(line.level.rawValue), "text": .string(line.text),
      "time": .number(line.time), "step": .int(line.step),
    ]
  }
}

/// A flat JSON object that keeps its keys' order.
private struct JSONObject: ExpressibleByDictionaryLiteral {
  enum Value {
    case string(String)
    case int(Int)
    case number(Double)
    case bool(Bool)
    case null

    static func figure(_ value: Double?) -> Value { value.map { .number($0) } ?? .null }
  }

  private let members: [(String, Value)]

  init(dictionaryLiteral elements: (String, Value)...) { members = elements }

  /// A figure of each task, under names such as `loss_a`.
  init(_ name: String, _ figures: PerTask<Double?>) {
    members = ModelTask.allCases.map { ("\(name)_\($0.suffix)", .figure(figures[$0])) }
  }

  private init(members: [(String, Value)]) { self.members = members }

  static func + (left: Self, right: Self) -> Self { Self(members: left.members + right.members) }

  /// The object on one line.
  var text: String {
    "{" + members.map { "\(JSONText.quoted($0)):\(Self.text(of: $1))" }.joined(separator: ",") + "}"
  }

  private static func text(of value: Value) -> String {
    switch value {
    case .string(let string): JSONText.quoted(string)
    case .int(let int): String(int)
    case .number(let number): JSONText.number(number)
    case .bool(let bool): bool ? "true" : "false"
    case .null: "null"
    }
  }
}
