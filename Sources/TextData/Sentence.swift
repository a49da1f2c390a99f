/// One sentence as its file has it; a reader hands out the same value again and again, filled anew.
public struct Sentence: Sendable {
  /// The words' UTF-8 bytes.
  var words = ByteStrings()
  /// One tag a word, or none at all; an empty one where a single word has none.
  var tags = ByteStrings()
  /// The sentence class; nil without one.
  var label: [UInt8]?
  /// The line its first word stands on, from 1.
  public internal(set) var line = 0
  /// The line of each word, from 1; empty where all stand on `line`.
  var wordLines = Refilled<Int>()

  /// An empty sentence.
  public init() {}

  /// A sentence from its parts.
  public init(words: [String], tags: [String] = [], label: String? = nil) {
    for word in words { self.words.append(word) }
    for tag in tags { self.tags.append(tag) }
    self.label = label.map { Array($0.utf8) }
  }

  public var wordCount: Int { words.count }
  public func word(_ index: Int) -> String { words.string(index) }

  /// Reads the words of a line; its tags, if any, are there already.
  ///
  /// White space separates words, whatever Unicode has. Where only ASCII's gives as many words as tags, the words were
  /// separated by that, and other white space is part of them (until `SentenceCleaner` splits word and tag alike).
  mutating func readWords(of bytes: UnsafeBufferPointer<UInt8>, in line: Range<Int>) {
    words.removeAll()
    words.appendWords(of: bytes, in: line)
    guard !tags.isEmpty, words.count > tags.count else { return }
    var tokens = ByteStrings()
    tokens.appendASCIIWords(of: bytes, in: line)
    if tokens.count == tags.count { words = tokens }
  }

  mutating func clear() {
    words.removeAll()
    tags.removeAll()
    label = nil
    wordLines.removeAll()
  }

  /// The line that a word stands on.
  func line(ofWord index: Int) -> Int { wordLines.isEmpty ? line : wordLines[index] }
}
