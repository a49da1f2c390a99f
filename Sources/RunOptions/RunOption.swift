public import TrainingEvents

/// An option of a run: its name, what it may be, what it means and where a configuration has it.
///
/// The tables of options are the one place that says so: the command line, its help and completions, configuration
/// files, the check of a `run.json` and the dashboard's page of options all come from them.
public struct RunOption: Sendable {
  /// The long option without its dashes.
  public let name: String
  /// What it means, with its default, as a sentence.
  public let help: String
  /// What stands for a value in the help; empty for a switch.
  public let placeholder: String
  /// Every value there is, where they are few.
  public let choices: [String]
  /// The kind of number that a value is, such as "a whole number"; nil where it is none.
  public let numberKind: String?
  private let range: ClosedRange<Double>?
  /// What it means that nothing is set.
  private let unset: String
  private let read: @Sendable (RunConfiguration) -> (text: String?, number: Double?)
  private let write: @Sendable (inout RunConfiguration, String) -> Bool

  /// - Parameters:
  ///   - help: what it means, without the full stop.
  ///   - place: where a configuration has it.
  ///   - unset: what it means that nothing is set.
  ///   - note: what else is to be said of the default.
  ///   - sideEffect: what else changes in a configuration in which it is set.
  init<Value: OptionValue>(
    _ name: String, _ help: String, _ place: any WritableKeyPath<RunConfiguration, Value> & Sendable,
    in range: ClosedRange<Double>? = nil, placeholder: String? = nil, unset: String? = nil, note: String = "",
    sideEffect: @escaping @Sendable (inout RunConfiguration) -> Void = { _ in }
  ) {
    self.name = name
    self.range = range
    self.unset = unset ?? (Value.placeholder.isEmpty ? "no" : "none")
    self.placeholder = placeholder ?? Value.placeholder
    choices = Value.choices
    numberKind = Value.numberKind
    let usual = Self.usual { configuration in
      let text = configuration[keyPath: place].optionText ?? unset
      guard Value.placeholder.isEmpty else { return text }
      return text == "yes" ? "--\(name)" : "--no-\(name)"
    }
    self.help = "\(help)\(usual.map { " (default: \($0.first)\(note)\($0.others))" } ?? "")."
    read = { ($0[keyPath: place].optionText, $0[keyPath: place].number) }
    write = { configuration, text in
      guard let value = Value(optionText: text) else { return false }
      configuration[keyPath: place] = value
      sideEffect(&configuration)
      return true
    }
  }

  /// The default, and what the other presets and fine-tuning have where that is something else.
  private static func usual(_ text: (RunConfiguration) -> String?) -> (first: String, others: String)? {
    let first = text(RunConfiguration(preset: .standard))
    let others = [
      ("accurate", RunConfiguration(preset: .accurate)), ("bert", RunConfiguration(preset: .bert)),
      ("--encoder", .fineTuning),
    ].map { (name: $0.0, text: text($0.1) ?? "none") }.filter { $0.text != first ?? "none" }
    guard first != nil || !others.isEmpty else { return nil }
    let texts = others.reduce(into: [String]()) { if !$0.contains($1.text) { $0.append($1.text) } }
    return (
      first ?? "none",
      texts.map { text in
        "; \(others.filter { $0.text == text }.map(\.name).joined(separator: ", ")): \(text)"
      }.joined()
    )
  }

  /// Whether it is set by its name alone, or by `--no-` before it.
  public var isSwitch: Bool { placeholder.isEmpty }

  /// What a value must be, such as "a whole number" or "f32 or bf16"; nil where any text is one.
  public var expected: String? { numberKind ?? (choices.isEmpty ? nil : choices.joined(separator: " or ")) }

  /// A configuration's value; nil where nothing is set.
  public func text(in configuration: RunConfiguration) -> String? { read(configuration).text }

  /// A configuration's value, or what it means that nothing is set, such as "none".
  public func shown(in configuration: RunConfiguration) -> String { text(in: configuration) ?? unset }

  /// Sets a configuration's value; false where the text is none.
  @discardableResult
  public func set(_ text: String, in configuration: inout RunConfiguration) -> Bool { write(&configuration, text) }

  /// What is wrong with a configuration's value, as the start of a sentence; nil if nothing is.
  public func fault(in configuration: RunConfiguration) -> String? {
    let (text, number) = read(configuration)
    guard let range, let number, !range.contains(number) else { return nil }
    func bound(_ value: Double) -> String { Int(exactly: value).map { "\($0)" } ?? "\(value)" }
    return "--\(name) is \(text ?? "\(number)"), but must lie between \(bound(range.lowerBound)) and"
      + " \(bound(range.upperBound))"
  }

  /// What is wrong with a text as a value; nil if nothing is.
  public func fault(_ text: String) -> String? {
    var configuration = RunConfiguration()
    if set(text, in: &configuration) { return fault(in: configuration) }
    return "--\(name) cannot be '\(text)'" + (expected.map { ": give \($0)" } ?? "")
  }
}
