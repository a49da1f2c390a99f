/// Messages of any length between the processes of a job, in the order in which they are sent.
public struct Letters {
  /// Most bytes that one message carries.
  private static let mostInMessage = 1 << 28

  private let link: any Transport
  private let patience: Patience

  public init(_ link: any Transport, _ patience: Patience) {
    self.link = link
    self.patience = patience
  }

  /// Returns once the bytes have left.
  public func send(_ bytes: [UInt8], to rank: Int) throws(DistributedError) {
    try with(count: 8) { (length) throws(DistributedError) in
      length.storeBytes(of: UInt64(bytes.count), as: UInt64.self)
      try transfer(length, with: rank) { link.send(UnsafeRawBufferPointer($0), to: rank, tag: MessageTag.letters) }
    }
    try with(count: bytes.count) { (copy) throws(DistributedError) in
      copy.copyBytes(from: bytes)
      try transfer(copy, with: rank) { link.send(UnsafeRawBufferPointer($0), to: rank, tag: MessageTag.letters) }
    }
  }

  /// The next one from a process; sleeps until it is there.
  public func receive(from rank: Int) throws(DistributedError) -> [UInt8] {
    func receive(_ count: Int) throws(DistributedError) -> [UInt8] {
      try with(count: count) { (bytes) throws(DistributedError) in
        try transfer(bytes, with: rank) { link.receive($0, from: rank, tag: MessageTag.letters) }
        return Array(bytes)
      }
    }
    let length = try receive(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    return try receive(Int(length))
  }

  private func with<Value>(
    count: Int, _ body: (UnsafeMutableRawBufferPointer) throws(DistributedError) -> Value
  ) throws(DistributedError) -> Value {
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 8)
    defer { bytes.deallocate() }
    return try body(bytes)
  }

  /// Begins with pieces that fit into messages, and waits until they are through.
  private func transfer(
    _ bytes: UnsafeMutableRawBufferPointer, with peer: Int,
    _ begin: (UnsafeMutableRawBufferPointer) -> MessageRequest
  ) throws(DistributedError) {
    let requests = stride(from: 0, to: bytes.count, by: Self.mostInMessage).map { first in
      begin(.init(rebasing: bytes[first..<min(first + Self.mostInMessage, bytes.count)]))
    }
    var queues = [Patience.Queue(peer: peer, requests: requests)]
    try patience.wait(for: &queues, link)
  }
}
