internal import TextData

/// How tags mark where entities begin and end, read strictly: what breaks the scheme is no entity.
enum EntityScheme: String, Sendable, CaseIterable {
  case iob2 = "IOB2"
  case iob1 = "IOB1"
  case iobes = "IOBES"
  case bilou = "BILOU"

  var prefixes: Set<TagPrefix> {
    switch self {
    case .iob2, .iob1: [.inside, .outside, .begin]
    case .iobes: [.inside, .outside, .begin, .end, .single]
    case .bilou: [.inside, .outside, .begin, .last, .unit]
    }
  }

  /// Whether an entity begins at a tag after another; `same`: both have one type.
  fileprivate func starts(_ previous: TagPrefix, _ current: TagPrefix, same: Bool) -> Bool {
    switch self {
    case .iob2: current == .begin
    case .iobes: current == .begin || current == .single
    case .bilou: current == .begin || current == .unit
    case .iob1:
      switch (previous, current) {
      case (.outside, .inside), (.begin, .inside): true
      case (.inside, .inside): !same
      case (.inside, .begin), (.begin, .begin): same
      default: false
      }
    }
  }

  /// Whether a tag goes on with the entity of the one before.
  fileprivate func continues(_ previous: TagPrefix, _ current: TagPrefix, same: Bool) -> Bool {
    guard same, previous == .begin || previous == .inside else { return false }
    return switch self {
    case .iob2, .iob1: current == .inside
    case .iobes: current == .inside || current == .end
    case .bilou: current == .inside || current == .last
    }
  }

  /// Whether the entity of the tag before is complete.
  fileprivate func ends(_ previous: TagPrefix, _ current: TagPrefix, same: Bool) -> Bool {
    switch self {
    case .iobes: previous == .single || previous == .end
    case .bilou: previous == .unit || previous == .last
    case .iob2, .iob1:
      switch (previous, current) {
      case (.inside, .outside), (.inside, .begin), (.begin, .outside): true
      case (.inside, .inside), (.begin, .inside): !same
      case (.begin, .begin): self == .iob2 || same
      default: false
      }
    }
  }
}

/// Finds entities as seqeval's strict mode does, in tag sequences given as indices.
struct StrictSpans: Sendable {
  /// Entity types by index.
  let types: [String]
  private let scheme: EntityScheme
  private let prefixes: [TagPrefix]
  private let typeOfTag: [Int]

  /// `tags`: tag strings by index. nil if one of them has a prefix that the scheme has not.
  init?(tags: [String], scheme: EntityScheme) {
    var types: [String] = []
    var indices: [String: Int] = [:]
    var prefixes: [TagPrefix] = []
    var typeOfTag: [Int] = []
    for tag in tags {
      let tag = Tag(tag)
      guard scheme.prefixes.contains(tag.prefix) else { return nil }
      // Hyphens around a type are none of it to seqeval in this mode.
      let name = tag.type.drop { $0 == "-" }
      let type = name.isEmpty ? "_" : String(name.dropLast(name.reversed().prefix { $0 == "-" }.count))
      if indices[type] == nil {
        indices[type] = types.count
        types.append(type)
      }
      prefixes.append(tag.prefix)
      typeOfTag.append(indices[type] ?? 0)
    }
    self.types = types
    self.scheme = scheme
    self.prefixes = prefixes
    self.typeOfTag = typeOfTag
  }

  /// The entities of one sentence, in order; an `O` is imagined after its last word.
  func spans(in tags: some RandomAccessCollection<Int32>) -> [EntitySpan] {
    let sequence = tags.map { (prefix: prefixes[Int($0)], type: typeOfTag[Int($0)]) } + [(prefix: .outside, type: -1)]
    var spans: [EntitySpan] = []
    var previous = (prefix: TagPrefix.outside, type: -1)
    var word = 0
    while word < sequence.count {
      let first = sequence[word]
      guard scheme.starts(previous.prefix, first.prefix, same: previous.type == first.type) else {
        previous = first
        word += 1
        continue
      }
      var end = word + 1
      var last = first
      while end < sequence.count,
        scheme.continues(last.prefix, sequence[end].prefix, same: last.type == sequence[end].type)
      {
        last = sequence[end]
        end += 1
      }
      // The imagined `O` begins nothing, so `end` is one of the sequence.
      let next = sequence[min(end, sequence.count - 1)]
      if scheme.ends(last.prefix, next.prefix, same: last.type == next.type) {
        spans.append(EntitySpan(type: first.type, words: word...(end - 1)))
      }
      previous = last
      word = end
    }
    return spans
  }
}
