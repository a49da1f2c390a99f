internal import CChecksum

/// CRC-32C (Castagnoli), as iSCSI, ext4 and TensorBoard use it: by the processor's own instruction, or, where it has none,
/// by tables.
public struct Checksum: Hashable, Sendable {
  private var state: UInt32 = .max

  public init() {}

  public init(_ bytes: UnsafeRawBufferPointer) { add(bytes) }

  /// The checksum of all bytes added so far.
  public var value: UInt32 { ~state }

  /// As eight hexadecimal digits.
  public var hexadecimal: String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }

  public mutating func add(_ bytes: UnsafeRawBufferPointer) {
    if mtt_crc32c_is_supported() {
      state = mtt_crc32c(state, bytes.baseAddress, bytes.count)
    } else {
      addByTables(bytes)
    }
  }

  /// Eight bytes a turn.
  mutating func addByTables(_ bytes: UnsafeRawBufferPointer) {
    var crc = state
    var index = 0
    Self.tables.withUnsafeBufferPointer { table in
      while index + 8 <= bytes.count {
        let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)) ^ UInt64(crc)
        crc = 0
        for byte in 0..<8 {
          let value = Int(truncatingIfNeeded: (word >> UInt64(8 * byte)) & 0xFF)
          crc ^= table[(7 - byte) * 256 + value]
        }
        index += 8
      }
      while index < bytes.count {
        crc = table[Int((crc ^ UInt32(bytes[index])) & 0xFF)] ^ (crc >> 8)
        index += 1
      }
    }
    state = crc
  }

  /// Row k: what a byte does to the state k bytes later.
  private static let tables: [UInt32] = {
    var table = [UInt32](repeating: 0, count: 8 * 256)
    for value in 0..<256 {
      var crc = UInt32(value)
      for _ in 0..<8 { crc = crc & 1 == 1 ? (crc >> 1) ^ 0x82F6_3B78 : crc >> 1 }
      table[value] = crc
    }
    for row in 1..<8 {
      for value in 0..<256 {
        let before = table[(row - 1) * 256 + value]
        table[row * 256 + value] = table[Int(before & 0xFF)] ^ (before >> 8)
      }
    }
    return table
  }()
}
