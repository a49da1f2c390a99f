/// Which tag may follow which: in BIO, `I-x` only after `B-x` or `I-x`.
public struct TagConstraints: Hashable, Sendable {
  /// What a tag does in an entity of a type.
  public enum Role: Hashable, Sendable {
    case begins(String), continues(String)
    /// Outside entities, or nothing that BIO knows.
    case other
  }

  public let tagCount: Int
  /// [from, to], row-major.
  public let allowed: [Bool]
  /// [tags]: which may begin a sentence.
  public let allowedFirst: [Bool]

  /// Of tags by what they do.
  public init(_ roles: [Role]) {
    tagCount = roles.count
    func mayFollow(_ from: Role?, _ to: Role) -> Bool {
      guard case .continues(let type) = to else { return true }
      return from == .begins(type) || from == .continues(type)
    }
    allowedFirst = roles.map { mayFollow(nil, $0) }
    allowed = roles.flatMap { from in roles.map { mayFollow(from, $0) } }
  }
}
