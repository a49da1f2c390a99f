/// The entity types of a set of BIO tags, and the tags of each.
struct SpanTypes: Sendable {
  /// By tag: the entity type it belongs to, -1 for none; and whether it begins a span.
  private let typeOfTag: [Int16]
  private let beginsSpan: [Bool]
  /// By type: the tags of a span's first and later words; -1 where there are none.
  private let firstTag: [Int16]
  private let laterTag: [Int16]

  init(_ tags: [String]) {
    let parts = tags.map(Tag.init)
    var types: [String: Int16] = [:]
    var typeOfTag: [Int16] = []
    var firstTag: [Int16] = []
    var laterTag: [Int16] = []
    for (tag, part) in parts.enumerated() {
      guard [.begin, .inside].contains(part.prefix), !part.type.isEmpty else {
        typeOfTag.append(-1)
        continue
      }
      let type = types[part.type, default: Int16(types.count)]
      if types.updateValue(type, forKey: part.type) == nil {
        firstTag.append(-1)
        laterTag.append(-1)
      }
      if part.prefix == .begin { firstTag[Int(type)] = Int16(tag) } else { laterTag[Int(type)] = Int16(tag) }
      typeOfTag.append(type)
    }
    self.typeOfTag = typeOfTag
    self.firstTag = firstTag
    self.laterTag = laterTag
    beginsSpan = parts.map { $0.prefix == .begin }
  }

  /// The type of a tag, -1 for none.
  @inline(__always)
  func type(of tag: Int16) -> Int16 { tag >= 0 && Int(tag) < typeOfTag.count ? typeOfTag[Int(tag)] : -1 }

  /// The tags of a span's first and later words; nil where the type has none for a span of so many words.
  func tags(of type: Int16, words: Int) -> (first: Int16, later: Int16)? {
    let tags = (first: firstTag[Int(type)], later: laterTag[Int(type)])
    return tags.first >= 0 && (words == 1 || tags.later >= 0) ? tags : nil
  }

  /// Calls `body` with the type and the places of each BIO span of `tags`.
  @inline(__always)
  func forEachSpan(in tags: ArraySlice<Int16>, _ body: (Int16, Range<Int>) -> Void) {
    var place = tags.startIndex
    while place < tags.endIndex {
      let own = type(of: tags[place])
      guard own >= 0 else {
        place += 1
        continue
      }
      let first = place
      place += 1
      while place < tags.endIndex, type(of: tags[place]) == own, !beginsSpan[Int(tags[place])] { place += 1 }
      body(own, first..<place)
    }
  }
}
