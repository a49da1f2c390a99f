/// Messages of bytes between the processes of a job. For one thread at a time.
///
/// Of messages with one tag from one process to another, the first sent is the first that was begun to be received.
public protocol Transport: AnyObject {
  /// A message under way.
  associatedtype Request

  var rank: Int { get }
  var processCount: Int { get }

  /// Begins to send; the bytes must stay as they are until `isDone`.
  func send(_ bytes: UnsafeRawBufferPointer, to rank: Int, tag: Int) -> Request

  /// Begins to receive a message of just so many bytes, which must not be touched until `isDone`.
  func receive(_ bytes: UnsafeMutableRawBufferPointer, from rank: Int, tag: Int) -> Request

  /// Whether a message has left or arrived; not to be asked again once it has.
  func isDone(_ request: inout Request) -> Bool
}
