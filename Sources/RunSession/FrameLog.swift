/// Everything a run has told, as the bytes that are sent: each client has its own place in it.
///
/// So a slow client costs nothing and misses nothing, and a late one begins at the start.
struct FrameLog {
  private static let chunkLength = 256 << 10

  private var chunks: [[UInt8]] = []
  /// Bytes so far.
  private(set) var count = 0

  mutating func append(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      if count == chunks.count * Self.chunkLength {
        chunks.append([])
        chunks[chunks.count - 1].reserveCapacity(chunks.count > 1 ? Self.chunkLength : 0)
      }
      let room = chunks.count * Self.chunkLength - count
      let part = rest.prefix(room)
      chunks[chunks.count - 1].append(contentsOf: part)
      count += part.count
      rest = rest.dropFirst(part.count)
    }
  }

  /// Bytes from `place` on, up to the end of what lies together in memory; none at the end.
  func bytes(from place: Int) -> ArraySlice<UInt8> {
    guard place < count else { return [] }
    return chunks[place / Self.chunkLength][(place % Self.chunkLength)...]
  }
}
