/// A tag taken apart as seqeval's default mode (conlleval) does.
struct TagParts: Hashable, Sendable {
  /// The first character, such as `B` or `O`; `O` for an empty tag.
  var prefix: Character
  /// What follows the first `-` after it, or all that follows it without one; `_` if nothing does.
  var type: String

  static let outside = TagParts(prefix: "O", type: "_")

  init(prefix: Character, type: String) {
    self.prefix = prefix
    self.type = type
  }

  init(_ tag: String) {
    guard let first = tag.first else {
      self = .outside
      return
    }
    let rest = tag.dropFirst()
    let type = rest.firstIndex(of: "-").map { rest[rest.index(after: $0)...] } ?? rest
    prefix = first
    self.type = type.isEmpty ? "_" : String(type)
  }
}

/// An entity: its type's index and its words.
struct EntitySpan: Hashable, Sendable {
  var type: Int
  var words: ClosedRange<Int>
}

/// Finds entities in tag sequences given as indices: the tags are taken apart once.
struct EntitySpans: Sendable {
  /// Entity types by index.
  let types: [String]
  private let prefixes: [Character]
  private let typeOfTag: [Int]
  /// What is thought before and after a sentence.
  private let outside: Part

  /// `tags`: tag strings by index.
  init(tags: [String]) {
    var types: [String] = []
    var indices: [String: Int] = [:]
    let parts = tags.map { TagParts($0) }
    typeOfTag = parts.map { part in
      if let index = indices[part.type] { return index }
      indices[part.type] = types.count
      types.append(part.type)
      return types.count - 1
    }
    prefixes = parts.map(\.prefix)
    // `O` has the type of a tag without one.
    outside = (TagParts.outside.prefix, indices[TagParts.outside.type] ?? -1)
    self.types = types
  }

  /// The index of a tag's type.
  func type(of tag: Int32) -> Int { typeOfTag[Int(tag)] }

  /// The entities of one sentence, in order; an `O` is thought before its first word and after its last.
  func spans(in tags: some Collection<Int32>) -> [EntitySpan] {
    var spans: [EntitySpan] = []
    var previous = outside
    var begin = 0
    for (word, tag) in tags.enumerated() {
      let current: Part = (prefixes[Int(tag)], typeOfTag[Int(tag)])
      if Self.ends(previous, current) {
        spans.append(EntitySpan(type: previous.type, words: begin...(word - 1)))
      }
      if Self.starts(previous, current) { begin = word }
      previous = current
    }
    if Self.ends(previous, outside) {
      spans.append(EntitySpan(type: previous.type, words: begin...(tags.count - 1)))
    }
    return spans
  }

  private typealias Part = (prefix: Character, type: Int)

  private static func ends(_ previous: Part, _ current: Part) -> Bool {
    if "ES".contains(previous.prefix) { return true }
    if "BI".contains(previous.prefix), "BSO".contains(current.prefix) { return true }
    return !"O.".contains(previous.prefix) && previous.type != current.type
  }

  private static func starts(_ previous: Part, _ current: Part) -> Bool {
    if "BS".contains(current.prefix) { return true }
    if "ESO".contains(previous.prefix), "EI".contains(current.prefix) { return true }
    return !"O.".contains(current.prefix) && previous.type != current.type
  }
}
