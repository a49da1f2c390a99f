internal import RunFolder
public import Storage
public import TrainingEvents

/// Events as bytes: in a run's log and on the socket alike.
///
/// Whatever changes what is written here changes `RunLog.version`: a test compares a digest of every kind.
public enum EventCodec {
  private enum Kind: UInt8 {
    case runStarted = 1
    case stepsCompleted, evaluated, epochCompleted, checkpointWritten, phaseChanged, parameterChanged, gradientsSampled
    case alert, log, ranksMeasured
  }

  public static func encode(_ event: TrainingEvent) -> [UInt8] {
    var writer = ByteWriter(capacity: 128)
    switch event {
    case .runStarted(let description):
      writer.put(byte: Kind.runStarted.rawValue)
      // Once a process: its many optional fields are best read by name.
      writer.put(RunJSON.encode(description))
    case .stepsCompleted(let steps):
      writer.put(byte: Kind.stepsCompleted.rawValue)
      writer.put(steps.count)
      for step in steps { StepCodec.append(step, to: &writer) }
    case .evaluated(let record):
      writer.put(byte: Kind.evaluated.rawValue)
      append(record, to: &writer)
    case .epochCompleted(let record):
      writer.put(byte: Kind.epochCompleted.rawValue)
      writer.put(record.epoch)
      writer.put(record.step)
      writer.put(record.averageLoss)
      for task in ModelTask.allCases { writer.put(record.averageLosses[task]) }
      StepCodec.append(record.counts, to: &writer)
      writer.put(record.seconds)
    case .checkpointWritten(let record):
      writer.put(byte: Kind.checkpointWritten.rawValue)
      writer.put(record.step)
      writer.put(record.path)
      writer.put(record.reason.rawValue)
      writer.put(record.isBest)
      writer.put(record.bytes)
      writer.put(record.seconds)
    case .phaseChanged(let change):
      writer.put(byte: Kind.phaseChanged.rawValue)
      writer.put(change.phase.rawValue)
      writer.put(change.step)
      writer.put(change.outcome != nil)
      if let outcome = change.outcome {
        writer.put(Int(outcome.exitCode))
        writer.put(outcome.message)
      }
    case .parameterChanged(let change):
      writer.put(byte: Kind.parameterChanged.rawValue)
      writer.put(change.parameter.rawValue)
      writer.put(change.old)
      writer.put(change.new)
      writer.put(change.step)
    case .gradientsSampled(let sample):
      writer.put(byte: Kind.gradientsSampled.rawValue)
      writer.put(sample.step)
      for values in [sample.weights, sample.norms] {
        for task in ModelTask.allCases { writer.put(values[task]) }
      }
      writer.put(sample.cosine)
      writer.put(sample.seconds)
    case .ranksMeasured(let sample):
      writer.put(byte: Kind.ranksMeasured.rawValue)
      writer.put(sample.step)
      writer.put(sample.ranks.count)
      for rank in sample.ranks {
        writer.put(rank.host)
        writer.put(rank.waiting)
        writer.put(rank.secondsAStep)
        writer.put(rank.residentBytes)
      }
    case .alert(let line):
      writer.put(byte: Kind.alert.rawValue)
      append(line, to: &writer)
    case .log(let line):
      writer.put(byte: Kind.log.rawValue)
      append(line, to: &writer)
    }
    return writer.bytes
  }

  public static func decode(_ bytes: UnsafeRawBufferPointer) throws(CodingFault) -> TrainingEvent {
    var reader = ByteReader(bytes)
    let event = try event(&reader)
    guard reader.isAtEnd else { throw CodingFault("goes on behind its event") }
    return event
  }

  private static func event(_ reader: inout ByteReader) throws(CodingFault) -> TrainingEvent {
    let number = try reader.byte()
    guard let kind = Kind(rawValue: number) else { throw CodingFault("is an event of the unknown kind \(number)") }
    switch kind {
    case .runStarted:
      let json = try reader.data()
      guard let description = try? RunJSON.decode(RunDescription.self, from: json, path: "a run's description") else {
        throw CodingFault("describes its run as another version does")
      }
      return .runStarted(description)
    case .stepsCompleted:
      let count = try reader.count(ofSize: StepCodec.leastBytes)
      var steps: [StepRecord] = []
      steps.reserveCapacity(count)
      for _ in 0..<count { steps.append(try StepCodec.step(&reader)) }
      return .stepsCompleted(steps)
    case .evaluated: return .evaluated(try evaluation(&reader))
    case .epochCompleted:
      return .epochCompleted(
        EpochRecord(
          epoch: try reader.integer(), step: try reader.integer(), averageLoss: try reader.double(),
          averageLosses: try losses(&reader),
          counts: try StepCodec.counts(&reader), seconds: try reader.double()))
    case .checkpointWritten:
      return .checkpointWritten(
        CheckpointRecord(
          step: try reader.integer(), path: try reader.text(), reason: try reader.word(CheckpointReason.self),
          isBest: try reader.flag(), bytes: try reader.integer(), seconds: try reader.double()))
    case .phaseChanged:
      var change = PhaseChange(phase: try reader.word(RunPhase.self), step: try reader.integer())
      if try reader.flag() {
        let code = Int32(truncatingIfNeeded: try reader.integer())
        change.outcome = RunOutcome(exitCode: code, message: try reader.text())
      }
      return .phaseChanged(change)
    case .parameterChanged:
      return .parameterChanged(
        ParameterChange(
          parameter: try reader.word(SteeredParameter.self), old: try reader.double(), new: try reader.double(),
          step: try reader.integer()))
    case .gradientsSampled:
      return .gradientsSampled(
        GradientSample(
          step: try reader.integer(), weights: try doubles(&reader), norms: try doubles(&reader),
          cosine: try reader.optionalDouble(), seconds: try reader.double()))
    case .ranksMeasured:
      var sample = RankSample(step: try reader.integer(), ranks: [])
      for _ in 0..<(try reader.count(ofSize: 4)) {
        sample.ranks.append(
          RankSample.Rank(
            host: try reader.text(), waiting: try reader.double(), secondsAStep: try reader.double(),
            residentBytes: try reader.integer()))
      }
      return .ranksMeasured(sample)
    case .alert: return .alert(try line(&reader))
    case .log: return .log(try line(&reader))
    }
  }

  // MARK: - Log lines

  private static func append(_ line: LogLine, to writer: inout ByteWriter) {
    writer.put(line.level.rawValue)
    writer.put(line.text)
    writer.put(line.time)
    writer.put(line.step)
  }

  private static func line(_ reader: inout ByteReader) throws(CodingFault) -> LogLine {
    LogLine(
      level: try reader.word(LogLine.Level.self), text: try reader.text(), time: try reader.double(),
      step: try reader.integer())
  }

  // MARK: - Evaluations

  private static func append(_ record: EvaluationRecord, to writer: inout ByteWriter) {
    writer.put(record.split.rawValue)
    writer.put(record.epoch)
    writer.put(record.step)
    writer.put(record.loss)
    for task in ModelTask.allCases { writer.put(record.losses[task]) }
    StepCodec.append(record.counts, to: &writer)
    writer.put(record.exactMatch)
    for figure in [record.entityPrecision, record.entityRecall, record.entityF1] { writer.put(figure) }
    writer.put(record.seconds)
    writer.put(record.isBest)
    for task in ModelTask.allCases {
      writer.put(record.breakdowns[task] != nil)
      if let breakdown = record.breakdowns[task] { append(breakdown, to: &writer) }
    }
  }

  private static func evaluation(_ reader: inout ByteReader) throws(CodingFault) -> EvaluationRecord {
    EvaluationRecord(
      split: try reader.word(DataSplit.self), epoch: try reader.integer(), step: try reader.integer(),
      loss: try reader.optionalDouble(), losses: try losses(&reader),
      counts: try StepCodec.counts(&reader), exactMatch: try reader.optionalDouble(),
      entityPrecision: try reader.optionalDouble(), entityRecall: try reader.optionalDouble(),
      entityF1: try reader.optionalDouble(), seconds: try reader.double(), isBest: try reader.flag(),
      breakdowns: try PerTask { _ throws(CodingFault) in try reader.flag() ? try breakdown(&reader) : nil })
  }

  // MARK: - Values of each task

  private static func losses(_ reader: inout ByteReader) throws(CodingFault) -> PerTask<Double?> {
    try PerTask { _ throws(CodingFault) in try reader.optionalDouble() }
  }

  private static func doubles(_ reader: inout ByteReader) throws(CodingFault) -> PerTask<Double> {
    try PerTask { _ throws(CodingFault) in try reader.double() }
  }

  private static func append(_ breakdown: TaskBreakdown, to writer: inout ByteWriter) {
    writer.put(breakdown.labels.count)
    for label in breakdown.labels {
      writer.put(label.name)
      for count in [label.gold, label.predicted, label.correct] { writer.put(count) }
    }
    writer.put(breakdown.confusions.count)
    for confusion in breakdown.confusions {
      writer.put(confusion.gold)
      writer.put(confusion.predicted)
      writer.put(confusion.count)
    }
  }

  private static func breakdown(_ reader: inout ByteReader) throws(CodingFault) -> TaskBreakdown {
    var labels: [LabelCounts] = []
    for _ in 0..<(try reader.count(ofSize: 4)) {
      labels.append(
        LabelCounts(
          name: try reader.text(), gold: try reader.integer(), predicted: try reader.integer(),
          correct: try reader.integer()))
    }
    var confusions: [Confusion] = []
    for _ in 0..<(try reader.count(ofSize: 3)) {
      confusions.append(
        Confusion(gold: try reader.text(), predicted: try reader.text(), count: try reader.integer()))
    }
    return TaskBreakdown(labels: labels, confusions: confusions)
  }
}
