/// Distinct byte strings numbered by first appearance; equality is of bytes, so no two spellings are ever merged.
///
/// (Swift's `String` compares by canonical equivalence: a dictionary of strings would merge é and e + U+0301.)
struct StringTable: Sendable {
  private(set) var strings = ByteStrings()
  /// Open addressing, a power of two long, at most three quarters full: a string's hash above its number, or `free`.
  /// Looking past other strings does not touch these.
  private var slots: [UInt64]
  private static let free = UInt64.max
  /// Differs from table to table, so that no file can be written to collide; numbering does not depend on it.
  private let seed: UInt64

  init() {
    slots = [UInt64](repeating: Self.free, count: 256)
    seed = UInt64.random(in: .min ... .max)
  }

  init(_ strings: some Sequence<String>) {
    self.init()
    for string in strings { _ = intern(string) }
  }

  var count: Int { strings.count }

  func string(_ id: Int32) -> String { strings.string(Int(id)) }

  /// The number of `string`, new if it was not there.
  mutating func intern(_ string: UnsafeBufferPointer<UInt8>) -> Int32 {
    let hash = hashBytes(string, seed: seed)
    let slot = slot(of: string, hash: hash)
    if slots[slot] != Self.free { return Int32(truncatingIfNeeded: slots[slot]) }
    let id = Int32(strings.count)
    strings.append(string)
    slots[slot] = UInt64(hash) << 32 | UInt64(id)
    if strings.count * 4 > slots.count * 3 { grow() }
    return id
  }

  mutating func intern(_ string: String) -> Int32 {
    var string = string
    return string.withUTF8 { intern($0) }
  }

  /// The number of `string`, nil if it is not in the table.
  func find(_ string: UnsafeBufferPointer<UInt8>) -> Int32? {
    let found = slots[slot(of: string, hash: hashBytes(string, seed: seed))]
    return found == Self.free ? nil : Int32(truncatingIfNeeded: found)
  }

  func find(_ string: String) -> Int32? {
    var string = string
    return string.withUTF8 { find($0) }
  }

  /// Where `string` is, or the free slot where it belongs.
  @inline(__always)
  private func slot(of string: UnsafeBufferPointer<UInt8>, hash: UInt32) -> Int {
    let mask = slots.count - 1
    var slot = Int(hash) & mask
    while true {
      let entry = slots[slot]
      if entry == Self.free { return slot }
      if entry >> 32 == UInt64(hash),
        strings.withBytes(of: Int(UInt32(truncatingIfNeeded: entry)), { equal($0, string) })
      {
        return slot
      }
      slot = (slot + 1) & mask
    }
  }

  private mutating func grow() {
    let mask = slots.count * 2 - 1
    var larger = [UInt64](repeating: Self.free, count: mask + 1)
    for entry in slots where entry != Self.free {
      var slot = Int(entry >> 32) & mask
      while larger[slot] != Self.free { slot = (slot + 1) & mask }
      larger[slot] = entry
    }
    slots = larger
  }
}

@inline(__always)
func equal(_ a: UnsafeBufferPointer<UInt8>, _ b: UnsafeBufferPointer<UInt8>) -> Bool {
  guard a.count == b.count else { return false }
  let (a, b) = (UnsafeRawBufferPointer(a), UnsafeRawBufferPointer(b))
  var position = 0
  while position + 8 < a.count {
    guard eightBytes(a, at: position) == eightBytes(b, at: position) else { return false }
    position += 8
  }
  return lastBytes(of: a) == lastBytes(of: b)
}

/// A multiply-and-fold hash, eight bytes at a time; for tables in memory only, never stored.
@inline(__always)
func hashBytes(_ string: UnsafeBufferPointer<UInt8>, seed: UInt64) -> UInt32 {
  let string = UnsafeRawBufferPointer(string)
  var state = seed ^ UInt64(truncatingIfNeeded: string.count)
  var position = 0
  while position + 8 < string.count {
    state = fold(state ^ eightBytes(string, at: position))
    position += 8
  }
  state = fold(state ^ lastBytes(of: string))
  return UInt32(truncatingIfNeeded: state ^ state >> 32)
}

@inline(__always)
private func eightBytes(_ string: UnsafeRawBufferPointer, at position: Int) -> UInt64 {
  UInt64(littleEndian: string.loadUnaligned(fromByteOffset: position, as: UInt64.self))
}

/// The last eight bytes, or all of a shorter string, in one number; no two strings of one length under nine have the same.
///
/// Loads that overlap stand for a loop over single bytes, whose end processors cannot foresee from word to word.
@inline(__always)
private func lastBytes(of string: UnsafeRawBufferPointer) -> UInt64 {
  let count = string.count
  if count >= 8 { return eightBytes(string, at: count - 8) }
  if count >= 4 {
    let first = UInt32(littleEndian: string.loadUnaligned(fromByteOffset: 0, as: UInt32.self))
    let last = UInt32(littleEndian: string.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self))
    return UInt64(last) << 32 | UInt64(first)
  }
  if count == 0 { return 0 }
  return UInt64(string[count - 1]) << 16 | UInt64(string[count / 2]) << 8 | UInt64(string[0])
}

@inline(__always)
private func fold(_ value: UInt64) -> UInt64 {
  let product = value.multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
  return product.high ^ product.low
}
