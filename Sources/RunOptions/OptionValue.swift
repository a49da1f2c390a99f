public import TrainingEvents

/// What an option may be set to, as the command line, a configuration file and the dashboard write it.
public protocol OptionValue: Equatable, Sendable {
  init?(optionText: String)
  /// nil where nothing is set.
  var optionText: String? { get }
  /// For the check of the option's range.
  var number: Double? { get }
  /// What stands for a value in the help; empty for a switch.
  static var placeholder: String { get }
  /// Every value there is, where they are few.
  static var choices: [String] { get }
  /// The kind of number that a value is, such as "a whole number"; nil where it is none.
  static var numberKind: String? { get }
}

extension OptionValue {
  public var number: Double? { nil }
  public static var choices: [String] { [] }
  public static var numberKind: String? { nil }
}

extension Int: OptionValue {
  public init?(optionText: String) { self.init(optionText) }
  public var optionText: String? { "\(self)" }
  public var number: Double? { Double(self) }
  public static var placeholder: String { "n" }
  public static var numberKind: String? { "a whole number" }
}

extension UInt64: OptionValue {
  public init?(optionText: String) { self.init(optionText) }
  public var optionText: String? { "\(self)" }
  public static var placeholder: String { "n" }
  public static var numberKind: String? { "a whole number from 0 to \(Self.max)" }
}

extension Double: OptionValue {
  public init?(optionText: String) { self.init(optionText) }
  public var optionText: String? { self == rounded() ? "\(self)".replacing(".0", with: "") : "\(self)" }
  public var number: Double? { self }
  public static var placeholder: String { "x" }
  public static var numberKind: String? { "a number" }
}

extension Bool: OptionValue {
  public init?(optionText: String) {
    guard optionText == "yes" || optionText == "no" else { return nil }
    self = optionText == "yes"
  }
  public var optionText: String? { self ? "yes" : "no" }
  public static var placeholder: String { "" }
}

extension String: OptionValue {
  public init?(optionText: String) { self = optionText }
  public var optionText: String? { self }
  public static var placeholder: String { "name" }
}

/// Names with commas between.
extension [String]: OptionValue {
  public init?(optionText: String) {
    self = optionText.split(separator: ",").map { String($0.filter { !$0.isWhitespace }) }
  }
  public var optionText: String? { isEmpty ? nil : joined(separator: ", ") }
  public static var placeholder: String { "names" }
}

extension Optional: OptionValue where Wrapped: OptionValue {
  public init?(optionText: String) {
    guard let value = Wrapped(optionText: optionText) else { return nil }
    self = value
  }
  public var optionText: String? { flatMap(\.optionText) }
  public var number: Double? { flatMap(\.number) }
  public static var placeholder: String { Wrapped.placeholder }
  public static var choices: [String] { Wrapped.choices }
  public static var numberKind: String? { Wrapped.numberKind }
}

extension OptionValue where Self: RawRepresentable<String> & CaseIterable {
  public init?(optionText: String) { self.init(rawValue: optionText) }
  public var optionText: String? { rawValue }
  public static var placeholder: String { "name" }
  public static var choices: [String] { allCases.map(\.rawValue) }
}

extension RunConfiguration.Tokenization: OptionValue {}
extension RunConfiguration.Normalization: OptionValue {}
extension RunConfiguration.Positions: OptionValue {}
extension RunConfiguration.SentencePooling: OptionValue {}
extension RunConfiguration.TagLoss: OptionValue {}
extension RunConfiguration.ClassWeights: OptionValue {}
extension RunConfiguration.Optimizer: OptionValue {}
extension RunConfiguration.Schedule: OptionValue {}
extension RunConfiguration.Precision: OptionValue {}
extension RunConfiguration.Selection: OptionValue {}
