public import Distributed
import Foundation

/// Messages between threads of this process, each in the place of a process.
public final class ThreadLink: Transport {
  /// Messages by sender, receiver and tag, in the order in which they were sent.
  public final class Post: Sendable {
    fileprivate struct Way: Hashable {
      var from: Int
      var to: Int
      var tag: Int
    }
    fileprivate let messages = Guarded<[Way: [[UInt8]]]>([:])

    public init() {}
  }

  /// A message that is waited for: the n-th of its way, as whoever began to receive first gets the first.
  private struct Awaited {
    var address: UInt
    var count: Int
    var way: Post.Way
    var number: Int
  }

  private struct State {
    var begun: [Post.Way: Int] = [:]
    var awaited: [UInt64: Awaited] = [:]
    var requests: UInt64 = 0
    var sent = 0
    var bytesByTag: [Int: Int] = [:]
    var isClosed = false
  }

  public let rank: Int
  public let processCount: Int
  private let post: Post
  private let mostSent: Int
  private let state = Guarded(State())

  /// - Parameter mostSent: messages after which no more leave or arrive, as from a process that stands still.
  public init(rank: Int, of processCount: Int, _ post: Post, mostSent: Int = .max) {
    self.rank = rank
    self.processCount = processCount
    self.post = post
    self.mostSent = mostSent
  }

  /// Bytes sent so far, by what their messages were about.
  public var bytesByTag: [Int: Int] { state.withLock { $0.bytesByTag } }

  public func send(_ bytes: UnsafeRawBufferPointer, to rank: Int, tag: Int) -> MessageRequest {
    let isOpen = state.withLock { state in
      state.sent += 1
      state.bytesByTag[tag, default: 0] += bytes.count
      if state.sent > mostSent { state.isClosed = true }
      return !state.isClosed
    }
    guard isOpen else { return MessageRequest(handle: .max) }
    let copy = Array(bytes)
    post.messages.withLock { $0[Post.Way(from: self.rank, to: rank, tag: tag), default: []].append(copy) }
    return MessageRequest(handle: 0)
  }

  public func receive(_ bytes: UnsafeMutableRawBufferPointer, from rank: Int, tag: Int) -> MessageRequest {
    let way = Post.Way(from: rank, to: self.rank, tag: tag)
    let (address, count) = (UInt(bitPattern: bytes.baseAddress), bytes.count)
    return state.withLock { state in
      state.requests += 1
      state.awaited[state.requests] = Awaited(
        address: address, count: count, way: way, number: state.begun[way, default: 0])
      state.begun[way, default: 0] += 1
      return MessageRequest(handle: state.requests)
    }
  }

  public func isDone(_ request: inout MessageRequest) -> Bool {
    let handle = request.handle
    return state.withLock { state in
      if state.isClosed { return false }
      guard let awaited = state.awaited[handle] else { return handle == 0 }
      let message: [UInt8]? = post.messages.withLock { messages in
        guard let sent = messages[awaited.way], awaited.number < sent.count else { return nil }
        return sent[awaited.number]
      }
      guard let message else { return false }
      precondition(
        message.count == awaited.count, "a message of \(message.count) bytes came for one of \(awaited.count)")
      UnsafeMutableRawBufferPointer(
        start: UnsafeMutableRawPointer(bitPattern: awaited.address), count: awaited.count
      ).copyBytes(from: message)
      state.awaited[handle] = nil
      return true
    }
  }

  public func close() { state.withLock { $0.isClosed = true } }
}

/// What each of some processes gives, by rank; each is a thread here.
public func processes<Value: Sendable>(
  _ count: Int, _ body: @escaping @Sendable (ThreadLink) -> Value
) -> [Value] {
  let post = ThreadLink.Post()
  let results = Guarded<[Int: Value]>([:])
  let ended = DispatchSemaphore(value: 0)
  for rank in 0..<count {
    Thread.detachNewThread {
      let value = body(ThreadLink(rank: rank, of: count, post))
      results.withLock { $0[rank] = value }
      ended.signal()
    }
  }
  for _ in 0..<count { ended.wait() }
  return results.withLock { values in (0..<count).compactMap { values[$0] } }
}

/// A value for one thread at a time.
///
/// Sendable because `value` is touched under the lock alone. `Mutex` would say so by itself, but the thread sanitizer does
/// not see that it waits, and takes its users' turns for races.
public final class Guarded<Value>: @unchecked Sendable {
  private let lock = NSLock()
  private var value: Value

  public init(_ value: sending Value) { self.value = value }

  public func withLock<Result>(_ body: (inout Value) -> Result) -> Result { lock.withLock { body(&value) } }
}
