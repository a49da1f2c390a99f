import TerminalCanvas
import TrainingEvents

/// One line of the log as it is shown.
struct LogEntry: Hashable, Sendable {
  var level: LogLine.Level
  var text: String
  var step: Int
}

/// A run as its events tell it: nothing here depends on what a user chose to see.
struct RunState: Sendable {
  private static let keptLogEntries = 2000

  private(set) var description: RunDescription?
  private(set) var phase = RunPhase.loading
  private(set) var outcome: RunOutcome?
  private(set) var lastStep: StepRecord?
  private(set) var total = SmoothedSeries(window: 20)
  private(set) var taskA = SmoothedSeries(window: 20)
  private(set) var taskB = SmoothedSeries(window: 20)
  private(set) var gradientNorm = SeriesHistory()
  private(set) var learningRate = SeriesHistory()
  private(set) var throughput = Throughput()
  /// Counts of the epoch that is being trained.
  private(set) var epochCounts = MetricCounts()
  private(set) var epochs: [EpochRecord] = []
  /// Evaluations on dev, oldest first.
  private(set) var evaluations: [EvaluationRecord] = []
  /// The evaluation on test, if there was one.
  private(set) var test: EvaluationRecord?
  /// The highest accuracies on dev.
  private(set) var bestAccuracies: (a: Double, b: Double) = (0, 0)
  /// The best evaluation on dev by the run's own measure.
  private(set) var best: EvaluationRecord?
  private(set) var checkpoint: CheckpointRecord?
  private(set) var bestCheckpoint: CheckpointRecord?
  private(set) var log: [LogEntry] = []
  /// Steps whose loss or gradient was not finite.
  private(set) var brokenSteps = 0
  private(set) var clock = RunClock()

  var hasEnded: Bool { phase == .finished || phase == .failed }
  /// Completed steps of the whole run.
  var step: Int { lastStep?.step ?? description?.startStep ?? 0 }
  var totalSteps: Int { description?.totalSteps ?? 0 }
  /// The epoch being trained, from 0.
  var epoch: Int { lastStep?.epoch ?? (description.map { $0.startStep / max(1, $0.stepsPerEpoch) } ?? 0) }
  var epochCount: Int { description?.configuration.epochs ?? 0 }

  /// The train accuracies to show: of the running epoch, or of the last one before its first step.
  var trainCounts: MetricCounts? {
    if epochCounts.totalA > 0 || epochCounts.totalB > 0 { return epochCounts }
    return epochs.last?.counts
  }

  mutating func apply(_ event: TrainingEvent, now: Double) {
    switch event {
    case .runStarted(let value): start(value, now: now)
    case .stepsCompleted(let steps): for step in steps { complete(step, now: now) }
    case .evaluated(let record): evaluate(record)
    case .epochCompleted(let record):
      if record.epoch >= 0 { epochs.append(record) }
    case .checkpointWritten(let record): write(record)
    case .phaseChanged(let change): change.phase == phase ? () : enter(change, now: now)
    case .parameterChanged(let change):
      note(.info, Self.sentence(change), change.step)
    case .alert(let line), .log(let line): note(line.level, line.text, line.step)
    }
  }

  private mutating func start(_ value: RunDescription, now: Double) {
    description = value
    clock.set(value.secondsBefore, now: now)
    let window = max(10, min(1000, value.totalSteps / 100))
    total.setWindow(window)
    taskA.setWindow(window)
    taskB.setWindow(window)
    note(.info, value.lossDescription, value.startStep)
    if let source = value.resumedFrom { note(.info, "Resumed from \(source).", value.startStep) }
  }

  private mutating func complete(_ record: StepRecord, now: Double) {
    if record.epoch != lastStep?.epoch { epochCounts = MetricCounts() }
    lastStep = record
    epochCounts += record.counts
    total.append(step: record.step, value: record.loss)
    taskA.append(step: record.step, value: record.lossA)
    taskB.append(step: record.step, value: record.lossB)
    gradientNorm.append(step: record.step, value: record.gradientNorm)
    learningRate.append(step: record.step, value: record.learningRate)
    throughput.add(record)
    clock.set(record.elapsed, now: now)
    if !record.applied || !record.loss.isFinite || !record.gradientNorm.isFinite { brokenSteps += 1 }
  }

  private mutating func evaluate(_ record: EvaluationRecord) {
    switch record.split {
    case .test: test = record
    case .train: break
    case .dev:
      evaluations.append(record)
      bestAccuracies.a = max(bestAccuracies.a, record.counts.accuracyA)
      bestAccuracies.b = max(bestAccuracies.b, record.counts.accuracyB)
      if record.isBest || best == nil { best = record }
    }
    var text = "\(record.split.rawValue) epoch \(record.epoch + 1): loss \(NumberText.short(record.loss))"
    text += ", A \(NumberText.percent(record.counts.accuracyA)), B \(NumberText.percent(record.counts.accuracyB))"
    if let f1 = record.entityF1 { text += ", F1 \(NumberText.percent(f1))" }
    note(.info, text + (record.isBest ? ", best" : ""), record.step)
  }

  private mutating func write(_ record: CheckpointRecord) {
    checkpoint = record
    if record.isBest { bestCheckpoint = record }
    let name = record.path.split(separator: "/").last.map(String.init) ?? record.path
    let size = NumberText.compact(Double(record.bytes))
    note(.info, "checkpoint \(name) (\(record.reason.rawValue)\(record.isBest ? ", best" : "")), \(size)B", record.step)
  }

  private mutating func enter(_ change: PhaseChange, now: Double) {
    phase = change.phase
    clock.enter(change.phase, now: now)
    guard let outcome = change.outcome else { return }
    self.outcome = outcome
    if !outcome.message.isEmpty { note(change.phase == .failed ? .error : .info, outcome.message, change.step) }
  }

  private mutating func note(_ level: LogLine.Level, _ text: String, _ step: Int) {
    guard !text.isEmpty else { return }
    log.append(LogEntry(level: level, text: text, step: step))
    if log.count > Self.keptLogEntries { log.removeFirst(Self.keptLogEntries / 4) }
  }

  private static func sentence(_ change: ParameterChange) -> String {
    let name =
      switch change.parameter {
      case .learningRate: "learning rate"
      case .weightA: "weight of A"
      case .weightB: "weight of B"
      }
    return "\(name) \(number(change.old)) → \(number(change.new))"
  }

  private static func number(_ value: Double) -> String {
    abs(value) >= 0.01 ? NumberText.fixed(value, decimals: 2) : NumberText.scientific(value, decimals: 2)
  }
}
