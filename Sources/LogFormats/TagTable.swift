internal import Glibc

/// The tags of one event file by their bytes, most often found without a dictionary: writers repeat them in one order.
struct TagTable: Sendable {
  /// What a tag's values are, as far as its metadata have said: only the first value of a tag need carry them.
  enum Kind: UInt8, Sendable {
    /// Nothing was said: a number where it is one.
    case unknown
    case scalar, text, hparams, other
  }

  struct Tag: Sendable {
    var name: [UInt8]
    var kind: Kind = .unknown
    /// The metric's place in the run, once it has a point.
    var metric: Int?
    /// The tag that followed it last.
    var next = 0
  }

  var tags: [Tag] = []
  private var index: [[UInt8]: Int] = [:]
  private var last = 0

  /// The number of a tag, made on first use.
  mutating func number(of name: UnsafeRawBufferPointer) -> Int {
    if last < tags.count {
      let guess = tags[last].next
      if guess < tags.count, Self.isSame(tags[guess].name, name) {
        last = guess
        return guess
      }
    }
    let bytes = [UInt8](name)
    let number = index[bytes] ?? tags.count
    if number == tags.count {
      index[bytes] = number
      tags.append(Tag(name: bytes))
    }
    tags[last].next = number
    last = number
    return number
  }

  private static func isSame(_ name: [UInt8], _ other: UnsafeRawBufferPointer) -> Bool {
    guard name.count == other.count else { return false }
    guard let right = other.baseAddress else { return true }
    return name.withUnsafeBytes { left in
      guard let left = left.baseAddress else { return true }
      return memcmp(left, right, other.count) == 0
    }
  }
}
