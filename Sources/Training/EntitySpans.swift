internal import TextData

/// An entity: its type's index and its words.
struct EntitySpan: Hashable, Sendable {
  var type: Int
  var words: ClosedRange<Int>
}

/// Finds entities in tag sequences given as indices: the tags are split once.
struct EntitySpans: Sendable {
  /// Entity types by index.
  let types: [String]
  private let prefixes: [TagPrefix]
  private let typeOfTag: [Int]
  /// The `O` that is imagined before and after a sentence.
  private let outside: Part

  /// `tags`: tag strings by index.
  init(tags: [String]) {
    var types: [String] = []
    var indices: [String: Int] = [:]
    let parts = tags.map { Tag($0) }
    typeOfTag = parts.map { part in
      // As seqeval calls it.
      let name = part.type.isEmpty ? "_" : part.type
      if let index = indices[name] { return index }
      indices[name] = types.count
      types.append(name)
      return types.count - 1
    }
    prefixes = parts.map(\.prefix)
    // `O` has the type of a tag without one.
    outside = (.outside, indices["_"] ?? -1)
    self.types = types
  }

  /// The index of a tag's type.
  func type(of tag: Int32) -> Int { typeOfTag[Int(tag)] }

  /// The entities of one sentence, in order; an `O` is imagined before its first word and after its last.
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

  private typealias Part = (prefix: TagPrefix, type: Int)

  private static func ends(_ previous: Part, _ current: Part) -> Bool {
    switch (previous.prefix, current.prefix) {
    case (.end, _), (.single, _), (.begin, .begin), (.begin, .single), (.begin, .outside), (.inside, .begin),
      (.inside, .single), (.inside, .outside):
      true
    default: previous.prefix != .outside && previous.type != current.type
    }
  }

  private static func starts(_ previous: Part, _ current: Part) -> Bool {
    switch (previous.prefix, current.prefix) {
    case (_, .begin), (_, .single), (.end, .end), (.end, .inside), (.single, .end), (.single, .inside),
      (.outside, .end), (.outside, .inside):
      true
    default: current.prefix != .outside && previous.type != current.type
    }
  }
}
