/// How tags mark where entities begin and end.
enum TagScheme: String, Sendable {
  /// B begins every entity, I goes on.
  case iob2 = "IOB2"
  /// I marks entities; B only begins one that touches another.
  case iob1 = "IOB1"
  /// I alone marks entities; those of one type that touch are one.
  case io = "IO"
  /// B, I, E mark entities of several words, S those of one (also written BIOES, or BMES with M for I).
  case iobes = "IOBES"
  /// B, I, L mark entities of several words, U those of one.
  case bilou = "BILOU"
}

/// Tells the scheme of the tags of one file, whatever its form, from all of them: by the letters that occur, and by
/// numbers where only B and I do.
///
/// An I that begins an entity is a mistake in IOB2, a B after `O` is one in IOB1: what occurs more often is meant.
struct SchemeDetector: Sendable {
  private var hasIOBES = false
  private var hasBILOU = false
  private var hasBegin = false
  /// B at a sentence's start or after `O`.
  private var freeBegins = 0
  /// I that goes on with no entity of its type.
  private(set) var orphans = FirstAndCount()
  private var previous: Int32 = -1

  mutating func beginSentence() { previous = -1 }

  /// - Parameters:
  ///   - type: a number that is the same for the same type; -1 for `O`.
  ///   - line: where the tag stands.
  mutating func add(_ prefix: TagPrefix, type: Int32, line: @autoclosure () -> Int) {
    switch prefix {
    case .begin:
      hasBegin = true
      if previous < 0 { freeBegins += 1 }
    case .inside: if previous != type { orphans.note(line()) }
    case .end, .single, .middle: hasIOBES = true
    case .last, .unit: hasBILOU = true
    case .outside, .other: break
    }
    previous = type
  }

  /// nil if tags of IOBES and of BILOU are mixed.
  var scheme: TagScheme? {
    if hasIOBES { return hasBILOU ? nil : .iobes }
    if hasBILOU { return .bilou }
    guard orphans.count > freeBegins else { return .iob2 }
    return hasBegin ? .iob1 : .io
  }

  /// The scheme; throws for a mixture.
  func scheme(of source: any SplitSource) throws(DataError) -> TagScheme {
    guard let scheme else {
      throw .malformed(
        source.tagPath, "tags of IOBES (E-, S-) and of BILOU (L-, U-) are mixed: use one scheme")
    }
    return scheme
  }

  /// What the log says of the scheme of a file.
  ///
  /// - Parameter dropped: words that became `O` in the conversion, and the sentence of the first, from 1.
  func remark(on source: any SplitSource, dropped: FirstAndCount) -> String? {
    guard let scheme else { return nil }
    switch scheme {
    case .iob2:
      return orphans.remark(source.tagPath) { count in
        "\(counted(count, "I- tag")) without B- or I- of the same type before \(count == 1 ? "it" : "them") in IOB2 tags, "
          + "left as \(count == 1 ? "it is" : "they are"): a prediction cannot be equal to such an entity."
      }
    case .iob1, .io: return "\(source.tagPath): tags are \(scheme.rawValue), converted to IOB2."
    case .iobes, .bilou:
      let remark = "\(source.tagPath): tags are \(scheme.rawValue), converted to IOB2."
      guard let first = dropped.first else { return remark }
      return remark
        + " \(counted(dropped.count, "word")) outside any complete entity became O, the first in sentence \(first)."
    }
  }
}

/// Recognises the scheme of sentences' tags without keeping the sentences.
struct SchemeReader {
  var detector = SchemeDetector()
  private(set) var hasSentences = false
  private var tags = TagTable()

  mutating func add(_ sentence: borrowing Sentence) {
    hasSentences = true
    detector.beginSentence()
    for index in 0..<sentence.tags.count {
      if sentence.tags.range(of: index).isEmpty {
        detector.add(.outside, type: -1, line: 0)
        continue
      }
      let tag = Int(sentence.tags.withBytes(of: index) { tags.intern($0) })
      let line = sentence.line(ofWord: index)
      detector.add(tags.prefixes[tag], type: tags.typeNumbers[tag], line: line)
    }
  }
}

extension CorpusBuilder {
  /// Turns tags of a known scheme into IOB2; says which words were outside any complete entity.
  mutating func convert(_ columns: inout SplitColumns, from scheme: TagScheme) -> FirstAndCount {
    guard !columns.tags.isEmpty else { return FirstAndCount() }
    switch scheme {
    case .iob2: break
    case .iob1, .io: convertIOB1(&columns)
    case .iobes, .bilou: return convertSpans(&columns)
    }
    return FirstAndCount()
  }

  /// The tag of another prefix and the same type, new if no split had it; seen first where the old one was.
  private mutating func tag(_ prefix: TagPrefix, like old: Int16) -> Int16 {
    let id = tags.intern(prefix, like: Int32(old))
    if Int(id) == tagPlaces.count { tagPlaces.append(tagPlaces[Int(old)]) }
    return Int16(id)
  }

  private mutating func convertIOB1(_ columns: inout SplitColumns) {
    for row in 0..<columns.count {
      var previous: Int32 = -1
      for position in columns.wordStarts[row]..<columns.wordStarts[row + 1] {
        let old = columns.tags[position]
        let (prefix, type) = tags.parts(old)
        if prefix == .inside, previous != type { columns.tags[position] = tag(.begin, like: old) }
        previous = type
      }
    }
  }

  /// Writes the complete entities of IOBES or BILOU as IOB2; tags that are part of none become `O`.
  private mutating func convertSpans(_ columns: inout SplitColumns) -> FirstAndCount {
    var dropped = FirstAndCount()
    knowOutside()
    let outside = tags.intern("O")
    for row in 0..<columns.count {
      let range = columns.wordStarts[row]..<columns.wordStarts[row + 1]
      let old = Array(columns.tags[range])
      var position = 0
      while position < old.count {
        let isOutside = tags.parts(old[position]).prefix == .outside
        let length = isOutside ? 1 : spanLength(old[position...])
        let start = range.lowerBound + position
        if !isOutside, length == 0 {
          columns.tags[start] = Int16(outside)
          dropped.note(row + 1)
        } else if !isOutside {
          columns.tags[start] = tag(.begin, like: old[position])
          for next in 1..<max(length, 1) {
            columns.tags[start + next] = tag(.inside, like: old[position + next])
          }
        }
        position += max(length, 1)
      }
    }
    return dropped
  }

  /// Words of the complete entity that begins `column`, 0 if none does.
  private func spanLength(_ column: ArraySlice<Int16>) -> Int {
    guard let first = column.first else { return 0 }
    let (opening, type) = tags.parts(first)
    if opening == .single || opening == .unit { return 1 }
    guard opening == .begin else { return 0 }
    for (index, tag) in column.enumerated().dropFirst() {
      let (prefix, nextType) = tags.parts(tag)
      guard nextType == type else { return 0 }
      if prefix == .end || prefix == .last { return index + 1 }
      guard prefix == .inside || prefix == .middle else { return 0 }
    }
    return 0
  }
}
