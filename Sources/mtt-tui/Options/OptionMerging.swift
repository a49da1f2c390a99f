import ArgumentParser

extension TrainOptions {
  /// The options in what follows `mtt-tui train`, with those of its `--config` file underneath.
  ///
  /// Throws `ConfigurationError` for the file, ArgumentParser's errors for the rest.
  static func resolve(arguments: [String]) throws -> TrainOptions {
    var all = arguments
    if let path = try TrainOptions.parse(arguments).run.config {
      let own = givenNames(in: arguments)
      let file = try ConfigurationFile(path: path)
      all = file.arguments.filter { !isOverridden(givenNames(in: [$0]), by: own) } + arguments
    }
    let options = try TrainOptions.parse(all)
    try options.checkTogether(given: givenNames(in: all))
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
