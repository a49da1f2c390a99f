internal import RunFolder
public import Storage
public import TrainingEvents

/// What stands before each payload of a run's log.
///
/// Little-endian: "MTTF", kind (1 byte, then three of 0), the payload's length and checksum (4 bytes each), the event's
/// number (8), its time (8), and the checksum of all these (4).
struct FrameHeader: Hashable {
  enum Kind: UInt8 {
    /// Anything but steps, as `EventCodec` writes it.
    case event = 1
    /// Steps, likewise.
    case steps = 2
    /// The end of a chunk whose steps are there one by one: see `Chunk`.
    case summary = 3
    /// The end of a chunk whose steps are there in its summary alone.
    case soleSummary = 4

    var isSummary: Bool { self == .summary || self == .soleSummary }
  }

  static let length = 36
  static let magic: UInt32 = 0x4654_544D
  /// Most bytes of a payload.
  static let largestPayload = 16 << 20

  var kind: Kind
  var payloadLength: Int
  var payloadChecksum: UInt32
  /// The event's number, from 1; a summary's is that of the last event before it.
  var index: UInt64
  /// Seconds since 1970.
  var time: Double

  init(kind: Kind, payload: [UInt8], index: UInt64, time: Double) {
    self.kind = kind
    payloadLength = payload.count
    payloadChecksum = payload.withUnsafeBytes { Self.checksum($0) }
    self.index = index
    self.time = time
  }

  /// Nil where there is no header, or a damaged one.
  init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count >= Self.length, bytes.loadUnaligned(as: UInt32.self).littleEndian == Self.magic else {
      return nil
    }
    var reader = ByteReader(UnsafeRawBufferPointer(rebasing: bytes[4..<Self.length]))
    guard let number = try? reader.fixed32(), let kind = Kind(rawValue: UInt8(truncatingIfNeeded: number)),
      number <= UInt8.max, let length = try? reader.fixed32(), length <= Self.largestPayload,
      let payloadChecksum = try? reader.fixed32(), let index = try? reader.fixed64(), let time = try? reader.double(),
      let checksum = try? reader.fixed32(),
      checksum == Self.checksum(UnsafeRawBufferPointer(rebasing: bytes[..<(Self.length - 4)]))
    else { return nil }
    self.kind = kind
    payloadLength = Int(length)
    self.payloadChecksum = payloadChecksum
    self.index = index
    self.time = time
  }

  var frameLength: Int { Self.length + payloadLength }

  var bytes: [UInt8] {
    var writer = ByteWriter(capacity: Self.length)
    writer.put(fixed: Self.magic)
    writer.put(fixed: UInt32(kind.rawValue))
    writer.put(fixed: UInt32(payloadLength))
    writer.put(fixed: payloadChecksum)
    writer.put(fixed: index)
    writer.put(time)
    writer.put(fixed: writer.bytes.withUnsafeBytes { Self.checksum($0) })
    return writer.bytes
  }

  func accepts(_ payload: UnsafeRawBufferPointer) -> Bool { Self.checksum(payload) == payloadChecksum }

  static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    Checksum(bytes).value
  }
}

/// An event with its place in the run's log, and as it stands there and crosses the socket.
public struct LoggedEvent: Hashable, Sendable {
  public let event: TrainingEvent
  /// Counts a run's events from 1.
  public let index: UInt64
  /// Seconds since 1970.
  public let time: Double
  public let frame: [UInt8]

  public init(_ event: TrainingEvent, index: UInt64, time: Double) {
    self.event = event
    self.index = index
    self.time = time
    let payload = EventCodec.encode(event)
    let isSteps = if case .stepsCompleted = event { true } else { false }
    frame = FrameHeader(kind: isSteps ? .steps : .event, payload: payload, index: index, time: time).bytes + payload
  }

  /// Reads a frame that came whole.
  public init(frame: [UInt8]) throws(CodingFault) {
    var decoded: (FrameHeader, TrainingEvent)?
    var fault: CodingFault?
    frame.withUnsafeBytes { bytes in
      do throws(CodingFault) {
        guard let header = FrameHeader(bytes), !header.kind.isSummary, bytes.count == header.frameLength else {
          throw CodingFault("is no frame of an event")
        }
        let payload = UnsafeRawBufferPointer(rebasing: bytes[FrameHeader.length...])
        guard header.accepts(payload) else { throw CodingFault("has another checksum than its frame says") }
        decoded = (header, try EventCodec.decode(payload))
      } catch {
        fault = error
      }
    }
    guard let (header, event) = decoded else { throw fault ?? CodingFault("is empty") }
    self.event = event
    index = header.index
    time = header.time
    self.frame = frame
  }
}
