#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Something that happened at a step and is shown on the curves.
public struct RunMark: Hashable, Sendable {
  /// What happened; where several share a place, the later case is shown.
  public enum Kind: Int, Hashable, Sendable, CaseIterable, Comparable {
    case epoch, checkpoint, spike, pause, resume, parameter, broken

    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    public var word: String {
      switch self {
      case .epoch: "epoch ends"
      case .checkpoint: "checkpoint"
      case .spike: "gradient spike"
      case .pause: "pause"
      case .resume: "resume"
      case .parameter: "changed"
      case .broken: "not finite"
      }
    }
  }

  public var kind: Kind
  public var step: Int
  /// The last of the steps in a row it stands for.
  public var lastStep: Int
  /// A few words for the cursor.
  public var text: String
}

/// The marks of a run in order, in bounded memory.
public struct RunMarks: Hashable, Sendable {
  private static let kept = 4096

  public private(set) var all: [RunMark] = []

  public init() {}

  /// Adds one; a kind that goes on from step to step stays one mark.
  public mutating func add(_ kind: RunMark.Kind, step: Int, _ text: String) {
    guard step >= 0 else { return }
    if let last = all.lastIndex(where: { $0.kind == kind }), kind == .broken || kind == .spike,
      step <= all[last].lastStep + 1, step >= all[last].step
    {
      all[last].lastStep = step
      return
    }
    all.append(RunMark(kind: kind, step: step, lastStep: step, text: text))
    guard all.count > Self.kept else { return }
    // Of what comes at every turn, every second goes; what somebody did or what broke stays as long as it can.
    var seen = 0
    all.removeAll { mark in
      guard mark.kind <= .spike else { return false }
      seen += 1
      return seen.isMultiple(of: 2)
    }
    if all.count > Self.kept { all.removeFirst(Self.kept / 4) }
  }
}

/// Tells gradient norms that stand out from those before them: by orders of magnitude, as they are spread. Late in a run
/// most are tiny and some are not, and that is no news.
public struct SpikeDetector: Hashable, Sendable {
  /// How many standard deviations above the mean a norm's logarithm has to be, how many times as large at least, and
  /// after how many steps.
  private static let deviations = 4.0
  private static let factor = 5.0
  private static let warmup = 50
  /// About as many steps as this are remembered.
  private static let reach = 100.0

  private var mean = 0.0
  private var variance = 0.0
  private var count = 0

  public init() {}

  public mutating func isSpike(_ norm: Double) -> Bool {
    guard norm.isFinite, norm >= 0 else { return false }
    let place = log(max(norm, 1e-30))
    let usual = Self.deviations * max(variance, 0.04).squareRoot()
    let isSpike = count >= Self.warmup && place > mean + max(usual, log(Self.factor))
    count += 1
    // A spike moves the mean no further than the largest norm that is none.
    let taken = count > Self.warmup ? min(max(place, mean - usual), mean + usual) : place
    let share = max(1 / Double(count), 1 / Self.reach)
    let step = taken - mean
    mean += share * step
    variance = (1 - share) * (variance + share * step * step)
    return isSpike
  }
}
