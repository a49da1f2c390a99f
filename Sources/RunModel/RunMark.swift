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

  /// The last few of those that stand for any of some steps, in order.
  public func last(_ count: Int, near steps: ClosedRange<Int>) -> [RunMark] {
    // There may be thousands, and a cursor asks for every frame: their words stay untouched.
    let places = all.withUnsafeBufferPointer { marks in
      Array(
        marks.indices.reversed().lazy
          .filter { marks[$0].step <= steps.upperBound && marks[$0].lastStep >= steps.lowerBound }.prefix(count))
    }
    return places.reversed().map { all[$0] }
  }

  /// Adds one; a kind that goes on from step to step stays one mark.
  ///
  /// `last`: the last of the steps in a row it stands for, where there are several.
  public mutating func add(_ kind: RunMark.Kind, step: Int, last end: Int? = nil, _ text: String) {
    guard step >= 0 else { return }
    let end = max(step, end ?? step)
    if kind == .broken || kind == .spike, let last = all.lastIndex(where: { $0.kind == kind }),
      step <= all[last].lastStep + 1, step >= all[last].step
    {
      all[last].lastStep = max(all[last].lastStep, end)
      return
    }
    // What is known by a summary comes after the events among its steps.
    let place = all.lastIndex { $0.step <= step }.map { $0 + 1 } ?? 0
    all.insert(RunMark(kind: kind, step: step, lastStep: end, text: text), at: place)
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
