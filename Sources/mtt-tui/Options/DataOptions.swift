import ArgumentParser
import TextData
import TrainingEvents

/// Where the sentences come from and how they become tokens.
struct DataOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Folder with train, dev (or valid) and test: seq.in, seq.out and label, or train.* files of any form.",
      valueName: "dir"),
    completion: .directory)
  var data: String?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Training sentences: files of any form that import --help lists, recognized by content; several are mixed; - reads standard input.",
      valueName: "file"),
    completion: .file())
  var train: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Sentences to evaluate on after each epoch; or a share of train's to keep for that, such as 10%.",
      valueName: "file"),
    completion: .file())
  var dev: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Sentences that the best model is evaluated on once, at the end; or a share of train's.", valueName: "file"),
    completion: .file())
  var test: [String] = []

  @OptionGroup var form: FormOptions

  @OptionGroup var table: OptionTable<DataSection>

  func apply(to configuration: inout RunConfiguration) {
    func paths(_ names: [String]) -> [String] { names.map { $0 == "-" ? "/dev/stdin" : $0 } }
    if let data {
      configuration.source = (dev + test).isEmpty ? .folder(data) : .files(train: [data], dev: dev, test: test)
    } else if !train.isEmpty {
      configuration.source = .files(train: paths(train), dev: paths(dev), test: paths(test))
    }
    configuration.reading = form.configuration
    table.apply(to: &configuration)
  }

  /// What can only be judged once the configuration file and the command line are put together.
  func checkTogether() throws {
    let makesPieces = table.given["tokenizer"] == RunConfiguration.Tokenization.wordpiece.rawValue
    if !makesPieces, table.given["vocabulary-size"] != nil {
      throw ValidationError("--vocabulary-size is the size of a WordPiece vocabulary: give --tokenizer wordpiece too.")
    }
    if makesPieces, table.given["minimum-count"] != nil {
      throw ValidationError(
        "--minimum-count is about whole words: with --tokenizer wordpiece, choose --vocabulary-size instead.")
    }
    if data != nil, !train.isEmpty || !(dev + test).allSatisfy({ HeldOutShare($0) != nil }) {
      throw ValidationError(
        "--data names a whole folder: leave out --train and the files of --dev and --test, or --data. A share of its train"
          + " data can be kept, as in --dev 10%.")
    }
    if data == nil, train.isEmpty, let other = !dev.isEmpty ? "--dev" : !test.isEmpty ? "--test" : nil {
      throw ValidationError("\(other) needs --train beside it: the file to train on.")
    }
  }
}
