/// Messages of bytes between the processes of a job. For any thread.
///
/// Of messages with one tag from one process to another, the first sent is the first that was begun to be received.
public protocol Transport: AnyObject, Sendable {
  var rank: Int { get }
  var processCount: Int { get }

  /// Begins to send; the bytes must stay as they are until `isDone`.
  func send(_ bytes: UnsafeRawBufferPointer, to rank: Int, tag: Int) -> MessageRequest

  /// Begins to receive a message of just so many bytes, which must not be touched until `isDone`.
  func receive(_ bytes: UnsafeMutableRawBufferPointer, from rank: Int, tag: Int) -> MessageRequest

  /// Whether a message has left or arrived; not to be asked again once it has.
  func isDone(_ request: inout MessageRequest) -> Bool

  /// Moves no bytes any more: what is under way is never done, and its memory may go.
  func close()
}

extension Transport {
  /// The ranks of the other processes.
  var others: [Int] { (0..<processCount).filter { $0 != rank } }
}

/// A message under way.
public struct MessageRequest: Hashable, Sendable {
  /// What the transport knows it by.
  public var handle: UInt64

  public init(handle: UInt64) { self.handle = handle }
}

/// What messages are about: those with one tag between two processes stay in order.
enum MessageTag {
  /// Of an exchange.
  static var words: Int { 1 }
  static var parts: Int { 2 }
  static var sums: Int { 3 }
  /// Of any length, in both directions.
  static var letters: Int { 4 }
  /// From rank 0, every few seconds.
  static var heartbeats: Int { 5 }
  /// To rank 0, at any time.
  static var notices: Int { 6 }
}

/// Why processes cannot train together, or no longer: a sentence.
public struct DistributedError: Error, Hashable, Sendable, CustomStringConvertible {
  public var description: String

  public init(description: String) { self.description = description }
}
