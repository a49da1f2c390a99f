import RunOptions
import TrainingEvents

/// An option of a run and its value, as they are written on the command line.
struct ConfigurationRow: Hashable, Sendable {
  /// The long option without its dashes.
  var name: String
  var value: String
  /// Whether it is not what the run's preset says.
  var isChanged: Bool

  /// Every option, those that differ from the preset's first.
  static func all(of configuration: RunConfiguration) -> [ConfigurationRow] {
    let usual = base(of: configuration)
    let rows = RunOption.all.map { option in
      let text = option.text(in: configuration)
      return ConfigurationRow(
        name: option.name, value: option.shown(in: configuration), isChanged: text != option.text(in: usual))
    }
    return rows.filter(\.isChanged) + rows.filter { !$0.isChanged }
  }

  /// What the options would be if nothing but preset or encoder had been chosen.
  private static func base(of configuration: RunConfiguration) -> RunConfiguration {
    if let preset = configuration.preset { return RunConfiguration(preset: preset) }
    return configuration.encoder == nil ? RunConfiguration() : .fineTuning
  }
}
