/// Values one behind the other that are taken out and filled in anew for each sentence.
///
/// An array does the same, but emptying it, and appending a few bytes to it, cost more than all else that is done with a
/// word.
struct Refilled<Element: Sendable>: RandomAccessCollection, Sendable {
  /// What lies from `count` on is nothing yet, or was taken out.
  private var memory: [Element] = []
  private(set) var count = 0

  var startIndex: Int { 0 }
  var endIndex: Int { count }

  @inline(__always)
  subscript(position: Int) -> Element {
    precondition(position >= 0 && position < count)
    return memory.withUnsafeBufferPointer { $0[position] }
  }

  @inline(__always)
  mutating func append(_ value: Element) {
    if count == memory.count { grow(to: count + 1, with: value) }
    let place = count
    memory.withUnsafeMutableBufferPointer { $0[place] = value }
    count += 1
  }

  @inline(__always)
  mutating func append(contentsOf values: UnsafeBufferPointer<Element>) {
    guard let first = values.first else { return }
    let (place, end) = (count, count + values.count)
    if end > memory.count { grow(to: end, with: first) }
    memory.withUnsafeMutableBufferPointer { memory in
      guard let from = values.baseAddress, let to = memory.baseAddress else { return }
      (to + place).update(from: from, count: values.count)
    }
    count = end
  }

  @inline(__always)
  mutating func append(contentsOf values: some Sequence<Element>) {
    if values.withContiguousStorageIfAvailable({ append(contentsOf: $0) }) == nil {
      for value in values { append(value) }
    }
  }

  mutating func removeAll() { count = 0 }

  @inline(__always)
  func withUnsafeBufferPointer<Result, Failure: Error>(
    _ body: (UnsafeBufferPointer<Element>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try memory.withUnsafeBufferPointer { (memory) throws(Failure) in
      try body(UnsafeBufferPointer(start: memory.baseAddress, count: count))
    }
  }

  @inline(__always)
  func withContiguousStorageIfAvailable<Result>(
    _ body: (UnsafeBufferPointer<Element>) throws -> Result
  ) rethrows -> Result? {
    try withUnsafeBufferPointer(body)
  }

  /// Makes room for at least so many values; until there are, copies of any one lie there.
  private mutating func grow(to wanted: Int, with value: Element) {
    memory += repeatElement(value, count: Swift.max(wanted, memory.count + memory.count / 2, 16) - memory.count)
  }
}
