import Distributed
import Foundation
import Synchronization

/// Messages between threads of this process, each in the place of a process.
final class ThreadLink: Transport {
  /// Messages by sender, receiver and tag, in the order in which they were sent.
  final class Post: Sendable {
    fileprivate struct Way: Hashable {
      var from: Int
      var to: Int
      var tag: Int
    }
    fileprivate let messages = Mutex<[Way: [[UInt8]]]>([:])
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
    let copy = Array(bytes)
    post.messages.withLock { $0[way, default: []].append(copy) }
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
    let message: [UInt8]? = post.messages.withLock { messages in
      guard let sent = messages[way], number < sent.count else { return nil }
      return sent[number]
    }
    guard let message else { return false }
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
      results.values.withLock { $0[rank] = value }
      ended.signal()
    }
  }
  for _ in 0..<count { ended.wait() }
  return results.values.withLock { values in (0..<count).compactMap { values[$0] } }
}

private final class Results<Value: Sendable>: Sendable {
  let values = Mutex<[Int: Value]>([:])
}
