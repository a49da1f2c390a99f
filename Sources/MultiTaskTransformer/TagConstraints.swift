/// Which tag may follow which: in BIO, `I-x` only after `B-x` or `I-x`.
public struct TagConstraints: Hashable, Sendable {
  public let tagCount: Int
  /// [from, to], row-major.
  public let allowed: [Bool]
  /// [tags]: which may begin a sentence.
  public let allowedFirst: [Bool]

  /// Of tags named in BIO form (IOB2).
  public init(bioTags names: [String]) {
    tagCount = names.count
    func type(_ name: String) -> Substring { name.dropFirst(2) }
    func isInside(_ name: String) -> Bool { name.hasPrefix("I-") }
    allowedFirst = names.map { !isInside($0) }
    var allowed: [Bool] = []
    for from in names {
      for to in names {
        allowed.append(!isInside(to) || ((from.hasPrefix("B-") || isInside(from)) && type(from) == type(to)))
      }
    }
    self.allowed = allowed
  }
}
