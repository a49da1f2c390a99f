extension RunConfiguration {
  /// What was said of the form of the data's files; nil where the files say so themselves.
  public struct Reading: Codable, Hashable, Sendable {
    /// Columns from 1, as `word=2,tag=4,class=3`.
    public var columns: String?
    /// Keys or columns by their names.
    public var words: String?
    public var tags: String?
    public var sentenceClass: String?
    public var plainTags: PlainTags?

    /// What tags without B- and I- mean.
    public enum PlainTags: String, Codable, Hashable, Sendable, CaseIterable {
      /// Equal neighbours are one entity.
      case bio
      /// Each word is an entity.
      case words
    }

    public init() {}
  }
}
