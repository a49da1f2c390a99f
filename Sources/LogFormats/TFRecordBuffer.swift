internal import Storage

/// The bytes of a file of TFRecords that wait to be read, and the way from record to record.
///
/// A record is its length, the length's checksum, its data and their checksum. Damage costs only what it touches: a
/// record whose data do not fit their checksum is left out; after a length that does not fit, the next one that does is
/// looked for.
struct TFRecordBuffer: Sendable {
  enum Step {
    /// Data of a record, as a range of `bytes`.
    case record(Range<Int>)
    /// What is there is not a whole record: more bytes are needed.
    case needsMore
    /// Bytes at an offset of the file that are no record.
    case damaged(offset: Int, finding: String)
    /// A record that is larger than any this program reads: its data are passed over.
    case oversized(offset: Int)
  }

  /// Data larger than this are pictures, sounds and graphs.
  static let largest = 8 << 20
  private static let header = 12

  /// Bytes among which no record was found after which they are given up.
  private static let farthest = 32 << 20

  var bytes: [UInt8] = []
  /// The next record's place in `bytes`, and the offset of `bytes` in the file.
  private(set) var next = 0
  private(set) var base = 0
  /// Bytes of an oversized record that are still to come.
  private var skip = 0
  /// Where looking for a record goes on, after damage at `next`.
  private var scanned = 0

  /// Where the next byte is to be read from.
  var end: Int { base + bytes.count + skip }

  /// Forgets everything and begins at the file's first byte.
  mutating func reset() { self = TFRecordBuffer() }

  /// Where the bytes begin that are no whole record yet; nil where there are none.
  var unfinished: Int? { next < bytes.count ? base + next : nil }

  /// Goes on at an offset that a record begins at.
  mutating func reset(to offset: Int) {
    self = TFRecordBuffer()
    base = offset
  }

  /// Drops what was read; to be called before more is read.
  mutating func compact() {
    if skip > 0 {
      base += bytes.count + skip
      bytes.removeAll(keepingCapacity: true)
      (next, skip) = (0, 0)
    } else if next > 0 {
      bytes.removeSubrange(..<next)
      base += next
      scanned = max(0, scanned - next)
      next = 0
    }
  }

  /// Gives back the memory that reading took: there may be thousands of logs.
  mutating func shrink() { bytes = bytes.map { $0 } }

  /// Drops bytes that were read ahead and may have changed since.
  mutating func dropUnread() {
    bytes.removeSubrange(next...)
    scanned = 0
  }

  /// The next record among all `bytes`.
  mutating func step(_ all: UnsafeRawBufferPointer) -> Step {
    let available = all.count - next
    guard available >= Self.header else { return .needsMore }
    guard let length = Self.length(all, next) else { return resynchronize(all) }
    guard length <= UInt64(Self.largest) else { return passOver(length, available) }
    let size = Self.header + Int(length) + 4
    guard available >= size else { return .needsMore }
    let data = next + Self.header..<next + Self.header + Int(length)
    let stored = UInt32(littleEndian: all.loadUnaligned(fromByteOffset: data.upperBound, as: UInt32.self))
    guard Self.masked(UnsafeRawBufferPointer(rebasing: all[data])) == stored else {
      // Zeros up to the end may be a hole that is about to be filled.
      if all[(next + size - 1)...].allSatisfy({ $0 == 0 }) { return .needsMore }
      defer { next += size }
      return .damaged(offset: base + next, finding: "a record does not fit its checksum and is left out")
    }
    next += size
    return .record(data)
  }

  private mutating func passOver(_ length: UInt64, _ available: Int) -> Step {
    let offset = base + next
    let size = UInt64(Self.header) + length + 4
    guard size < UInt64(Int32.max) else {
      next += 1
      return .damaged(offset: offset, finding: "a record's length is not possible")
    }
    if available >= Int(size) {
      next += Int(size)
    } else {
      skip = Int(size) - available
      next = bytes.count
    }
    return .oversized(offset: offset)
  }

  /// Looks for the next length that fits its checksum. Where there is none, nothing is passed over yet: the bytes may
  /// be a hole that is about to be filled.
  private mutating func resynchronize(_ all: UnsafeRawBufferPointer) -> Step {
    var place = max(next + 1, scanned)
    while place + Self.header <= all.count {
      if let length = Self.length(all, place), length <= UInt64(Self.largest) { return giveUp(place, all) }
      place += 1
    }
    scanned = place
    return place - next > Self.farthest ? giveUp(place, all) : .needsMore
  }

  /// Passes over everything before a place.
  private mutating func giveUp(_ place: Int, _ all: UnsafeRawBufferPointer) -> Step {
    let (offset, count) = (base + next, place - next)
    let isZeros = all[next..<place].allSatisfy { $0 == 0 }
    (next, scanned) = (place, 0)
    return .damaged(
      offset: offset,
      finding: isZeros ? "\(count) zero bytes are passed over" : "\(count) bytes are no record and are left out")
  }

  /// A record's length, where it fits its checksum.
  private static func length(_ all: UnsafeRawBufferPointer, _ place: Int) -> UInt64? {
    let length = UInt64(littleEndian: all.loadUnaligned(fromByteOffset: place, as: UInt64.self))
    let stored = UInt32(littleEndian: all.loadUnaligned(fromByteOffset: place + 8, as: UInt32.self))
    return masked(UnsafeRawBufferPointer(rebasing: all[place..<place + 8])) == stored ? length : nil
  }

  /// CRC-32C as TFRecords store it.
  static func masked(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    let value = Checksum(bytes).value
    return (value >> 15 | value << 17) &+ 0xA282_EAD8
  }
}

extension TFRecordBuffer {
  /// Frames data as a record.
  static func append(_ data: [UInt8], to bytes: inout [UInt8]) {
    func append(_ value: UInt64, _ count: Int) {
      for byte in 0..<count { bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * byte))) }
    }
    let start = bytes.count
    append(UInt64(data.count), 8)
    let length = bytes[start...].withUnsafeBytes { masked($0) }
    append(UInt64(length), 4)
    bytes += data
    append(UInt64(data.withUnsafeBytes { masked($0) }), 4)
  }
}
