/// What crosses the socket: a length, a kind, and that many bytes.
///
/// The length is four bytes, lowest first, and counts the kind's one byte and the payload.
struct Frame: Hashable, Sendable {
  enum Kind: UInt8, Sendable {
    /// A `ServerMessage` or `ClientMessage` as JSON.
    case message = 1
    /// An event as it stands in the run's log.
    case event = 2
  }

  static let headerLength = 5
  /// Most bytes of a frame that a client sends, and that a server does.
  static let largestFromClient = 64 << 10
  static let largestFromServer = 16 << 20

  var kind: Kind
  var payload: [UInt8]

  /// The frame as it is sent.
  var bytes: [UInt8] {
    let length = UInt32(payload.count + 1)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(payload.count + Self.headerLength)
    for shift in stride(from: 0, to: 32, by: 8) { bytes.append(UInt8(truncatingIfNeeded: length >> shift)) }
    bytes.append(kind.rawValue)
    bytes.append(contentsOf: payload)
    return bytes
  }
}

/// Cuts a stream of bytes into frames. Holds no more than has come, whatever a length claims.
struct FrameDecoder {
  private let largest: Int
  private var buffer: [UInt8] = []
  private var start = 0

  /// `largest`: most bytes of a frame; a longer one is an error.
  init(largest: Int) { self.largest = largest }

  mutating func append(_ bytes: some Collection<UInt8>) {
    if start > 0 {
      buffer.removeFirst(start)
      start = 0
    }
    buffer.append(contentsOf: bytes)
  }

  /// The next whole frame; nil until more bytes have come. After an error the stream is of no more use.
  mutating func next() throws(SessionError) -> Frame? {
    let header = start + Frame.headerLength
    guard buffer.count >= header else { return nil }
    var length = 0
    for index in 0..<4 { length |= Int(buffer[start + index]) << (8 * index) }
    guard (1...largest).contains(length) else {
      throw SessionError("A frame says it has \(length) bytes; 1 to \(largest) are expected.")
    }
    guard let kind = Frame.Kind(rawValue: buffer[start + 4]) else {
      throw SessionError("A frame is of the unknown kind \(buffer[start + 4]).")
    }
    guard buffer.count - start >= length + 4 else { return nil }
    let end = start + 4 + length
    defer { start = end }
    return Frame(kind: kind, payload: Array(buffer[header..<end]))
  }
}
