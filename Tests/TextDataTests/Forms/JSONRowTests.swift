import Testing

@testable import TextData

@Suite struct JSONRowTests {
  /// Values are measured at the first reading. What is there at the next one may have been written anew meanwhile.
  @Test func aRowThatEndsEarlierThanItWasMeasuredIsRefused() throws {
    let bytes = Array(#"{"text": "as long as this", "label": "x"}"#.utf8)
    try bytes.withUnsafeBufferPointer { bytes in
      for end in bytes.indices {
        var row = JSONRow(bytes)
        var first = JSONCursor(bytes, bytes.indices)
        try row.read(&first)
        row.rewind()
        var second = JSONCursor(bytes, 0..<end)
        #expect(throws: JSONProblem.self, "\(end)") { try row.read(&second) }
        #expect(second.position <= end)
      }
    }
  }
}
