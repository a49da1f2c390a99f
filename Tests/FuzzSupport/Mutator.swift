internal import Glibc

/// Makes wrong inputs of right ones: the same ones, in the same order, for a seed.
public struct Mutator: RandomNumberGenerator {
  /// Inputs for each parser: as many as MTT_FUZZ says, else `count`, which suits an ordinary test run.
  public static func rounds(_ count: Int) -> Int { getenv("MTT_FUZZ").flatMap { Int(String(cString: $0)) } ?? count }

  private var state: UInt64
  private let spice: [[UInt8]]

  /// `spice`: what means something to the parser; pieces of it are mixed in.
  public init(seed: UInt64, spice: [String]) {
    state = seed
    let numbers = ["0", "-1", "1e999", "9223372036854775807", "-9223372036854775808", "18446744073709551616"]
    let bytes: [[UInt8]] = [
      [0], [0x1B], [0x7F], [0x80], [0xC3, 0xA9], [0xED, 0xA0, 0x80], [0xFF], [0xEF, 0xBB, 0xBF],
    ]
    self.spice = (spice + numbers).map { Array($0.utf8) } + bytes
  }

  /// SplitMix64.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// A number in `0..<bound`.
  public mutating func below(_ bound: Int) -> Int {
    Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// The input with one to four changes, most often one.
  public mutating func mutate(_ original: [UInt8]) -> [UInt8] {
    var bytes = original
    for _ in 0...(below(3) == 0 ? below(4) : 0) { change(&bytes) }
    return bytes
  }

  private mutating func change(_ bytes: inout [UInt8]) {
    let place = below(bytes.count + 1)
    let end = min(bytes.count, place + below(24))
    switch below(9) {
    case 0: bytes.insert(contentsOf: spice[below(spice.count)], at: place)
    case 1: bytes.replaceSubrange(place..<end, with: spice[below(spice.count)])
    case 2: bytes.removeSubrange(place..<end)
    case 3: bytes.insert(contentsOf: bytes[place..<end], at: below(bytes.count + 1))
    case 4: bytes.insert(UInt8(below(256)), at: place)
    case 5 where place < bytes.count: bytes[place] = UInt8(below(256))
    case 6 where place < bytes.count: bytes[place] ^= 1 << UInt8(below(8))
    case 7 where place < bytes.count: bytes.remove(at: place)
    // Cuts are rare: little is left of the input after one.
    case 8 where below(4) == 0: bytes.removeSubrange(place...)
    default: if !bytes.isEmpty { bytes.swapAt(below(bytes.count), below(bytes.count)) }
    }
  }

  /// Feeds a parser so many mutated inputs, and says on standard output what came of them.
  ///
  /// `parse`: gets each input; throws where it is refused.
  /// Returns how many were taken and how many refused.
  public mutating func feed(
    _ name: String, rounds: Int, inputs: [[UInt8]], parse: ([UInt8]) throws -> Void
  ) -> (taken: Int, refused: Int) {
    var refused = 0
    for _ in 0..<rounds {
      do { try parse(mutate(inputs[below(inputs.count)])) } catch { refused += 1 }
    }
    print("fuzz: \(name): \(rounds) inputs, \(rounds - refused) taken, \(refused) refused")
    return (rounds - refused, refused)
  }
}
