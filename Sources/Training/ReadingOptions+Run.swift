public import TextData
public import TrainingEvents

extension ReadingOptions {
  /// What a run's configuration says of the form of its data.
  public init(_ reading: RunConfiguration.Reading?) {
    self.init()
    columns = reading?.columns.flatMap { ColumnRoles($0) }
    words = reading?.words
    tags = reading?.tags
    sentenceClass = reading?.sentenceClass
    plainTags = reading?.plainTags.flatMap { PlainTags(rawValue: $0.rawValue) }
  }
}
