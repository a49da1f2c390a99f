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
  /// Lines from one word's tag to the next one's: 1 in columns, 0 where a sentence is a line.
  var linesPerWord = 0

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
  /// Its tags, one a word; empty where the sentence has none.
  public var tagStrings: [String] { (0..<tags.count).map(tags.string) }
  /// Its class; nil where the sentence has none.
  public var labelString: String? { label.map { String(decoding: $0, as: UTF8.self) } }

  mutating func clear() {
    words.removeAll()
    tags.removeAll()
    label = nil
    linesPerWord = 0
  }
}

extension ByteStrings {
  /// Appends the words of a line: what runs of white space separate.
  mutating func appendWords(of bytes: UnsafeBufferPointer<UInt8>, in line: Range<Int>) {
    var position = line.lowerBound
    while position < line.upperBound {
      while position < line.upperBound, isWhiteSpace(bytes[position]) { position += 1 }
      let start = position
      while position < line.upperBound, !isWhiteSpace(bytes[position]) { position += 1 }
      if position > start { append(bytes.slice(start..<position)) }
    }
  }
}
