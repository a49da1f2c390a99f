/// What a user says about the form of data files; nil where the files themselves say.
public struct ReadingOptions: Hashable, Sendable, Codable {
  /// Where words, tags and class stand in columns, as `word=2,tag=4,class=3`.
  public var columns: ColumnRoles?
  /// The key, or the column by its name, that holds the words or the text.
  public var words: String?
  /// The key or column that holds the tags or the spans.
  public var tags: String?
  /// The key or column that holds the class.
  public var sentenceClass: String?
  /// What tags without a prefix mean.
  public var plainTags: PlainTags?

  public init() {}

  /// What tags without B- and I- mean.
  public enum PlainTags: String, Hashable, Sendable, Codable, CaseIterable {
    /// Neighbours with the same tag are one entity.
    case bio
    /// Each word is an entity of its own, as parts of speech are.
    case words
  }
}

/// How a split's files are read.
struct ReadingContext {
  var options = ReadingOptions()
  /// Words beyond which a text of several sentences is cut.
  var longestSentence = 126
  /// The split that is read, where one file holds several; nil for all of a file.
  var split: SplitName?
  /// The form that the user says; nil to recognise it.
  var form: ImportFormat?

  /// The same for one split.
  func of(_ split: SplitName) -> ReadingContext {
    var context = self
    context.split = split
    return context
  }
}

/// The columns, from 1, of what is read.
public struct ColumnRoles: Hashable, Sendable, Codable, CustomStringConvertible {
  /// Where each line is a word; nil where each is a text.
  public var word: Int?
  /// Where each line is a text; nil where each is a word.
  public var text: Int?
  public var tag: Int?
  public var sentenceClass: Int?

  /// Reads `word=2,tag=4,class=3` or `text=1,class=2`; nil for anything else, and where one column has two roles.
  public init?(_ text: String) {
    var roles: [Substring: Int] = [:]
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let sides = part.split(separator: "=", omittingEmptySubsequences: false)
      guard sides.count == 2, ["word", "text", "tag", "class"].contains(sides[0]), let number = Int(sides[1]),
        1...1_000 ~= number, roles.updateValue(number, forKey: sides[0]) == nil
      else { return nil }
    }
    guard (roles["word"] == nil) != (roles["text"] == nil), Set(roles.values).count == roles.count else { return nil }
    (word, self.text, tag, sentenceClass) = (roles["word"], roles["text"], roles["tag"], roles["class"])
  }

  public var description: String {
    [("word", word), ("text", text), ("tag", tag), ("class", sentenceClass)]
      .compactMap { role, column in column.map { "\(role)=\($0)" } }.joined(separator: ",")
  }
}
