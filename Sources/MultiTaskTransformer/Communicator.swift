/// What the processes that train one model together say to each other in a step. Each has a part of the batch.
///
/// All of them ask the same questions in the same order and get the same answers, bit for bit, however many they are.
public protocol Communicator {
  /// The labels of all parts. Asked before the pass, as losses are means over the whole batch.
  func allReduce(_ counts: LabelCounts) -> LabelCounts

  /// The embedding rows that any part uses, each once, in an order that all share. Asked before the pass.
  func union(_ rows: [Int32]) -> [Int32]

  /// Losses and correct predictions of all parts: sums, since each part's loss is already divided by the whole batch's
  /// counts. The counts themselves stay.
  func allReduce(_ outcome: BatchOutcome) -> BatchOutcome

  /// Makes a part's gradients those of the whole batch: a sum over the parts in an order that is always the same, such
  /// as a balanced tree.
  func allReduce(_ gradients: GradientSet)
}

/// A process that trains by itself: its part is the whole batch.
public struct Alone: Communicator {
  public init() {}
  public func allReduce(_ counts: LabelCounts) -> LabelCounts { counts }
  public func union(_ rows: [Int32]) -> [Int32] { rows }
  public func allReduce(_ outcome: BatchOutcome) -> BatchOutcome { outcome }
  public func allReduce(_ gradients: GradientSet) {}
}
