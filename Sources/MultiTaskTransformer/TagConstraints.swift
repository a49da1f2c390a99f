/// Which tag may follow which: in BIO, `I-x` only after `B-x` or `I-x`.
public struct TagConstraints: Hashable, Sendable {
  /// What a tag does in an entity of a type.
  public enum Role: Hashable, Sendable {
    case begins(String), continues(String)
    /// Outside entities, or nothing that BIO knows.
    case other
  }

  /// Number of each tag's type; nil outside entities.
  private let types: [Int?]
  /// The tags that go on with an entity.
  let inside: [Int]
  private let isInside: [Bool]

  public var tagCount: Int { types.count }

  /// Of tags by what they do.
  public init(_ roles: [Role]) {
    var numbers: [String: Int] = [:]
    types = roles.map { role in
      switch role {
      case .other: return nil
      case .begins(let type), .continues(let type):
        let number = numbers[type] ?? numbers.count
        numbers[type] = number
        return number
      }
    }
    isInside = roles.map { if case .continues = $0 { true } else { false } }
    inside = isInside.indices.filter { [isInside] in isInside[$0] }
  }

  public func allows(_ to: Int, after from: Int) -> Bool { !isInside[to] || types[to] == types[from] }

  /// Whether a tag may begin a sentence.
  public func allowsFirst(_ tag: Int) -> Bool { !isInside[tag] }
}
