/// Bytes that are not what they should be.
public struct CodingFault: Error, CustomStringConvertible, Hashable, Sendable {
  /// What was found, as the end of a sentence.
  public var description: String

  package init(_ description: String) { self.description = description }
}

/// Writes values as few bytes: whole numbers seven bits a byte, lowest first, the others as their 64 bits.
package struct ByteWriter {
  package private(set) var bytes: [UInt8] = []

  package init(capacity: Int = 64) { bytes.reserveCapacity(capacity) }

  package mutating func put(byte: UInt8) { bytes.append(byte) }

  package mutating func put(_ flag: Bool) { bytes.append(flag ? 1 : 0) }

  package mutating func put(_ value: Int) { put(UInt64(bitPattern: Int64(value))) }

  package mutating func put(_ value: UInt64) {
    var rest = value
    while rest > 127 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 128)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  package mutating func put(fixed value: UInt32) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  package mutating func put(fixed value: UInt64) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  package mutating func put(_ value: Double) { put(fixed: value.bitPattern) }

  package mutating func put(_ value: Double?) {
    put(value != nil)
    if let value { put(value) }
  }

  package mutating func put(_ text: String) {
    let utf8 = text.utf8
    put(utf8.count)
    bytes.append(contentsOf: utf8)
  }

  package mutating func put(_ data: [UInt8]) {
    put(data.count)
    bytes.append(contentsOf: data)
  }

  /// Values without references as they lie in memory, for a reader of the same build.
  package mutating func put<Value: BitwiseCopyable>(inMemory values: [Value]) {
    put(values.count)
    values.withUnsafeBytes { bytes.append(contentsOf: $0) }
  }
}

/// Reads what `ByteWriter` has written.
package struct ByteReader {
  private let bytes: UnsafeRawBufferPointer
  package private(set) var place = 0

  /// The bytes must outlive the reader.
  package init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  package var isAtEnd: Bool { place == bytes.count }

  package mutating func byte() throws(CodingFault) -> UInt8 {
    guard place < bytes.count else { throw CodingFault("ends within a value") }
    defer { place += 1 }
    return bytes[place]
  }

  package mutating func flag() throws(CodingFault) -> Bool { try byte() != 0 }

  package mutating func integer() throws(CodingFault) -> Int {
    Int(truncatingIfNeeded: Int64(bitPattern: try unsigned()))
  }

  package mutating func unsigned() throws(CodingFault) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      let next = try byte()
      value |= UInt64(next & 127) << shift
      if next < 128 { return value }
    }
    throw CodingFault("has a number of more than 64 bits")
  }

  /// A count of things of which each takes at least `size` bytes.
  package mutating func count(ofSize size: Int = 1) throws(CodingFault) -> Int {
    let count = try integer()
    guard count >= 0, count <= (bytes.count - place) / max(1, size) else {
      throw CodingFault("has a count that its bytes cannot hold")
    }
    return count
  }

  package mutating func fixed32() throws(CodingFault) -> UInt32 {
    guard bytes.count - place >= 4 else { throw CodingFault("ends within a value") }
    defer { place += 4 }
    return UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self))
  }

  package mutating func fixed64() throws(CodingFault) -> UInt64 {
    guard bytes.count - place >= 8 else { throw CodingFault("ends within a value") }
    defer { place += 8 }
    return UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self))
  }

  package mutating func double() throws(CodingFault) -> Double { Double(bitPattern: try fixed64()) }

  package mutating func optionalDouble() throws(CodingFault) -> Double? { try flag() ? try double() : nil }

  package mutating func text() throws(CodingFault) -> String {
    let count = try count()
    defer { place += count }
    return String(decoding: UnsafeRawBufferPointer(rebasing: bytes[place..<place + count]), as: UTF8.self)
  }

  package mutating func data() throws(CodingFault) -> [UInt8] {
    let count = try count()
    defer { place += count }
    return Array(bytes[place..<place + count])
  }

  /// What `put(inMemory:)` has written.
  package mutating func inMemory<Value: BitwiseCopyable>(_ type: Value.Type) throws(CodingFault) -> [Value] {
    let size = MemoryLayout<Value>.stride
    let count = try count(ofSize: size)
    let source = UnsafeRawBufferPointer(rebasing: bytes[place..<place + count * size])
    place += count * size
    return [Value](unsafeUninitializedCapacity: count) { values, made in
      UnsafeMutableRawBufferPointer(values).copyMemory(from: source)
      made = count
    }
  }

  /// A value of an enumeration that is written as a word.
  package mutating func word<Value: RawRepresentable>(_ type: Value.Type) throws(CodingFault) -> Value
  where Value.RawValue == String {
    let word = try text()
    guard let value = Value(rawValue: word) else { throw CodingFault("has the unknown word \"\(word)\"") }
    return value
  }
}
