/// Makes of a reader's sentences what training, evaluation, prediction and the folder form all agree on.
///
/// - White space always separates words: a word with white space inside becomes several, and its tag goes on over them.
/// - An empty word is left out; inside an entity it is refused, since the entity would change.
/// - A tag `_` stands for a word without a tag. White space inside a tag becomes `_`.
/// - Class names lose white space and byte order marks at their ends.
struct SentenceCleaner {
  private let path: String
  private var cleaned = Sentence()
  private var splitWords = FirstAndCount()
  private var emptyWords = FirstAndCount()
  private var spacedTags = FirstAndCount()
  private var missingTags = FirstAndCount()
  private var emptySentences = FirstAndCount()

  /// - Parameter path: the file that holds the words.
  init(path: String) { self.path = path }

  /// Calls `body` with the sentence as it is or cleaned; not with one that has no words left.
  mutating func pass(
    _ sentence: borrowing Sentence, to body: (borrowing Sentence) throws(DataError) -> Void
  ) throws(DataError) {
    if Self.isClean(sentence) { return try body(sentence) }
    try clean(sentence)
    if cleaned.words.isEmpty { emptySentences.note(sentence.line) } else { try body(cleaned) }
  }

  /// Sentences for the log.
  var remarks: [String] {
    [
      splitWords.remark(path) {
        "\(counted($0, "word")) with white space inside became several words each: white space separates words."
      },
      emptyWords.remark(path) { "\(counted($0, "empty word")) left out." },
      emptySentences.remark(path) { "\(counted($0, "sentence")) without words skipped." },
      spacedTags.remark(path) { "\(counted($0, "tag")) with white space inside: written with _ instead." },
      missingTags.remark(path) { "\(counted($0, "word")) with the tag _: read as words without a tag." },
    ].compactMap(\.self)
  }

  private static func isClean(_ sentence: borrowing Sentence) -> Bool {
    func hasSpace(_ bytes: Refilled<UInt8>) -> Bool {
      bytes.withUnsafeBufferPointer { $0.hasWhiteSpace($0.indices) }
    }
    if sentence.words.isEmpty || sentence.words.hasEmptyString || hasSpace(sentence.words.bytes) { return false }
    if hasSpace(sentence.tags.bytes) || sentence.tags.contains("_") { return false }
    guard let label = sentence.label else { return true }
    return label.withUnsafeBufferPointer { !$0.isEmpty && $0.trimmedName($0.indices).count == $0.count }
  }

  private mutating func clean(_ sentence: borrowing Sentence) throws(DataError) {
    cleaned.clear()
    cleaned.line = sentence.line
    if let label = sentence.label {
      let name = label.withUnsafeBufferPointer { Array($0[$0.trimmedName($0.indices)]) }
      cleaned.label = name.isEmpty ? nil : name
    }
    let hasTags = !sentence.tags.isEmpty
    for index in 0..<sentence.words.count {
      let line = sentence.line(ofWord: index)
      let before = cleaned.words.count
      sentence.words.withBytes(of: index) { cleaned.words.appendWords(of: $0, in: $0.indices) }
      let parts = cleaned.words.count - before
      let tag = hasTags ? cleanTag(sentence.tags, index, line) : []
      if parts == 0 {
        guard tag.isEmpty || tag == [UInt8(ascii: "O")] else {
          throw .malformed(
            path, line: line,
            "word \(index + 1) is empty but has the tag \(quoted(String(decoding: tag, as: UTF8.self))): "
              + "leave the word and its tag out")
        }
        emptyWords.note(line)
      } else if parts > 1 {
        splitWords.note(line)
      }
      for part in 0..<parts {
        if hasTags { cleaned.tags.append(Self.tag(tag, part: part, of: parts)) }
        if !sentence.wordLines.isEmpty { cleaned.wordLines.append(line) }
      }
    }
  }

  /// A tag as it is read; empty where there is none.
  private mutating func cleanTag(_ tags: ByteStrings, _ index: Int, _ line: Int) -> [UInt8] {
    var tag = Array(tags.bytes[tags.range(of: index)])
    if tag == [UInt8(ascii: "_")] {
      missingTags.note(line)
      return []
    }
    guard tag.withUnsafeBufferPointer({ $0.hasWhiteSpace($0.indices) }) else { return tag }
    var parts = ByteStrings()
    tag.withUnsafeBufferPointer { parts.appendWords(of: $0, in: $0.indices) }
    tag = Array((0..<parts.count).map { parts.bytes[parts.range(of: $0)] }.joined(separator: [UInt8(ascii: "_")]))
    spacedTags.note(line)
    return tag
  }

  /// The tag of one of the words that a word was split into: the entity begins with the first and ends with the last,
  /// whatever scheme it is written in.
  private static func tag(_ tag: [UInt8], part: Int, of parts: Int) -> [UInt8] {
    guard parts > 1, let prefix = tag.first.map({ TagPrefix(rawValue: $0) ?? .other }) else { return tag }
    let isFirst = part == 0
    let isLast = part == parts - 1
    let own: TagPrefix =
      switch prefix {
      case .begin: isFirst ? .begin : .inside
      case .outside, .inside, .middle, .other: prefix
      case .end, .last: isLast ? prefix : .inside
      case .single: isFirst ? .begin : isLast ? .end : .inside
      case .unit: isFirst ? .begin : isLast ? .last : .inside
      }
    return own == prefix ? tag : [own.rawValue] + tag.dropFirst()
  }
}
