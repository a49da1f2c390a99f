/// The number in a TensorProto of one element, of every numeric type.
struct TensorScalar {
  private var type: UInt64 = 0
  private var elements = 1
  private var value: Double?
  private var content: Range<Int>?
  private(set) var firstText: Range<Int>?

  /// nil where the tensor has more than one element, or is no number.
  static func value(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Double? {
    var tensor = TensorScalar()
    guard tensor.read(bytes, range), tensor.elements == 1 else { return nil }
    if let value = tensor.value { return value }
    guard let content = tensor.content else {
      // A number that is 0 need not be written.
      return tensor.isNumeric && tensor.firstText == nil ? 0 : nil
    }
    return tensor.decode(bytes, content)
  }

  /// The first text of a tensor of texts.
  static func text(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Range<Int>? {
    var tensor = TensorScalar()
    return tensor.read(bytes, range) ? tensor.firstText : nil
  }

  private var isNumeric: Bool { [1, 2, 3, 4, 5, 6, 9, 10, 14, 17, 19, 22, 23].contains(type) }

  private mutating func read(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Bool {
    var reader = WireReader(bytes, range)
    while reader.next() {
      switch (reader.field, reader.type) {
      case (1, 0): type = reader.varint()
      case (2, 2): elements = Self.elements(bytes, reader.range())
      case (4, 2):
        let range = reader.range()
        if !range.isEmpty { content = range }
      case (5, 5): take(Double(Float(bitPattern: reader.fixed32())))
      case (5, 2): takePacked(bytes, reader.range()) { Double(Float(bitPattern: $0.fixed32())) }
      case (6, 1): take(Double(bitPattern: reader.fixed64()))
      case (6, 2): takePacked(bytes, reader.range()) { Double(bitPattern: $0.fixed64()) }
      case (7, 0), (10, 0): take(Double(Int64(bitPattern: reader.varint())))
      case (7, 2), (10, 2): takePacked(bytes, reader.range()) { Double(Int64(bitPattern: $0.varint())) }
      case (8, 2):
        let range = reader.range()
        if firstText == nil { firstText = range }
      case (11, 0), (16, 0), (17, 0): take(Double(reader.varint()))
      case (11, 2), (16, 2), (17, 2): takePacked(bytes, reader.range()) { Double($0.varint()) }
      case (13, 0):
        let half = reader.varint()
        take(decodeHalf(UInt16(truncatingIfNeeded: half)))
      case (13, 2):
        let isBrain = type == 14
        takePacked(bytes, reader.range()) { Self.half(UInt16(truncatingIfNeeded: $0.varint()), isBrain: isBrain) }
      default: reader.skip()
      }
    }
    return !reader.isBroken
  }

  private mutating func take(_ number: Double) { if value == nil { value = number } }

  private mutating func takePacked(
    _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, _ number: (inout WireReader) -> Double
  ) {
    guard !range.isEmpty else { return }
    var reader = WireReader(bytes, range)
    take(number(&reader))
  }

  private func decodeHalf(_ bits: UInt16) -> Double { Self.half(bits, isBrain: type == 14) }

  private static func half(_ bits: UInt16, isBrain: Bool) -> Double {
    if isBrain { return Double(Float(bitPattern: UInt32(bits) << 16)) }
    let sign = bits >> 15 == 1 ? -1.0 : 1.0
    let (exponent, fraction) = (Int(bits >> 10 & 31), Double(bits & 1023))
    switch exponent {
    case 0: return sign * fraction * 0x1p-24
    case 31: return fraction == 0 ? sign * .infinity : .nan
    default: return sign * (1 + fraction / 1024) * Double(sign: .plus, exponent: exponent - 15, significand: 1)
    }
  }

  /// The product of a shape's sizes; 1 for a scalar.
  private static func elements(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Int {
    var shape = WireReader(bytes, range)
    var product = 1
    while shape.next() {
      guard shape.field == 2, shape.type == 2 else {
        shape.skip()
        continue
      }
      var dimension = WireReader(bytes, shape.range())
      var size: UInt64 = 0
      while dimension.next() {
        if dimension.field == 1, dimension.type == 0 { size = dimension.varint() } else { dimension.skip() }
      }
      product = size <= 1 << 32 ? product.multipliedReportingOverflow(by: Int(size)).partialValue : 0
    }
    return product
  }

  /// The one element of raw bytes.
  private func decode(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Double? {
    func bits<Bits: FixedWidthInteger>(_: Bits.Type) -> Bits? {
      guard range.count == MemoryLayout<Bits>.size else { return nil }
      return Bits(littleEndian: bytes.loadUnaligned(fromByteOffset: range.lowerBound, as: Bits.self))
    }
    switch type {
    case 1: return bits(UInt32.self).map { Double(Float(bitPattern: $0)) }
    case 2: return bits(UInt64.self).map { Double(bitPattern: $0) }
    case 3: return bits(Int32.self).map(Double.init)
    case 4, 10: return bits(UInt8.self).map(Double.init)
    case 5: return bits(Int16.self).map(Double.init)
    case 6: return bits(Int8.self).map(Double.init)
    case 9: return bits(Int64.self).map(Double.init)
    case 14, 19: return bits(UInt16.self).map(decodeHalf)
    case 17: return bits(UInt16.self).map(Double.init)
    case 22: return bits(UInt32.self).map(Double.init)
    case 23: return bits(UInt64.self).map(Double.init)
    default: return nil
    }
  }
}
