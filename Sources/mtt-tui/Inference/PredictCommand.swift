import ArgumentParser
import Glibc
import Training

/// `mtt-tui predict`: what a trained model says of sentences.
struct PredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Ask a trained model: the class of a sentence and its entities.",
    discussion: """
      Takes sentences as arguments, or one a line on standard input; on a terminal it asks for them (Ctrl-D leaves). \
      Answers come as JSON lines in the order of the sentences, as soon as they can be given.

      Words are what white space separates; punctuation at a word's ends (. , ; : ? ! … and quotation marks and \
      brackets) is split off, unless training had that very word or the full stop ends an abbreviation such as p.m. \
      With --pre-split white space alone separates words.

      With --reject X a class less probable than X is taken for out of scope: class is null, and rejected has the class \
      and its probability. 'mtt-tui evaluate RUN --reject-precision P' finds X on the dev sentences.

      Offsets count words and Unicode code points from 0, ends not included. A class's probability is its softmax; an \
      entity's confidence is the product of its words' tag probabilities (with a CRF: its marginals, else softmax); both \
      at the temperature that 'mtt-tui evaluate --calibrate' has fitted, if it has.

      EXAMPLES:
        mtt-tui predict runs/first "play some jazz by miles davis"
        mtt-tui predict runs/first < sentences.txt > answers.jsonl
        mtt-tui predict runs/first --format conll --pre-split < words.txt
      """)

  enum Format: String, CaseIterable, ExpressibleByArgument {
    case json, conll, table
  }

  @OptionGroup var model: ModelArguments

  @Argument(help: ArgumentHelp("Sentences; without any, lines of standard input.", valueName: "text"))
  var texts: [String] = []

  @Option(help: ArgumentHelp("json lines, conll columns, or a table to read (default: json).", valueName: "name"))
  var format: Format?

  @Flag(help: "White space alone separates words.")
  var preSplit = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Give no class where the best one is less probable than this; evaluate --reject-precision finds the number.",
      valueName: "x"))
  var reject: Double?

  @Flag(help: "Give the probability of every class (json).")
  var probabilities = false

  func validate() throws { try check("reject", reject, in: 0...1) }

  func run() throws {
    signal(SIGPIPE, SIG_IGN)  // a closed pipe is an error of the write that meets it
    let predictor = Predictor(try model.load(), rejectingBelow: reject ?? 0)
    if reject != nil, predictor.model.sentenceClasses.isEmpty {
      throw ValidationError("--reject is about classes, which this model does not have: leave it out.")
    }
    let asks =
      texts.isEmpty && StandardStreams.isTerminal(STDIN_FILENO) && StandardStreams.isTerminal(STDOUT_FILENO)
    for line in [predictor.model.origin] + predictor.model.remarks { StandardStreams.writeError("mtt-tui: \(line)\n") }
    if asks, format == nil { return try ask(predictor) }
    let writer = AnswerWriter(
      format: format ?? .json, model: predictor.model, probabilities: probabilities,
      colours: Self.wantsColours(STDOUT_FILENO))
    if !texts.isEmpty { return try answer(texts, predictor, writer) }
    var reader = LineReader(STDIN_FILENO)
    while let lines = try Failures.reporting({ () throws(RunFailure) in try reader.next() }) {
      try answer(lines, predictor, writer)
    }
  }

  private func answer(_ texts: [String], _ predictor: Predictor, _ writer: AnswerWriter) throws {
    let answers = try Failures.reporting { () throws(RunFailure) in
      try predictor.predict(texts.map { predictor.split($0, preSplit: preSplit) }) { answer in
        (text: writer.text(answer), remark: format == .conll ? Self.remark(answer) : nil)
      }
    }
    try Failures.output(answers.map(\.text).joined())
    for case let remark? in answers.map(\.remark) { StandardStreams.writeError(remark) }
  }

  /// What columns do not tell of an answer: that words were cut off.
  private static func remark(_ answer: Prediction) -> String? {
    guard answer.cutWords > 0 else { return nil }
    return "mtt-tui: \(answer.cutWords) of \(answer.words.count) words are beyond the maximum length"
      + " and have no tag (_): \(answer.words.prefix(6).joined(separator: " ")) …\n"
  }

  /// The prompt: one sentence after the other until Ctrl-D.
  private func ask(_ predictor: Predictor) throws {
    let writer = AnswerWriter(
      format: .table, model: predictor.model, probabilities: false, colours: Self.wantsColours(STDOUT_FILENO))
    StandardStreams.writeError("Type a sentence and press Enter; Ctrl-D leaves.\n")
    var reader = LineReader(STDIN_FILENO)
    try Failures.output("> ")
    while let lines = try Failures.reporting({ () throws(RunFailure) in try reader.next() }) {
      for line in lines where !line.allSatisfy(\.isWhitespace) {
        if let problem = TypedLine.problem(line) {
          StandardStreams.writeError("\(problem)\n")
        } else {
          try answer([line], predictor, writer)
        }
      }
      try Failures.output("> ")
    }
    try Failures.output("\n")
  }

  /// On a terminal that shows colours, unless NO_COLOR is set.
  private static func wantsColours(_ descriptor: Int32) -> Bool {
    guard StandardStreams.isTerminal(descriptor) else { return false }
    if let value = getenv("NO_COLOR"), value.pointee != 0 { return false }
    guard let terminal = getenv("TERM") else { return false }
    return String(cString: terminal) != "dumb"
  }
}
