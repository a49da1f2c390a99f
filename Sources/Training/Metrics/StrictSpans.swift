/// How tags mark where entities begin and end, read strictly: what breaks the scheme is no entity.
enum EntityScheme: String, Sendable, CaseIterable {
  case iob2 = "IOB2"
  case iob1 = "IOB1"
  case iobes = "IOBES"
  case bilou = "BILOU"

  var prefixes: String {
    switch self {
    case .iob2, .iob1: "IOB"
    case .iobes: "IOBES"
    case .bilou: "IOBLU"
    }
  }

  /// Whether an entity begins at a tag after another; `same`: both have one type.
  fileprivate func starts(_ previous: Character, _ current: Character, same: Bool) -> Bool {
    switch self {
    case .iob2: current == "B"
    case .iobes: current == "B" || current == "S"
    case .bilou: current == "B" || current == "U"
    case .iob1:
      switch (previous, current) {
      case ("O", "I"), ("B", "I"): true
      case ("I", "I"): !same
      case ("I", "B"), ("B", "B"): same
      default: false
      }
    }
  }

  /// Whether a tag goes on with the entity of the one before.
  fileprivate func continues(_ previous: Character, _ current: Character, same: Bool) -> Bool {
    guard same, previous == "B" || previous == "I" else { return false }
    return switch self {
    case .iob2, .iob1: current == "I"
    case .iobes: current == "I" || current == "E"
    case .bilou: current == "I" || current == "L"
    }
  }

  /// Whether the entity of the tag before is complete.
  fileprivate func ends(_ previous: Character, _ current: Character, same: Bool) -> Bool {
    switch self {
    case .iobes: previous == "S" || previous == "E"
    case .bilou: previous == "U" || previous == "L"
    case .iob2, .iob1:
      switch (previous, current) {
      case ("I", "O"), ("I", "B"), ("B", "O"): true
      case ("I", "I"), ("B", "I"): !same
      case ("B", "B"): self == .iob2 || same
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
  private let prefixes: [Character]
  private let typeOfTag: [Int]

  /// `tags`: tag strings by index. nil if one of them has a prefix that the scheme has not.
  init?(tags: [String], scheme: EntityScheme) {
    var types: [String] = []
    var indices: [String: Int] = [:]
    var prefixes: [Character] = []
    var typeOfTag: [Int] = []
    for tag in tags {
      guard let first = tag.first, scheme.prefixes.contains(first) else { return nil }
      var rest = tag.dropFirst().drop { $0 == "-" }
      while rest.last == "-" { rest.removeLast() }
      let type = rest.isEmpty ? "_" : String(rest)
      if indices[type] == nil {
        indices[type] = types.count
        types.append(type)
      }
      prefixes.append(first)
      typeOfTag.append(indices[type] ?? 0)
    }
    self.types = types
    self.scheme = scheme
    self.prefixes = prefixes
    self.typeOfTag = typeOfTag
  }

  /// The entities of one sentence, in order; an `O` is thought after its last word.
  func spans(in tags: some RandomAccessCollection<Int32>) -> [EntitySpan] {
    let sequence = tags.map { (prefix: prefixes[Int($0)], type: typeOfTag[Int($0)]) } + [(prefix: "O", type: -1)]
    var spans: [EntitySpan] = []
    var previous = (prefix: Character("O"), type: -1)
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
      // The thought `O` begins nothing, so `end` is one of the sequence.
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
