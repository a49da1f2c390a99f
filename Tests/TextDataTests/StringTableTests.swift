import Testing

@testable import TextData

@Suite("Strings numbered by first appearance")
struct StringTableTests {
  @Test("Strings of every length up to three words of the machine are told apart at every byte", arguments: 0...26)
  func everyByteCounts(length: Int) {
    var table = StringTable()
    let plain = [UInt8](repeating: UInt8(ascii: "a"), count: length)
    var strings = [plain, plain + [UInt8(ascii: "a")]]
    for place in plain.indices {
      var other = plain
      other[place] = UInt8(ascii: "b")
      strings.append(other)
      // The highest bit, which a number with a sign would keep apart from the others.
      other[place] ^= 0x80
      strings.append(other)
    }
    for _ in 1...2 {
      #expect(strings.map { $0.withUnsafeBufferPointer { table.intern($0) } } == strings.indices.map(Int32.init))
    }
    #expect(strings.allSatisfy { $0.withUnsafeBufferPointer { table.find($0) } != nil })
    #expect(table.count == strings.count)
    // Hashes alone would tell them apart above.
    for string in strings.dropFirst(2) {
      #expect(!string.withUnsafeBufferPointer { one in plain.withUnsafeBufferPointer { equal(one, $0) } })
    }
  }

  @Test("Nothing beyond a string is looked at", arguments: 0...17)
  func endsWhereItEnds(length: Int) {
    var table = StringTable()
    let first = [UInt8](repeating: 1, count: 40)
    var second = first
    for place in (8 + length)..<40 { second[place] = 2 }
    for place in 0..<8 { second[place] = 3 }
    let range = 8..<(8 + length)
    let id = first[range].withUnsafeBufferPointer { table.intern($0) }
    #expect(second[range].withUnsafeBufferPointer { table.intern($0) } == id)
  }
}
