import ArgumentParser

extension TrainOptions {
  /// These options, which were read from what follows `mtt-tui train`, with those of their `--config` file underneath.
  ///
  /// Without such a file nothing is parsed again, which would take milliseconds before the first frame. Throws
  /// `ConfigurationError` for the file, ArgumentParser's errors for the rest.
  func withConfigurationFile(arguments: [String]) throws -> TrainOptions {
    guard let path = run.config else {
      try checkTogether(given: Self.givenNames(in: arguments))
      return self
    }
    let own = Self.givenNames(in: arguments)
    let file = try ConfigurationFile(path: path)
    let all = file.arguments.filter { !Self.isOverridden(Self.givenNames(in: [$0]), by: own) } + arguments
    let options = try TrainCommand.parse(all).options
    try options.checkTogether(given: Self.givenNames(in: all))
    return options
  }

  /// The option names in a list of arguments, with their dashes, up to a lone `--`.
  private static func givenNames(in arguments: [String]) -> Set<String> {
    Set(
      arguments.prefix { $0 != "--" }.filter { $0.hasPrefix("--") }
        .map { String($0.prefix { $0 != "=" }) })
  }

  /// Whether the command line names other data than the file's line does: it wins, and the line is left out, as several
  /// files of a split would else add up.
  private static func isOverridden(_ line: Set<String>, by own: Set<String>) -> Bool {
    let files: Set<String> = ["--train", "--dev", "--test"]
    return own.contains("--data") && !line.isDisjoint(with: files)
      || !own.isDisjoint(with: files) && line.contains("--data")
      || !line.isDisjoint(with: own.intersection(files))
  }
}
