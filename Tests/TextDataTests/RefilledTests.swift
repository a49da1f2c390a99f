import Testing

@testable import TextData

@Suite("Values that are filled in anew")
struct RefilledTests {
  @Test("Whatever is appended and removed, an array has the same", arguments: 0..<20 as Range<UInt64>)
  func agreesWithArrays(seed: UInt64) {
    var chance = SplitMix64(seed: seed)
    var (values, wanted) = (Refilled<UInt8>(), [UInt8]())
    var copies: [(Refilled<UInt8>, [UInt8])] = []
    for _ in 0..<300 {
      switch chance.below(8) {
      case 0:
        values.removeAll()
        wanted.removeAll()
      case 1:
        copies.append((values, wanted))
      case 2, 3, 4:
        let more = (0..<chance.below(40)).map { _ in UInt8(chance.below(256)) }
        more.withUnsafeBufferPointer { values.append(contentsOf: $0) }
        wanted += more
      case 5:
        let more = (0..<chance.below(4)).lazy.map { UInt8($0) }
        values.append(contentsOf: more)
        wanted += more
      default:
        values.append(UInt8(wanted.count & 0xFF))
        wanted.append(UInt8(wanted.count & 0xFF))
      }
      #expect(values.count == wanted.count && Array(values) == wanted)
      #expect(wanted.indices.allSatisfy { values[$0] == wanted[$0] })
      #expect(values.withUnsafeBufferPointer { Array($0) } == wanted)
    }
    for (copy, wanted) in copies { #expect(Array(copy) == wanted) }
  }
}
