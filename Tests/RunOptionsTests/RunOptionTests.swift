import HelpTopics
import Testing
import TrainingEvents

@testable import RunOptions

@Suite struct RunOptionTests {
  private static let configurations = Preset.allCases.map { RunConfiguration(preset: $0) } + [.fineTuning]

  private func option(_ name: String) throws -> RunOption {
    try #require(RunOption.all.first { $0.name == name })
  }

  /// Whoever adds a property to a configuration gives it an option, or says here why it has none.
  @Test func everyPropertyHasAnOption() {
    let others: Set = [
      "preset", "source", "reading", "runDirectory", "name",  // options of their own kinds
      "leastSteps", "smallBatches",  // a preset's, until --epochs and --batch-size say otherwise
      "classPriorIsForFew",  // a preset's, until --class-prior says otherwise
    ]
    let properties = Mirror(reflecting: RunConfiguration()).children.compactMap(\.label).filter { !others.contains($0) }
    let names = properties.map { property in
      property.replacing("nGram", with: "ngram").replacing("tensorBoard", with: "tensorboard")
        .reduce(into: "") { $0 += $1.isUppercase ? "-" + $1.lowercased() : String($1) }
    }
    #expect(names.sorted() == RunOption.all.map(\.name).sorted())
  }

  @Test func everyValueCanBeSaidAgain() {
    for configuration in Self.configurations {
      var again = RunConfiguration()
      for option in RunOption.all {
        #expect(option.fault(in: configuration) == nil)
        guard let text = option.text(in: configuration) else { continue }
        let isSet = option.set(text, in: &again)
        #expect(isSet && option.text(in: again) == text, "\(option.name)")
      }
      #expect(configuration.fault == nil)
    }
  }

  @Test(arguments: [
    ("hidden", "0", "--hidden is 0, but must lie between 1 and 16384"),
    ("warmup", "1.5", "--warmup is 1.5, but must lie between 0 and 1"),
    ("dropout", "nan", "--dropout is nan, but must lie between 0 and 0.95"),
    ("layers", "9223372036854775807", "--layers is 9223372036854775807, but must lie between 1 and 96"),
    ("layers", "two", "--layers cannot be 'two': give a whole number"),
    ("seed", "-1", "--seed cannot be '-1': give a whole number from 0 to 18446744073709551615"),
    ("dropout", "much", "--dropout cannot be 'much': give a number"),
    ("tokenizer", "bytes", "--tokenizer cannot be 'bytes': give words or wordpiece"),
  ])
  func aWrongValueIsNamed(name: String, text: String, fault: String) throws {
    #expect(try option(name).fault(text) == fault)
  }

  @Test(arguments: [
    ("encoder", "none"), ("optimizer", "adamw"), ("tag-chain", "no"), ("unfreeze-every", "never"), ("layers", "2"),
  ])
  func whatIsNotSetHasAMeaning(name: String, shown: String) throws {
    #expect(try option(name).shown(in: RunConfiguration(preset: .standard)) == shown)
  }

  @Test func helpNamesTheDefaultsOfAllPresets() throws {
    #expect(try option("hidden").help == "Width of the encoder (default: 128).")
    #expect(try option("pad-to").help == "Pad every batch to this length (default: its longest row).")
    #expect(
      try option("swap").help == "Probability that an entity is replaced by another of its type from train"
        + " (default: 0.3).")
    #expect(
      try option("epochs").help == "Passes over the training sentences (default: 12, more where these are few;"
        + " accurate: 14; bert: 20; --encoder: 10).")
    #expect(
      try option("convolution").help == "A convolution over neighbouring words in each layer (default: --convolution;"
        + " bert, --encoder: --no-convolution).")
  }

  @Test func epochsThatWereChosenStand() throws {
    var configuration = RunConfiguration(preset: .standard)
    try option("epochs").set("12", in: &configuration)
    try option("batch-size").set("32", in: &configuration)
    #expect(configuration.leastSteps == nil && configuration.smallBatches == nil)
  }

  @Test func theTopicOfPresetsHasTheirNumbers() throws {
    func grouped(_ number: Int?) -> String {
      let digits = "\(number ?? 0)"
      return digits.count > 3 ? "\(digits.dropLast(3)),\(digits.suffix(3))" : digits
    }
    let (standard, accurate) = (RunConfiguration(preset: .standard), RunConfiguration(preset: .accurate))
    let topic = try #require(HelpTopic.named("presets")?.text)
    let text = topic.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    for sentence in [
      "where its \(standard.epochs) make fewer than \(grouped(standard.leastSteps)) steps, standard takes as many as do, up"
        + " to \(RunConfiguration.mostSmallDataEpochs) (accurate \(accurate.epochs) and \(grouped(accurate.leastSteps)))",
      "make fewer than \(RunConfiguration.leastSmallDataSteps) steps",
      "down to \(RunConfiguration.leastSmallDataBatch) sentences", "--tag-prior (\(standard.tagPrior ?? 0))",
      "With up to \(RunConfiguration.mostClassPriorSentences) sentences",
      "times --class-prior (\(Int(standard.classPrior ?? 0)))",
    ] {
      #expect(text.contains(sentence))
    }
    #expect(accurate.members == 5 && text.contains("five models side by side"))
    #expect(RunConfiguration(preset: .bert).layers == 3 && text.contains("three layers"))
  }
}
