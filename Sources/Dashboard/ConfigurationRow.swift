import TrainingEvents

/// An option of a run and its value, as they are written on the command line.
struct ConfigurationRow: Hashable, Sendable {
  /// The long option without its dashes.
  var name: String
  var value: String
  /// Whether it is not what the run's preset says.
  var isChanged: Bool

  /// Where a run's data and folder lie is not an option to compare.
  private static let places: Set = ["source", "reading", "runDirectory", "name", "preset"]

  /// Every option, those that differ from the preset's first.
  static func all(of configuration: RunConfiguration) -> [ConfigurationRow] {
    let usual = values(of: base(of: configuration))
    let rows = values(of: configuration).map { label, value in
      ConfigurationRow(
        name: option(label), value: value, isChanged: usual.first { $0.label == label }?.value != value)
    }
    return rows.filter(\.isChanged) + rows.filter { !$0.isChanged }
  }

  /// What the options would be if nothing but preset or encoder had been chosen.
  private static func base(of configuration: RunConfiguration) -> RunConfiguration {
    if let preset = configuration.preset { return RunConfiguration(preset: preset) }
    return configuration.encoder == nil ? RunConfiguration() : .fineTuning
  }

  /// The properties in the order in which they are declared, so that an option is shown as soon as there is one.
  private static func values(of configuration: RunConfiguration) -> [(label: String, value: String)] {
    Mirror(reflecting: configuration).children.compactMap { child in
      guard let label = child.label, !places.contains(label) else { return nil }
      return (label, text(child.value))
    }
  }

  private static func text(_ value: Any) -> String {
    let mirror = Mirror(reflecting: value)
    if mirror.displayStyle == .optional { return mirror.children.first.map { text($0.value) } ?? "default" }
    switch value {
    case let flag as Bool: return flag ? "yes" : "no"
    case let number as Double: return number == number.rounded() ? "\(number)".replacing(".0", with: "") : "\(number)"
    case let list as [String]: return list.isEmpty ? "–" : list.joined(separator: ", ")
    case let choice as any RawRepresentable: return "\(choice.rawValue)"
    default: return "\(value)"
    }
  }

  /// `encoderLearningRate` as `encoder-learning-rate`; n-grams and TensorBoard are one word there.
  private static func option(_ label: String) -> String {
    label.replacing("nGram", with: "ngram").replacing("tensorBoard", with: "tensorboard")
      .reduce(into: "") { $0 += $1.isUppercase ? "-" + $1.lowercased() : String($1) }
  }
}
