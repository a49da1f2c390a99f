/// How tags mark where entities begin and end.
enum TagScheme: String, Sendable {
  /// B begins every entity, I goes on.
  case iob2 = "IOB2"
  /// I marks entities; B only begins one that follows another of its type at once.
  case iob1 = "IOB1"
  /// B, I, E mark entities of several words, S those of one (also written BIOES, or BMES with M for I).
  case iobes = "IOBES"
  /// B, I, L mark entities of several words, U those of one.
  case bilou = "BILOU"
}

/// The tags of a corpus taken apart: prefix and type of each.
struct TagParts: Sendable {
  /// nil for `O`.
  var prefix: [TagPrefix?] = []
  /// Number of the type among `types`; -1 for `O`.
  var type: [Int32] = []
  private(set) var types = StringTable()

  init(_ tags: StringTable) {
    for tag in 0..<tags.count {
      tags.strings.withBytes(of: tag) { bytes in
        guard let first = bytes.first, let letter = TagPrefix(rawValue: first) else {
          prefix.append(nil)
          type.append(-1)
          return
        }
        prefix.append(letter)
        type.append(types.intern(bytes.slice(min(2, bytes.count)..<bytes.count)))
      }
    }
  }

  /// The letter and type of a tag in a column; no letter for `O` and for words without a tag.
  func callAsFunction(_ tag: Int16) -> (prefix: TagPrefix?, type: Int32) {
    tag < 0 ? (nil, -1) : (prefix[Int(tag)], type[Int(tag)])
  }
}

extension SplitColumns {
  /// The scheme of the tags; nil for a mixture.
  func scheme(_ parts: TagParts) -> TagScheme? {
    var detector = SchemeDetector()
    for row in 0..<count {
      detector.beginSentence()
      for position in wordStarts[row]..<wordStarts[row + 1] {
        let (prefix, type) = parts(tags[position])
        detector.add(prefix, type: type)
      }
    }
    return detector.scheme
  }
}

/// Tells the scheme of tags that it is shown one by one: by the letters that occur, and IOB1 if I begins entities where
/// IOB2 would have B.
///
/// IOB1 is told from IOB2 with mistakes by its B, which always follows an entity of the same type.
struct SchemeDetector {
  private var letters: Set<TagPrefix> = []
  private var last: TagPrefix?
  private var previous: Int32 = -1
  /// Whether a B began an entity that did not follow another of its type.
  private var beginsFreely = false
  private var hasOrphans = false

  mutating func beginSentence() { previous = -1 }

  /// `type`: a number that is the same for the same type; -1 for `O`, whose prefix is nil.
  mutating func add(_ prefix: TagPrefix?, type: Int32) {
    if let prefix, prefix != last {
      letters.insert(prefix)
      last = prefix
    }
    if prefix == .begin, previous != type { beginsFreely = true }
    if prefix == .inside, previous != type { hasOrphans = true }
    previous = type
  }

  /// nil if tags of IOBES and of BILOU are mixed.
  var scheme: TagScheme? {
    let hasIOBES = !letters.isDisjoint(with: [.end, .single, .middle])
    let hasBILOU = !letters.isDisjoint(with: [.last, .unit])
    if hasIOBES { return hasBILOU ? nil : .iobes }
    if hasBILOU { return .bilou }
    return hasOrphans && !beginsFreely ? .iob1 : .iob2
  }
}

extension CorpusBuilder {
  /// Turns the tags of a split into IOB2, whatever scheme they came in.
  ///
  /// IOB1 is looked for in column files alone, where it occurs: elsewhere an I without a B before it stays as it is.
  mutating func convertToIOB2(_ columns: inout SplitColumns, of source: SplitSource) throws(DataError) {
    guard !columns.tags.isEmpty else { return }
    let parts = TagParts(tags)
    guard let scheme = columns.scheme(parts) else { throw source.mixedSchemes }
    let dropped = convert(&columns, from: scheme, parts, of: source)
    if let remark = source.remark(on: scheme, dropped: dropped.count, first: dropped.first) {
      report.remarks.append(remark)
    }
  }

  /// Turns tags of a known scheme into IOB2; says which words were outside any complete entity.
  mutating func convert(
    _ columns: inout SplitColumns, from scheme: TagScheme, _ parts: TagParts, of source: SplitSource
  ) -> FirstAndCount {
    switch scheme {
    case .iob2: break
    case .iob1:
      if source.mayBeIOB1 { convertIOB1(&columns, parts) }
    case .iobes, .bilou: return convertSpans(&columns, parts)
    }
    return FirstAndCount()
  }

  /// The tag `letter-type`, new if no split had it; seen first where `like` was.
  private mutating func tag(_ letter: String, _ type: Int32, _ parts: TagParts, like: Int16) -> Int16 {
    let name = parts.types.string(type)
    let id = tags.intern(name.isEmpty ? letter : "\(letter)-\(name)")
    if Int(id) == tagPlaces.count { tagPlaces.append(like < 0 ? "" : tagPlaces[Int(like)]) }
    return Int16(id)
  }

  private mutating func convertIOB1(_ columns: inout SplitColumns, _ parts: TagParts) {
    for row in 0..<columns.count {
      var previous: Int32 = -1
      for position in columns.wordStarts[row]..<columns.wordStarts[row + 1] {
        let old = columns.tags[position]
        let (prefix, type) = parts(old)
        if prefix == .inside, previous != type { columns.tags[position] = tag("B", type, parts, like: old) }
        previous = type
      }
    }
  }

  /// Writes the complete entities of IOBES or BILOU as IOB2; tags that are part of none become `O`.
  private mutating func convertSpans(_ columns: inout SplitColumns, _ parts: TagParts) -> FirstAndCount {
    var dropped = FirstAndCount()
    knowOutside()
    let outside = tags.intern("O")
    for row in 0..<columns.count {
      let range = columns.wordStarts[row]..<columns.wordStarts[row + 1]
      let old = Array(columns.tags[range])
      var position = 0
      while position < old.count {
        let (prefix, type) = parts(old[position])
        let length = prefix == nil ? 1 : spanLength(old[position...], parts)
        let start = range.lowerBound + position
        if prefix != nil, length == 0 {
          columns.tags[start] = Int16(outside)
          dropped.note(row + 1)
        } else if prefix != nil {
          columns.tags[start] = tag("B", type, parts, like: old[position])
          for next in 1..<max(length, 1) {
            columns.tags[start + next] = tag("I", type, parts, like: old[position + next])
          }
        }
        position += max(length, 1)
      }
    }
    return dropped
  }

  /// Words of the complete entity that begins `tags`, 0 if none does.
  private func spanLength(_ tags: ArraySlice<Int16>, _ parts: TagParts) -> Int {
    guard let first = tags.first else { return 0 }
    let (opening, type) = parts(first)
    if opening == .single || opening == .unit { return 1 }
    guard opening == .begin else { return 0 }
    for (index, tag) in tags.enumerated().dropFirst() {
      let (prefix, nextType) = parts(tag)
      guard nextType == type else { return 0 }
      if prefix == .end || prefix == .last { return index + 1 }
      guard prefix == .inside || prefix == .middle else { return 0 }
    }
    return 0
  }
}

extension SplitSource {
  /// Whether tags that look like IOB1 are.
  var mayBeIOB1: Bool {
    if case .conll = self { return true }
    return false
  }

  var mixedSchemes: DataError {
    .malformed(tagPath, "tags of IOBES (E-, S-) and of BILOU (L-, U-) are mixed: use one scheme")
  }

  /// What to tell about a conversion to IOB2: how many words became `O`, and the first one's sentence, from 1.
  func remark(on scheme: TagScheme, dropped: Int, first: Int?) -> String? {
    switch scheme {
    case .iob2: return nil
    case .iob1: return mayBeIOB1 ? "\(tagPath): tags are IOB1, converted to IOB2." : nil
    case .iobes, .bilou:
      let remark = "\(tagPath): tags are \(scheme.rawValue), converted to IOB2."
      guard let first else { return remark }
      return remark
        + " \(counted(dropped, "word")) outside any complete entity became O, the first in sentence \(first)."
    }
  }
}
