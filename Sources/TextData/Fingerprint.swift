/// `xxh64:` and the 16 hex digits of the bytes' XXH64 hash (seed 0), as `xxhsum -H1` prints it.
///
/// Tells a changed file from an unchanged one; it is no protection against forgery.
func fingerprint(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
  let digits = String(xxHash64(UnsafeRawBufferPointer(bytes)), radix: 16)
  return "xxh64:" + String(repeating: "0", count: 16 - digits.count) + digits
}

private let prime1: UInt64 = 0x9E37_79B1_85EB_CA87
private let prime2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
private let prime3: UInt64 = 0x1656_67B1_9E37_79F9
private let prime4: UInt64 = 0x85EB_CA77_C2B2_AE63
private let prime5: UInt64 = 0x27D4_EB2F_1656_67C5

/// XXH64 with seed 0 (github.com/Cyan4973/xxHash, doc/xxhash_spec.md).
func xxHash64(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
  var position = 0
  var hash: UInt64
  if bytes.count >= 32 {
    var lane1 = prime1 &+ prime2
    var lane2 = prime2
    var lane3: UInt64 = 0
    var lane4 = 0 &- prime1
    while position + 32 <= bytes.count {
      lane1 = round(lane1, load64(bytes, position))
      lane2 = round(lane2, load64(bytes, position + 8))
      lane3 = round(lane3, load64(bytes, position + 16))
      lane4 = round(lane4, load64(bytes, position + 24))
      position += 32
    }
    hash = rotate(lane1, 1) &+ rotate(lane2, 7) &+ rotate(lane3, 12) &+ rotate(lane4, 18)
    for lane in [lane1, lane2, lane3, lane4] {
      hash = (hash ^ round(0, lane)) &* prime1 &+ prime4
    }
  } else {
    hash = prime5
  }
  hash &+= UInt64(bytes.count)
  while position + 8 <= bytes.count {
    hash = rotate(hash ^ round(0, load64(bytes, position)), 27) &* prime1 &+ prime4
    position += 8
  }
  if position + 4 <= bytes.count {
    let word = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self))
    hash = rotate(hash ^ UInt64(word) &* prime1, 23) &* prime2 &+ prime3
    position += 4
  }
  while position < bytes.count {
    hash = rotate(hash ^ UInt64(bytes[position]) &* prime5, 11) &* prime1
    position += 1
  }
  hash = (hash ^ hash >> 33) &* prime2
  hash = (hash ^ hash >> 29) &* prime3
  return hash ^ hash >> 32
}

@inline(__always)
private func load64(_ bytes: UnsafeRawBufferPointer, _ position: Int) -> UInt64 {
  UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
}

@inline(__always)
private func rotate(_ value: UInt64, _ count: UInt64) -> UInt64 {
  value << count | value >> (64 - count)
}

@inline(__always)
private func round(_ lane: UInt64, _ input: UInt64) -> UInt64 {
  rotate(lane &+ input &* prime2, 31) &* prime1
}
