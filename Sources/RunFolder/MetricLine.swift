public import TrainingEvents

/// One line of `metrics.jsonl`: a JSON object whose `type` says which record its other fields are.
public enum MetricLine: Hashable, Sendable {
  case step(StepRecord)
  case epoch(EpochRecord)
  case evaluation(EvaluationRecord)
  case parameter(ParameterChange)
  case gradients(GradientSample)

  /// The lines an event leaves in `metrics.jsonl`: none for most kinds.
  public static func lines(of event: TrainingEvent) -> [MetricLine] {
    switch event {
    case .stepsCompleted(let steps): steps.map(Self.step)
    case .epochCompleted(let record): [.epoch(record)]
    case .evaluated(let record): [.evaluation(record)]
    case .parameterChanged(let change): [.parameter(change)]
    case .gradientsSampled(let sample): [.gradients(sample)]
    case .runStarted, .checkpointWritten, .phaseChanged, .ranksMeasured, .alert, .log: []
    }
  }

  /// The line as UTF-8, without its end.
  public var json: [UInt8] {
    switch self {
    case .step(let record): Array(Self.stepJSON(record).utf8)
    case .epoch(let record): Self.typed("epoch", RunJSON.encode(record))
    case .evaluation(let record): Self.typed("evaluation", RunJSON.encode(record))
    case .parameter(let change): Self.typed("parameter", RunJSON.encode(change))
    case .gradients(let sample): Self.typed("gradients", RunJSON.encode(sample))
    }
  }

  /// Reads a line back; `path` is for the error's sentence.
  public init(json: some Collection<UInt8>, path: String) throws(RunFolderError) {
    switch try RunJSON.decode(Kind.self, from: json, path: path).type {
    case "step": self = .step(try RunJSON.decode(StepRecord.self, from: json, path: path))
    case "epoch": self = .epoch(try RunJSON.decode(EpochRecord.self, from: json, path: path))
    case "evaluation": self = .evaluation(try RunJSON.decode(EvaluationRecord.self, from: json, path: path))
    case "parameter": self = .parameter(try RunJSON.decode(ParameterChange.self, from: json, path: path))
    case "gradients": self = .gradients(try RunJSON.decode(GradientSample.self, from: json, path: path))
    case let other: throw .malformed(path, "has a line of the unknown type \"\(other)\"")
    }
  }

  private struct Kind: Decodable { var type: String }

  /// Puts `"type"` in front of an object's other members.
  private static func typed(_ type: String, _ object: [UInt8]) -> [UInt8] {
    Array("{\"type\":\"\(type)\",".utf8) + object.dropFirst()
  }

  /// A step's line, written out by hand because there may be hundreds a second.
  private static func stepJSON(_ step: StepRecord) -> String {
    let (losses, correct, total) = (step.losses, step.counts.correct, step.counts.total)
    return "{\"type\":\"step\",\"step\":\(step.step),\"epoch\":\(step.epoch),\"batch\":\(step.batch)"
      + ",\"batches\":\(step.batches),\"loss\":\(number(step.loss)),\"lossA\":\(figure(losses.sentence))"
      + ",\"lossB\":\(figure(losses.words)),\"counts\":{\"correctA\":\(correct.sentence),\"totalA\":\(total.sentence)"
      + ",\"correctB\":\(correct.words),\"totalB\":\(total.words)},\"learningRate\":\(number(step.learningRate))"
      + ",\"gradientNorm\":\(number(step.gradientNorm)),\"sentences\":\(step.sentences)"
      + ",\"realTokens\":\(step.realTokens),\"seconds\":\(number(step.seconds))"
      + ",\"elapsed\":\(number(step.elapsed)),\"applied\":\(step.applied)}"
  }

  /// Null where there is none.
  private static func figure(_ value: Double?) -> String { value.map(number) ?? "null" }

  /// Exact: read back, it is the same number. Subnormal numbers, which many JSON readers refuse, become 0.
  private static func number(_ value: Double) -> String {
    if value.isNaN { return "\"NaN\"" }
    if value.isInfinite { return value < 0 ? "\"-Infinity\"" : "\"Infinity\"" }
    return value.isSubnormal ? "0.0" : "\(value)"
  }
}
