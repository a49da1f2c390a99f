public import ArgumentParser
public import TextData
import Training
public import TrainingEvents

/// What files do not tell of their form by themselves: the same options wherever labelled sentences are read.
struct FormOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Which columns hold what, from 1: word=2,tag=4,class=3 where a line is a word, text=1,class=2 where it is a sentence.",
      valueName: "roles"))
  var columns: String?

  @Option(help: ArgumentHelp("The key or column that holds the words or the text.", valueName: "name"))
  var words: String?

  @Option(help: ArgumentHelp("The key or column that holds the tags or the spans.", valueName: "name"))
  var tags: String?

  @Option(name: .customLong("class"), help: ArgumentHelp("The key or column that holds the class.", valueName: "name"))
  var sentenceClass: String?

  @Option(
    help: ArgumentHelp(
      "Tags have no B- and I-: bio if equal neighbours are one entity, words if each word is one.", valueName: "name"))
  var plainTags: RunConfiguration.Reading.PlainTags?

  func validate() throws {
    if let columns, ColumnRoles(columns) == nil {
      throw ValidationError(
        "--columns is \"\(columns)\", but must be such as word=2,tag=4,class=3 or text=1,class=2: each column once, "
          + "counted from 1, with either word or text.")
    }
  }

  /// nil where nothing was said.
  var configuration: RunConfiguration.Reading? {
    var reading = RunConfiguration.Reading()
    reading.columns = columns
    reading.words = words
    reading.tags = tags
    reading.sentenceClass = sentenceClass
    reading.plainTags = plainTags
    return reading == RunConfiguration.Reading() ? nil : reading
  }

  var reading: ReadingOptions { ReadingOptions(configuration) }
}

extension RunConfiguration.Reading.PlainTags: ExpressibleByArgument {}
extension ImportFormat: ExpressibleByArgument {}
