public import Kernels

/// What the processes that train one model together say to each other in a step. Each has the whole batch and makes the
/// gradients of some of its parts, or trains some of an ensemble's members by itself.
///
/// All of them ask the same things in the same order and get the same answers, bit for bit.
public protocol Communicator {
  /// Why the others cannot be reached, or are no longer at the same step.
  associatedtype Failure: Error

  /// This process's number, and how many they are: a power of two where they share a batch's parts.
  var rank: Int { get }
  var processCount: Int { get }
  /// Whether they share the members, and gradients need not be added up.
  var sharesMembers: Bool { get }

  /// Adds up numbers over all processes, in place: each element as a balanced binary tree over the processes in the order
  /// of their ranks.
  ///
  /// - Parameters:
  ///   - runs: as many runs of the same lengths in every process.
  ///   - words: what every process is sent from this one besides; as many in each.
  ///   - state: what must be the same in every process.
  /// - Returns: every process's words, by rank.
  func exchange(
    _ words: [UInt64], state: UInt64, adding runs: [UnsafeMutableBufferPointer<Float>], _ team: ThreadTeam
  ) throws(Failure) -> [[UInt64]]
}

extension Communicator {
  /// The parts of a batch whose gradients this process makes: neighbours, so that their sum is one branch of the tree.
  func ownParts(of count: Int) -> Range<Int> {
    sharesMembers ? 0..<count : ownShare(of: count)
  }

  /// The members of an ensemble that this process trains.
  public func ownMembers(of count: Int) -> Range<Int> { sharesMembers ? ownShare(of: count) : 0..<count }

  private func ownShare(of count: Int) -> Range<Int> {
    precondition(count.isMultiple(of: processCount), "\(processCount) processes cannot share \(count) equally")
    let share = count / processCount
    return rank * share..<(rank + 1) * share
  }
}

/// A process that trains by itself.
public struct Alone: Communicator {
  public init() {}
  public var rank: Int { 0 }
  public var processCount: Int { 1 }
  public var sharesMembers: Bool { false }
  public func exchange(
    _ words: [UInt64], state: UInt64, adding runs: [UnsafeMutableBufferPointer<Float>], _ team: ThreadTeam
  ) -> [[UInt64]] { [words] }
}
