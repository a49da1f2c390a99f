internal import Formatting
public import TrainingEvents

/// One line of the log as it is shown.
public struct LogEntry: Hashable, Sendable {
  public var level: LogLine.Level
  public var text: String
  public var step: Int
  /// When it was written, in seconds since 1970; nil where that is not known.
  public var time: Double?

  public init(level: LogLine.Level, text: String, step: Int, time: Double? = nil) {
    self.level = level
    self.text = text
    self.step = step
    self.time = time
  }
}

/// A run as its records describe it: nothing here depends on what a user chose to see.
///
/// Takes bounded memory, however long the run: curves in buckets of steps, the latest log lines, epochs and evaluations
/// thinned where there are very many.
public struct RunState: Sendable {
  private static let keptLogEntries = 2000
  /// Most epochs and evaluations: of more, every second goes.
  private static let keptRecords = 4096

  public private(set) var description: RunDescription?
  public private(set) var phase = RunPhase.loading
  public private(set) var standing = RunStanding.live
  public private(set) var outcome: RunOutcome?
  public private(set) var lastStep: StepRecord?
  /// The curves of its steps' figures and of whatever else its source has, by key.
  public private(set) var series: MetricSeries
  public private(set) var plan: RatePlan?
  public private(set) var stepClock = StepClock()
  public private(set) var marks = RunMarks()
  public private(set) var balance = BalanceHistory()
  /// Warnings and errors since they were last read.
  public private(set) var unreadAlerts = 0
  public private(set) var throughput = Throughput()
  /// How the processes that train it get on; nil where it is one.
  public private(set) var ranks: RankSample?
  /// Counts of the epoch that is being trained.
  public private(set) var epochCounts = MetricCounts()
  public private(set) var epochs: [EpochRecord] = []
  /// Evaluations on dev, oldest first.
  public private(set) var evaluations: [EvaluationRecord] = []
  /// Their figures that are curves, place by place.
  public private(set) var evaluationPoints: [EvaluationPoint] = []
  /// The evaluation on test, if there was one.
  public private(set) var test: EvaluationRecord?
  /// The highest accuracies on dev.
  public private(set) var bestAccuracies: [ModelTask: Double] = [:]
  /// The best evaluation on dev by the run's own measure.
  public private(set) var best: EvaluationRecord?
  public private(set) var checkpoint: CheckpointRecord?
  public private(set) var bestCheckpoint: CheckpointRecord?
  public private(set) var log: [LogEntry] = [] { didSet { revisions.log &+= 1 } }
  /// Steps whose loss or gradient was not finite.
  public private(set) var brokenSteps = 0
  public private(set) var clock = RunClock()
  public private(set) var timeLeft = TimeLeft()
  private var spikes = SpikeDetector()
  /// How strongly curves are smoothed: 0 not at all, 2 as is usual for the run's length.
  public private(set) var smoothing = Self.usualSmoothing
  public private(set) var revisions = RunRevisions()

  public init() {
    series = MetricSeries()
    for figure in StepFigure.allCases {
      // Made first and in their order, so that a figure's number is its curve's place.
      _ = series.place(of: MetricKey(figure), window: Self.isSmoothed(figure) ? 20 : nil)
    }
  }

  private static func isSmoothed(_ figure: StepFigure) -> Bool { MetricKey(figure).role == .loss }

  /// Whether nothing more will come, and nothing takes commands.
  public var hasEnded: Bool {
    phase == .finished || phase == .failed || standing != .live && standing != .followed
  }
  public var takesCommands: Bool { !hasEnded && standing == .live }
  /// What to say to somebody who would steer a run that takes no commands.
  public var nothingToSteer: String {
    switch standing {
    case .live: "The run has ended; there is nothing to steer."
    case .followed: "The run's process cannot be reached from here: it can be watched, not steered."
    case .stored: "Nothing trains this run: it can be looked at, not steered."
    case .lost: "The run's process is not heard any more; attach again to steer it."
    }
  }
  public var total: SmoothedSeries { series[StepFigure.loss.place] }
  public func series(_ task: ModelTask) -> SmoothedSeries { series[StepFigure.taskLoss(task).place] }
  public var gradientNorm: SeriesHistory { series[StepFigure.gradientNorm.place].raw }
  public var learningRate: SeriesHistory { series[StepFigure.learningRate.place].raw }
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
    ModelTask.allCases.contains { epochCounts.total[$0] > 0 } ? epochCounts : epochs.last?.counts
  }

  /// Takes a record in.
  ///
  /// - Parameters:
  ///   - now: a monotonic clock, in seconds, by which clocks run on.
  ///   - wall: the seconds since 1970 at that moment, by which a record's time is placed on that clock.
  public mutating func apply(_ record: RunRecord, now: Double, wall: Double) {
    func moment(_ time: Double) -> Double { time > 0 ? now - max(0, wall - time) : now }
    switch record {
    case .event(let event, let time): apply(event, now: moment(time), time: time)
    case .summary(let summary, let time): complete(summary, now: moment(time))
    case .extent(let steps): series.reserve(steps)
    case .standing(let standing): stand(standing, now: now, time: wall)
    }
  }

  /// Whether an event changes no more than steps do, or the log alone.
  private static func leavesRecords(_ event: TrainingEvent) -> Bool {
    switch event {
    case .stepsCompleted, .gradientsSampled, .ranksMeasured, .alert, .log: true
    case .runStarted, .evaluated, .epochCompleted, .checkpointWritten, .phaseChanged, .parameterChanged: false
    }
  }

  /// Takes an event in.
  ///
  /// - Parameters:
  ///   - now: when it was, on a monotonic clock in seconds.
  ///   - time: the same in seconds since 1970, where known.
  public mutating func apply(_ event: TrainingEvent, now: Double, time: Double? = nil) {
    timeLeft.note(event, now: now)
    if !Self.leavesRecords(event) { revisions.records &+= 1 }
    switch event {
    case .runStarted(let value): start(value, now: now, time: time)
    case .stepsCompleted(let steps): for step in steps { complete(step, now: now) }
    case .evaluated(let record): evaluate(record, time: time)
    case .epochCompleted(let record):
      if record.epoch >= 0 {
        epochs.append(record)
        Self.thin(&epochs) { _ in false }
        marks.add(.epoch, step: record.step, "end of epoch \(record.epoch)")
      }
    case .checkpointWritten(let record): write(record, time: time)
    case .phaseChanged(let change): if change.phase != phase { enter(change, now: now, time: time) }
    case .parameterChanged(let change):
      let sentence = Self.sentence(change)
      marks.add(.parameter, step: change.step, sentence)
      balance.note(change)
      plan?.note(change)
      note(.info, sentence, change.step, time)
    case .gradientsSampled(let sample): balance.add(sample)
    case .ranksMeasured(let sample): ranks = sample
    case .alert(let line), .log(let line):
      if line.level > .info { unreadAlerts += 1 }
      note(line.level, line.text, line.step, line.time > 0 ? line.time : time)
    }
  }

  private mutating func start(_ value: RunDescription, now: Double, time: Double?) {
    let isFirst = description == nil
    description = value
    clock.set(value.secondsBefore, now: now)
    setSmoothing(smoothing)
    // What was steered before a resume still holds.
    if isFirst { balance.start(value) }
    plan = RatePlan(value, after: plan)
    guard let source = value.resumedFrom else { return }
    // The engine knows it, also where what came before is not there, or is no longer the best.
    if best?.step != value.best?.step { best = value.best?.record }
    marks.add(.resume, step: value.startStep, "resumed from \(source)")
    note(.info, "Resumed from \(source).", value.startStep, time)
  }

  private mutating func stand(_ standing: RunStanding, now: Double, time: Double) {
    self.standing = standing
    revisions.records &+= 1
    switch standing {
    case .live, .followed: break
    case .stored: clock.stop(now: nil)
    case .lost(let reason):
      clock.stop(now: now)
      unreadAlerts += 1
      note(.warning, reason, step, time)
    }
  }

  /// Drops every second record where there are too many, but for the latest and the one that `stays` names.
  private static func thin<Record>(_ records: inout [Record], _ stays: (Record) -> Bool) {
    guard records.count > keptRecords else { return }
    let last = records.count - 1
    var place = -1
    records.removeAll { record in
      place += 1
      return !place.isMultiple(of: 2) && place != last && !stays(record)
    }
  }

  public static let usualSmoothing = 2
  public static let smoothingLevels = 0...4

  /// Smooths all loss curves anew.
  public mutating func setSmoothing(_ level: Int) {
    smoothing = min(max(level, Self.smoothingLevels.lowerBound), Self.smoothingLevels.upperBound)
    let usual = description.map { max(10, min(1000, $0.totalSteps / 100)) } ?? 20
    let window = smoothing == 0 ? 1 : max(2, usual * [1, 1, 4, 16, 64][smoothing] / 4)
    for figure in StepFigure.allCases where Self.isSmoothed(figure) {
      series.setWindow(window, at: figure.place)
    }
  }

  public mutating func markAlertsRead() { unreadAlerts = 0 }

  private mutating func complete(_ record: StepRecord, now: Double) {
    if record.epoch != lastStep?.epoch { epochCounts = MetricCounts() }
    lastStep = record
    epochCounts += record.counts
    for figure in StepFigure.allCases {
      guard let value = figure.value(in: record) else { continue }
      series.append(step: record.step, value: value, at: figure.place)
    }
    plan?.note(record)
    throughput.add(record)
    clock.set(record.elapsed, now: now)
    stepClock.append(step: record.step, seconds: record.elapsed)
    if spikes.isSpike(record.gradientNorm) {
      marks.add(.spike, step: record.step, "gradient norm \(NumberText.short(record.gradientNorm))")
    }
    if record.isBroken {
      brokenSteps += 1
      marks.add(.broken, step: record.step, record.loss.isFinite ? "gradient not finite" : "loss not finite")
    }
  }

  /// Takes steps in that are known by their summary.
  private mutating func complete(_ summary: StepSummary, now: Double) {
    for figure in StepFigure.allCases { series.append(summary, figure, at: figure.place) }
    for row in summary.elapsed.indices {
      let last = min(summary.firstStep(ofRow: row) + summary.span - 1, summary.steps.upperBound)
      stepClock.append(step: last, seconds: summary.elapsed[row])
    }
    for spike in summary.spikes {
      let text = "gradient norm \(NumberText.short(spike.norm))"
      marks.add(.spike, step: spike.steps.lowerBound, last: spike.steps.upperBound, text)
    }
    for stretch in summary.broken {
      let text = stretch.lossIsFinite ? "gradient not finite" : "loss not finite"
      marks.add(.broken, step: stretch.steps.lowerBound, last: stretch.steps.upperBound, text)
    }
    brokenSteps += summary.brokenSteps
    spikes = summary.detector
    lastStep = summary.last
    epochCounts = summary.epochCounts
    plan?.note(summary.last)
    throughput.add(summary)
    timeLeft.note(summary)
    clock.set(summary.last.elapsed, now: now)
  }

  private mutating func evaluate(_ record: EvaluationRecord, time: Double?) {
    switch record.split {
    case .test: test = record
    case .train: break
    case .dev:
      // Only the latest is looked at label by label, and the best, which is kept by itself.
      if record.isBrokenDown {
        for index in evaluations.indices.suffix(2) { evaluations[index].breakdowns = PerTask.all(nil) }
      }
      evaluations.append(record)
      evaluationPoints.append(EvaluationPoint(record))
      if record.isBest { best = record }
      let best = best?.step
      Self.thin(&evaluations) { $0.step == best }
      Self.thin(&evaluationPoints) { $0.step == best }
      for task in ModelTask.allCases {
        if let share = record.counts.accuracy(task) { bestAccuracies[task] = max(bestAccuracies[task] ?? share, share) }
      }
    }
    var text = "\(record.split.rawValue) epoch \(record.epoch): loss \(NumberText.short(record.loss))"
    for task in tasks {
      if let share = record.counts.accuracy(task) { text += ", \(task.rawValue) \(NumberText.percent(share))" }
    }
    if let f1 = record.entityF1 { text += ", F1 \(NumberText.percent(f1))" }
    note(.info, text + (record.isBest ? ", best" : ""), record.step, time)
  }

  private mutating func write(_ record: CheckpointRecord, time: Double?) {
    checkpoint = record
    marks.add(.checkpoint, step: record.step, "checkpoint (\(record.reason.rawValue))")
    if record.isBest { bestCheckpoint = record }
    let name = record.path.split(separator: "/").last.map(String.init) ?? record.path
    let size = NumberText.compact(Double(record.bytes))
    let isBest = record.isBest ? ", best" : ""
    note(.info, "checkpoint \(name) (\(record.reason.rawValue)\(isBest)), \(size)B", record.step, time)
  }

  private mutating func enter(_ change: PhaseChange, now: Double, time: Double?) {
    if change.phase == .paused { marks.add(.pause, step: change.step, "paused") }
    if phase == .paused, change.phase == .running { marks.add(.resume, step: change.step, "resumed") }
    phase = change.phase
    clock.enter(change.phase, now: now)
    // One that goes on has not ended.
    outcome = change.outcome
    guard let outcome else { return }
    if change.phase == .failed { unreadAlerts += 1 }
    guard !outcome.message.isEmpty else { return }
    note(change.phase == .failed ? .error : .info, outcome.message, change.step, time)
  }

  /// Puts a line of the screen's own into the log.
  public mutating func remark(_ text: String, level: LogLine.Level = .warning, time: Double? = nil) {
    note(level, text, step, time)
  }

  private mutating func note(_ level: LogLine.Level, _ text: String, _ step: Int, _ time: Double?) {
    guard !text.isEmpty else { return }
    log.append(LogEntry(level: level, text: text, step: step, time: time))
    if log.count > Self.keptLogEntries { log.removeFirst(Self.keptLogEntries / 4) }
  }

  private static func sentence(_ change: ParameterChange) -> String {
    let name =
      switch change.parameter {
      case .learningRate: "learning rate"
      case .weight(let task): "weight of \(task.rawValue)"
      }
    return "\(name) \(number(change.old)) → \(number(change.new))"
  }

  private static func number(_ value: Double) -> String {
    abs(value) >= 0.01 ? NumberText.fixed(value, decimals: 2) : NumberText.scientific(value, decimals: 2)
  }
}
