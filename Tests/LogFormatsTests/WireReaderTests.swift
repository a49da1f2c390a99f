import Testing

@testable import LogFormats

/// Messages as bytes, written by hand: https://protobuf.dev/programming-guides/encoding
@Suite struct WireReaderTests {
  /// The numbers in field 1; nil where the message is malformed.
  private func numbers(_ bytes: [UInt8]) -> [UInt64]? {
    bytes.withUnsafeBytes { bytes in
      var reader = WireReader(bytes)
      var numbers: [UInt64] = []
      while reader.next() {
        if reader.field == 1, reader.type == 0 { numbers.append(reader.varint()) } else { reader.skip() }
      }
      return reader.isBroken ? nil : numbers
    }
  }

  @Test(
    arguments: [
      ("a number", [0x10, 0x96, 0x01]), ("eight bytes", [0x11] + Array(1...8)), ("a text", [0x12, 0x02, 0x08, 0x07]),
      ("four bytes", [0x15, 1, 2, 3, 4]), ("an empty group", [0x73, 0x74]), ("a group", [0x73, 0x08, 0x05, 0x74]),
      ("a group in a group", [0x73, 0x7B, 0x08, 0x05, 0x7C, 0x12, 0x01, 0x74, 0x74]),
    ] as [(String, [UInt8])])
  func otherFieldsArePassedOver(_ name: String, _ field: [UInt8]) {
    #expect(numbers([0x08, 0x03] + field + [0x08, 0x04]) == [3, 4])
  }

  @Test(
    arguments: [
      ("a group without an end", [0x73, 0x08, 0x05]), ("an end without a group", [0x74]),
      ("half a number", [0x10, 0x96]),
      ("a text that is cut", [0x12, 0x05, 0x08]), ("a type that there is not", [0x17, 0x01]),
    ] as [(String, [UInt8])])
  func malformedFieldsAre(_ name: String, _ field: [UInt8]) {
    #expect(numbers([0x08, 0x03] + field) == nil)
  }
}
