/// What the engine sends to its listeners: the only thing that crosses from the engine to a screen.
///
/// Every value is `Codable`, so that the same stream can cross a socket. Large ones are kept by reference: a long run's
/// events are handed on by the hundred thousand.
public enum TrainingEvent: Codable, Hashable, Sendable {
  indirect case runStarted(RunDescription)
  /// Every step since the last such event, in order, at least one. Sent at most about 20 times a second.
  case stepsCompleted([StepRecord])
  indirect case evaluated(EvaluationRecord)
  case epochCompleted(EpochRecord)
  case checkpointWritten(CheckpointRecord)
  case phaseChanged(PhaseChange)
  case parameterChanged(ParameterChange)
  /// Both tasks' gradients on the shared encoder, once every few hundred steps.
  case gradientsSampled(GradientSample)
  /// Where several processes train the run, how each gets on; every few seconds.
  case ranksMeasured(RankSample)
  case alert(LogLine)
  case log(LogLine)
}

/// Where a run stands in its life.
public enum RunPhase: String, Codable, Hashable, Sendable, CaseIterable {
  case loading, running, pausing, paused, evaluating, stopping, finished, failed
}

/// A change of phase, and why.
public struct PhaseChange: Codable, Hashable, Sendable {
  public var phase: RunPhase
  /// The step after which it changed: 0 before the first.
  public var step: Int
  /// Set on `finished` and `failed`: how the process should end and what to say.
  public var outcome: RunOutcome?

  public init(phase: RunPhase, step: Int, outcome: RunOutcome? = nil) {
    self.phase = phase
    self.step = step
    self.outcome = outcome
  }
}

/// How a run ended.
public struct RunOutcome: Codable, Hashable, Sendable {
  /// 0 done; 65 bad data; 66 no such input; 70 internal; 73 cannot write; 75 stopped early; 76 diverged.
  public var exitCode: Int32
  /// One sentence for the user: what happened and what to do next. Empty when there is nothing to say.
  public var message: String

  public init(exitCode: Int32, message: String) {
    self.exitCode = exitCode
    self.message = message
  }
}

/// What is being trained, on what, and from where: sent once, before the first step.
public struct RunDescription: Codable, Hashable, Sendable {
  public var name: String
  /// Absolute path of the run folder.
  public var directory: String
  public var configuration: RunConfiguration
  /// Short name of the data, such as "snips" or "demo".
  public var dataName: String
  public var trainSentences: Int
  public var devSentences: Int
  public var testSentences: Int
  public var sentenceClasses: [String]
  public var tags: [String]
  public var vocabularySize: Int
  public var parameterCount: Int
  public var stepsPerEpoch: Int
  public var totalSteps: Int
  /// Completed steps at the start: 0 for a new run, the checkpoint's step for a resumed one.
  public var startStep: Int
  /// The checkpoint resumed from, if any (its folder's name).
  public var resumedFrom: String?
  /// Training seconds spent before this process took over: 0 for a new run.
  public var secondsBefore: Double
  /// The best evaluation so far, of a resumed run; nil for a new one, or where its checkpoint is gone.
  public var best: BestEvaluation?
  public var threads: Int
  /// What loss_a and loss_b are, in words: the first log line.
  public var lossDescription: String

  /// A task's labels in the data; none for a task that they lack.
  public func labels(_ task: ModelTask) -> [String] { task == .sentence ? sentenceClasses : tags }

  public init(
    name: String, directory: String, configuration: RunConfiguration, dataName: String, trainSentences: Int,
    devSentences: Int, testSentences: Int, sentenceClasses: [String], tags: [String], vocabularySize: Int,
    parameterCount: Int, stepsPerEpoch: Int, totalSteps: Int, startStep: Int, resumedFrom: String?,
    secondsBefore: Double, best: BestEvaluation? = nil, threads: Int, lossDescription: String
  ) {
    self.name = name
    self.directory = directory
    self.configuration = configuration
    self.dataName = dataName
    self.trainSentences = trainSentences
    self.devSentences = devSentences
    self.testSentences = testSentences
    self.sentenceClasses = sentenceClasses
    self.tags = tags
    self.vocabularySize = vocabularySize
    self.parameterCount = parameterCount
    self.stepsPerEpoch = stepsPerEpoch
    self.totalSteps = totalSteps
    self.startStep = startStep
    self.resumedFrom = resumedFrom
    self.secondsBefore = secondsBefore
    self.best = best
    self.threads = threads
    self.lossDescription = lossDescription
  }
}

/// One training step.
public struct StepRecord: Codable, Hashable, Sendable {
  /// Steps completed in the whole run, this one included: counts from 1.
  public var step: Int
  /// Counts from 0.
  public var epoch: Int
  /// This step's batch within its epoch: counts from 1.
  public var batch: Int
  /// Batches in the epoch.
  public var batches: Int
  /// The weighted sum of the losses, as it was minimised; a loss of nothing adds nothing. May be NaN or infinite.
  public var loss: Double
  // Under the names that files have.
  private var lossA, lossB: Double?
  /// Nil where no sentence of the batch has a class, or no token a tag.
  public var losses: PerTask<Double?> {
    get { PerTask(lossA, lossB) }
    set { (lossA, lossB) = (newValue.sentence, newValue.words) }
  }
  public var counts: MetricCounts
  public var learningRate: Double
  /// Euclidean norm of all gradients before clipping.
  public var gradientNorm: Double
  public var sentences: Int
  /// Positions whose attention mask is 1.
  public var realTokens: Int
  /// Duration of the step, collation included.
  public var seconds: Double
  /// Training seconds of the run up to the end of this step: pauses left out, evaluation counted in, earlier
  /// processes of a resumed run counted in.
  public var elapsed: Double
  /// False where a loss or gradient was not finite, so that the update was left out.
  public var applied: Bool

  public init(
    step: Int, epoch: Int, batch: Int, batches: Int, loss: Double, losses: PerTask<Double?>,
    counts: MetricCounts, learningRate: Double, gradientNorm: Double, sentences: Int, realTokens: Int,
    seconds: Double, elapsed: Double, applied: Bool
  ) {
    self.step = step
    self.epoch = epoch
    self.batch = batch
    self.batches = batches
    self.loss = loss
    (lossA, lossB) = (losses.sentence, losses.words)
    self.counts = counts
    self.learningRate = learningRate
    self.gradientNorm = gradientNorm
    self.sentences = sentences
    self.realTokens = realTokens
    self.seconds = seconds
    self.elapsed = elapsed
    self.applied = applied
  }
}

/// A part of the data.
public enum DataSplit: String, Codable, Hashable, Sendable, CaseIterable {
  case train, dev, test
}

/// The outcome of one pass over a split without training.
public struct EvaluationRecord: Codable, Hashable, Sendable {
  public var split: DataSplit
  public var epoch: Int
  /// Completed training steps.
  public var step: Int
  /// The weighted sum of the losses that exist; nil where neither does.
  public var loss: Double?
  // Under the names that files have.
  private var lossA, lossB: Double?
  private var breakdownA, breakdownB: TaskBreakdown?
  /// Means over the split's sentences with a class, and its tokens with a tag, that train has; nil where there are none.
  public var losses: PerTask<Double?> {
    get { PerTask(lossA, lossB) }
    set { (lossA, lossB) = (newValue.sentence, newValue.words) }
  }
  public var counts: MetricCounts
  /// Share of labelled sentences with the class and every tag right, in 0...1; nil where there are none.
  public var exactMatch: Double?
  /// Micro-averaged over entity types, as seqeval's default mode counts spans; nil where tags have no prefix.
  public var entityPrecision: Double?
  public var entityRecall: Double?
  public var entityF1: Double?
  public var seconds: Double
  /// Whether this is the best so far, by the run's selection metric.
  public var isBest: Bool
  /// Each task label by label, where it was counted.
  public var breakdowns: PerTask<TaskBreakdown?> {
    get { PerTask(breakdownA, breakdownB) }
    set { (breakdownA, breakdownB) = (newValue.sentence, newValue.words) }
  }

  public init(
    split: DataSplit, epoch: Int, step: Int, loss: Double?, losses: PerTask<Double?>, counts: MetricCounts,
    exactMatch: Double?, entityPrecision: Double?, entityRecall: Double?, entityF1: Double?, seconds: Double,
    isBest: Bool, breakdowns: PerTask<TaskBreakdown?> = PerTask.all(nil)
  ) {
    self.split = split
    self.epoch = epoch
    self.step = step
    self.loss = loss
    (lossA, lossB) = (losses.sentence, losses.words)
    self.counts = counts
    self.exactMatch = exactMatch
    self.entityPrecision = entityPrecision
    self.entityRecall = entityRecall
    self.entityF1 = entityF1
    self.seconds = seconds
    self.isBest = isBest
    (breakdownA, breakdownB) = (breakdowns.sentence, breakdowns.words)
  }
}

/// One whole epoch of training.
public struct EpochRecord: Codable, Hashable, Sendable {
  /// Counts from 0.
  public var epoch: Int
  /// Completed steps at its end.
  public var step: Int
  /// Sum of the batches' losses over the number of batches; NaN where no update was applied.
  public var averageLoss: Double
  // Under the names that files have.
  private var averageLossA, averageLossB: Double?
  /// The same over the batches that have such a loss; nil where none has.
  public var averageLosses: PerTask<Double?> { PerTask(averageLossA, averageLossB) }
  /// Summed over the epoch's batches, each counted as it was trained.
  public var counts: MetricCounts
  public var seconds: Double

  public init(
    epoch: Int, step: Int, averageLoss: Double, averageLosses: PerTask<Double?>, counts: MetricCounts,
    seconds: Double
  ) {
    self.epoch = epoch
    self.step = step
    self.averageLoss = averageLoss
    (averageLossA, averageLossB) = (averageLosses.sentence, averageLosses.words)
    self.counts = counts
    self.seconds = seconds
  }
}

/// Why a checkpoint was written.
public enum CheckpointReason: String, Codable, Hashable, Sendable {
  case interval, epoch, requested, stopping, finished
}

/// A checkpoint that is safely on disk.
public struct CheckpointRecord: Codable, Hashable, Sendable {
  public var step: Int
  /// Absolute path.
  public var path: String
  public var reason: CheckpointReason
  /// Whether it is the best so far by evaluations on dev; false without dev.
  public var isBest: Bool
  public var bytes: Int
  public var seconds: Double

  public init(step: Int, path: String, reason: CheckpointReason, isBest: Bool, bytes: Int, seconds: Double) {
    self.step = step
    self.path = path
    self.reason = reason
    self.isBest = isBest
    self.bytes = bytes
    self.seconds = seconds
  }
}

/// A parameter that can be steered while training.
public enum SteeredParameter: RawRepresentable, Codable, Hashable, Sendable {
  case learningRate
  case weight(ModelTask)

  public init?(rawValue: String) {
    let all = [.learningRate] + ModelTask.allCases.map(Self.weight)
    guard let parameter = all.first(where: { $0.rawValue == rawValue }) else { return nil }
    self = parameter
  }

  public var rawValue: String {
    switch self {
    case .learningRate: "learningRate"
    case .weight(let task): "weight" + task.rawValue
    }
  }
}

/// A parameter steered by a command, from the step after `step` on.
public struct ParameterChange: Codable, Hashable, Sendable {
  public var parameter: SteeredParameter
  public var old: Double
  public var new: Double
  public var step: Int

  public init(parameter: SteeredParameter, old: Double, new: Double, step: Int) {
    self.parameter = parameter
    self.old = old
    self.new = new
    self.step = step
  }
}

/// One line for the log.
public struct LogLine: Codable, Hashable, Sendable {
  public enum Level: String, Codable, Hashable, Sendable, Comparable, CaseIterable {
    case info, warning, error

    public static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

    private var rank: Int {
      switch self {
      case .info: 0
      case .warning: 1
      case .error: 2
      }
    }
  }

  public var level: Level
  public var text: String
  /// Seconds since 1970.
  public var time: Double
  public var step: Int

  public init(level: Level, text: String, time: Double, step: Int) {
    self.level = level
    self.text = text
    self.time = time
    self.step = step
  }
}
