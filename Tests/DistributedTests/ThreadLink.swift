import Distributed
import Foundation

/// Messages between threads of this process, each in the place of a process.
final class ThreadLink: Transport {
  /// Messages by sender, receiver and tag, in the order in which they were sent.
  ///
  /// Sendable because `messages` is touched under the lock alone. `Mutex` would say so by itself, but the thread
  /// sanitizer does not see that it waits, and takes its users' turns for races.
  final class Post: @unchecked Sendable {
    fileprivate struct Way: Hashable {
      var from: Int
      var to: Int
      var tag: Int
    }
    private let lock = NSLock()
    private var messages: [Way: [[UInt8]]] = [:]

    fileprivate func put(_ message: [UInt8], on way: Way) {
      lock.withLock { messages[way, default: []].append(message) }
    }

    /// The n-th message of its way, if it was sent already.
    fileprivate func message(_ number: Int, on way: Way) -> [UInt8]? {
      lock.withLock { messages[way].flatMap { number < $0.count ? $0[number] : nil } }
    }
  }

  enum Request {
    case sent
    /// The n-th message of its way: whoever began to receive first gets the first.
    case awaited(UnsafeMutableRawBufferPointer, from: Int, tag: Int, number: Int)
  }

  let rank: Int
  let processCount: Int
  private let post: Post
  private var begun: [Post.Way: Int] = [:]

  init(rank: Int, of processCount: Int, _ post: Post) {
    self.rank = rank
    self.processCount = processCount
    self.post = post
  }

  func send(_ bytes: UnsafeRawBufferPointer, to rank: Int, tag: Int) -> Request {
    let way = Post.Way(from: self.rank, to: rank, tag: tag)
    post.put(Array(bytes), on: way)
    return .sent
  }

  func receive(_ bytes: UnsafeMutableRawBufferPointer, from rank: Int, tag: Int) -> Request {
    let way = Post.Way(from: rank, to: self.rank, tag: tag)
    defer { begun[way, default: 0] += 1 }
    return .awaited(bytes, from: rank, tag: tag, number: begun[way, default: 0])
  }

  func isDone(_ request: inout Request) -> Bool {
    guard case .awaited(let bytes, let from, let tag, let number) = request else { return true }
    let way = Post.Way(from: from, to: rank, tag: tag)
    guard let message = post.message(number, on: way) else { return false }
    precondition(message.count == bytes.count, "a message of \(message.count) bytes came for one of \(bytes.count)")
    bytes.copyBytes(from: message)
    return true
  }
}

/// What each of some processes gives, by rank; each is a thread here.
func processes<Value: Sendable>(
  _ count: Int, _ body: @escaping @Sendable (ThreadLink) -> Value
) -> [Value] {
  let post = ThreadLink.Post()
  let results = Results<Value>()
  let ended = DispatchSemaphore(value: 0)
  for rank in 0..<count {
    Thread.detachNewThread {
      let value = body(ThreadLink(rank: rank, of: count, post))
      results.put(value, by: rank)
      ended.signal()
    }
  }
  for _ in 0..<count { ended.wait() }
  return (0..<count).compactMap { results.value(by: $0) }
}

/// Sendable because `values` is touched under the lock alone.
private final class Results<Value: Sendable>: @unchecked Sendable {
  private let lock = NSLock()
  private var values: [Int: Value] = [:]

  func put(_ value: Value, by rank: Int) { lock.withLock { values[rank] = value } }

  func value(by rank: Int) -> Value? { lock.withLock { values[rank] } }
}
