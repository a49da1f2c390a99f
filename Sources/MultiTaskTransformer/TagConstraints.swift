/// Which tag may follow which: in BIO, `I-x` only after `B-x` or `I-x`.
public struct TagConstraints: Hashable, Sendable {
  /// Number of each tag's type; nil outside entities.
  private let types: [Int?]
  /// The tags that go on with an entity.
  let inside: [Int]
  private let isInside: [Bool]

  public var tagCount: Int { types.count }

  /// Of tags named in BIO form (IOB2).
  public init(bioTags names: [String]) {
    var numbers: [Substring: Int] = [:]
    types = names.map { name in
      guard name.hasPrefix("B-") || name.hasPrefix("I-") else { return nil }
      let type = name.dropFirst(2)
      let number = numbers[type] ?? numbers.count
      numbers[type] = number
      return number
    }
    isInside = names.map { $0.hasPrefix("I-") }
    inside = isInside.indices.filter { [isInside] in isInside[$0] }
  }

  public func allows(_ to: Int, after from: Int) -> Bool { !isInside[to] || types[to] == types[from] }

  /// Whether a tag may begin a sentence.
  public func allowsFirst(_ tag: Int) -> Bool { !isInside[tag] }
}
