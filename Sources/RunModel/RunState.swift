internal import Formatting
public import TrainingEvents

/// One line of the log as it is shown.
public struct LogEntry: Hashable, Sendable {
  public var level: LogLine.Level
  public var text: String
  public var step: Int
}

/// A run as its events tell it: nothing here depends on what a user chose to see.
public struct RunState: Sendable {
  private static let keptLogEntries = 2000

  public private(set) var description: RunDescription?
  public private(set) var phase = RunPhase.loading
  public private(set) var outcome: RunOutcome?
  public private(set) var lastStep: StepRecord?
  public private(set) var total = SmoothedSeries(window: 20)
  public private(set) var taskA = SmoothedSeries(window: 20)
  public private(set) var taskB = SmoothedSeries(window: 20)
  public private(set) var gradientNorm = SeriesHistory()
  public private(set) var learningRate = SeriesHistory()
  public private(set) var plan: RatePlan?
  public private(set) var stepClock = StepClock()
  public private(set) var marks = RunMarks()
  public private(set) var balance = BalanceHistory()
  /// Warnings and errors since they were last read.
  public private(set) var unreadAlerts = 0
  public private(set) var throughput = Throughput()
  /// Counts of the epoch that is being trained.
  public private(set) var epochCounts = MetricCounts()
  public private(set) var epochs: [EpochRecord] = []
  /// Evaluations on dev, oldest first.
  public private(set) var evaluations: [EvaluationRecord] = []
  /// The evaluation on test, if there was one.
  public private(set) var test: EvaluationRecord?
  /// The highest accuracies on dev.
  public private(set) var bestAccuracies: (a: Double, b: Double) = (0, 0)
  /// The best evaluation on dev by the run's own measure.
  public private(set) var best: EvaluationRecord?
  public private(set) var checkpoint: CheckpointRecord?
  public private(set) var bestCheckpoint: CheckpointRecord?
  public private(set) var log: [LogEntry] = []
  /// Steps whose loss or gradient was not finite.
  public private(set) var brokenSteps = 0
  public private(set) var clock = RunClock()
  private var spikes = SpikeDetector()
  /// How strongly curves are smoothed: 0 not at all, 2 as is usual for the run's length.
  public private(set) var smoothing = Self.usualSmoothing

  public init() {}

  public var hasEnded: Bool { phase == .finished || phase == .failed }
  /// Completed steps of the whole run.
  public var step: Int { lastStep?.step ?? description?.startStep ?? 0 }
  /// The newest step that anything is known of.
  public var newestStep: Int { max(total.raw.latestStep, evaluations.last?.step ?? 0, 0) }
  public var totalSteps: Int { description?.totalSteps ?? 0 }
  /// The epoch being trained, from 0.
  public var epoch: Int { lastStep?.epoch ?? (description.map { $0.startStep / max(1, $0.stepsPerEpoch) } ?? 0) }
  public var epochCount: Int { description?.configuration.epochs ?? 0 }

  /// The train accuracies to show: of the running epoch, or of the last one before its first step.
  public var trainCounts: MetricCounts? {
    if epochCounts.totalA > 0 || epochCounts.totalB > 0 { return epochCounts }
    return epochs.last?.counts
  }

  public mutating func apply(_ event: TrainingEvent, now: Double) {
    switch event {
    case .runStarted(let value): start(value, now: now)
    case .stepsCompleted(let steps): for step in steps { complete(step, now: now) }
    case .evaluated(let record): evaluate(record)
    case .epochCompleted(let record):
      if record.epoch >= 0 {
        epochs.append(record)
        marks.add(.epoch, step: record.step, "end of epoch \(record.epoch + 1)")
      }
    case .checkpointWritten(let record): write(record)
    case .phaseChanged(let change): change.phase == phase ? () : enter(change, now: now)
    case .parameterChanged(let change):
      let sentence = Self.sentence(change)
      marks.add(.parameter, step: change.step, sentence)
      balance.note(change)
      plan?.note(change)
      note(.info, sentence, change.step)
    case .gradientsSampled(let sample): balance.add(sample)
    case .alert(let line), .log(let line):
      if line.level > .info { unreadAlerts += 1 }
      note(line.level, line.text, line.step)
    }
  }

  private mutating func start(_ value: RunDescription, now: Double) {
    description = value
    clock.set(value.secondsBefore, now: now)
    setSmoothing(smoothing)
    balance.start(value)
    plan = RatePlan(value)
    guard let source = value.resumedFrom else { return }
    marks.add(.resume, step: value.startStep, "resumed from \(source)")
    note(.info, "Resumed from \(source).", value.startStep)
  }

  public static let usualSmoothing = 2
  public static let smoothingLevels = 0...4

  /// Smooths all loss curves anew.
  public mutating func setSmoothing(_ level: Int) {
    smoothing = min(max(level, Self.smoothingLevels.lowerBound), Self.smoothingLevels.upperBound)
    let usual = description.map { max(10, min(1000, $0.totalSteps / 100)) } ?? 20
    let window = smoothing == 0 ? 1 : max(2, usual * [1, 1, 4, 16, 64][smoothing] / 4)
    total.setWindow(window)
    taskA.setWindow(window)
    taskB.setWindow(window)
  }

  public mutating func markAlertsRead() { unreadAlerts = 0 }

  private mutating func complete(_ record: StepRecord, now: Double) {
    if record.epoch != lastStep?.epoch { epochCounts = MetricCounts() }
    lastStep = record
    epochCounts += record.counts
    total.append(step: record.step, value: record.loss)
    if let loss = record.lossA { taskA.append(step: record.step, value: loss) }
    if let loss = record.lossB { taskB.append(step: record.step, value: loss) }
    gradientNorm.append(step: record.step, value: record.gradientNorm)
    learningRate.append(step: record.step, value: record.learningRate)
    plan?.note(record)
    throughput.add(record)
    clock.set(record.elapsed, now: now)
    stepClock.append(step: record.step, seconds: record.elapsed)
    if spikes.isSpike(record.gradientNorm) {
      marks.add(.spike, step: record.step, "gradient norm \(NumberText.short(record.gradientNorm))")
    }
    if !record.applied || !record.loss.isFinite || !record.gradientNorm.isFinite {
      brokenSteps += 1
      marks.add(.broken, step: record.step, record.loss.isFinite ? "gradient not finite" : "loss not finite")
    }
  }

  private mutating func evaluate(_ record: EvaluationRecord) {
    switch record.split {
    case .test: test = record
    case .train: break
    case .dev:
      evaluations.append(record)
      if let accuracy = record.counts.accuracyA { bestAccuracies.a = max(bestAccuracies.a, accuracy) }
      if let accuracy = record.counts.accuracyB { bestAccuracies.b = max(bestAccuracies.b, accuracy) }
      if record.isBest { best = record }
    }
    var text = "\(record.split.rawValue) epoch \(record.epoch + 1): loss \(NumberText.short(record.loss))"
    text += ", A \(NumberText.percent(record.counts.accuracyA)), B \(NumberText.percent(record.counts.accuracyB))"
    if let f1 = record.entityF1 { text += ", F1 \(NumberText.percent(f1))" }
    note(.info, text + (record.isBest ? ", best" : ""), record.step)
  }

  private mutating func write(_ record: CheckpointRecord) {
    checkpoint = record
    marks.add(.checkpoint, step: record.step, "checkpoint (\(record.reason.rawValue))")
    if record.isBest { bestCheckpoint = record }
    let name = record.path.split(separator: "/").last.map(String.init) ?? record.path
    let size = NumberText.compact(Double(record.bytes))
    note(.info, "checkpoint \(name) (\(record.reason.rawValue)\(record.isBest ? ", best" : "")), \(size)B", record.step)
  }

  private mutating func enter(_ change: PhaseChange, now: Double) {
    if change.phase == .paused { marks.add(.pause, step: change.step, "paused") }
    if phase == .paused, change.phase == .running { marks.add(.resume, step: change.step, "resumed") }
    phase = change.phase
    clock.enter(change.phase, now: now)
    guard let outcome = change.outcome else { return }
    self.outcome = outcome
    if change.phase == .failed { unreadAlerts += 1 }
    if !outcome.message.isEmpty { note(change.phase == .failed ? .error : .info, outcome.message, change.step) }
  }

  /// Puts a line of the screen's own into the log.
  public mutating func remark(_ text: String) { note(.warning, text, step) }

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
