/// A split whose tags have no prefix, read as the user says: equal neighbours are one entity, or each word is one.
struct PlainTagSource: WrappingSource {
  var base: any SplitSource
  var meaning: ReadingOptions.PlainTags

  func readSentences(
    _ report: inout ReadReport, _ body: (borrowing Sentence) throws(DataError) -> Void
  ) throws(DataError) {
    var marked = Sentence()
    try base.readSentences(&report) { (sentence) throws(DataError) in
      guard !sentence.tags.isEmpty else { return try body(sentence) }
      marked = copy sentence
      marked.tags.removeAll()
      var previous = sentence.tags.bytes[0..<0]
      for index in 0..<sentence.tags.count {
        let tag = sentence.tags.bytes[sentence.tags.range(of: index)]
        if tag.isEmpty || Self.isMarked(tag) {
          marked.tags.append(tag)
        } else {
          let goesOn = meaning == .bio && tag.elementsEqual(previous)
          sentence.tags.withBytes(of: index) { marked.tags.append(goesOn ? .inside : .begin, $0) }
        }
        previous = tag
      }
      try body(marked)
    }
  }

  /// Whether a tag is `O`, stands for none, or has a prefix.
  private static func isMarked(_ tag: Slice<Refilled<UInt8>>) -> Bool {
    if tag.count == 1, let only = tag.first { return only == UInt8(ascii: "O") || only == UInt8(ascii: "_") }
    return tag.count > 2 && tag[tag.startIndex + 1] == UInt8(ascii: "-")
      && tag.first.flatMap(TagPrefix.init(rawValue:)) != nil
  }
}

/// Several files that are one split, such as a folder of them.
struct SplitFolder: SplitSource {
  var wordPath: String
  var files: [any SplitSource]

  var bytesOfText: Int { files.reduce(0) { $0 + $1.bytesOfText } }

  func readSentences(
    _ report: inout ReadReport, _ body: (borrowing Sentence) throws(DataError) -> Void
  ) throws(DataError) {
    for file in files { try file.readSentences(&report, body) }
  }
}
