import ArgumentParser
import TrainingEvents

/// Which run this is and where it lies.
struct RunOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("YAML file with any of these options under their long names.", valueName: "file.yaml"),
    completion: .file(extensions: ["yaml", "yml"]))
  var config: String?

  @Option(
    help: ArgumentHelp("The run's own folder (default: runs/<time>-<name>).", valueName: "dir"),
    completion: .directory)
  var runDir: String?

  @Option(help: ArgumentHelp("Name of the run (default: the data's).", valueName: "name"))
  var name: String?

  @Option(
    help: ArgumentHelp(
      "Go on with an earlier run from its last checkpoint; its settings are read from it.", valueName: "run"),
    completion: .directory)
  var resume: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Train n runs, each without another n-th of the training sentences, test each on what it has not seen, and print "
        + "mean and spread.", valueName: "n"))
  var folds: Int?

  @Flag(
    inversion: .prefixedNo, exclusivity: .chooseLast,
    help: ArgumentHelp(
      "With --resume: go on even if data files have changed; vocabulary, labels and number of batches stay the run's."))
  var acceptChangedData: Bool?

  func validate() throws {
    try check("folds", folds, in: 2...1000)
    if let runDir, runDir.isEmpty {
      throw ValidationError("--run-dir is empty: name the run's folder, or leave the option out.")
    }
    if let name, name.isEmpty || name.contains("/") || name.hasPrefix(".") {
      throw ValidationError("--name '\(name)' becomes part of a folder's name: leave out '/' and a leading dot.")
    }
  }

  func apply(to configuration: inout RunConfiguration) {
    if let runDir { configuration.runDirectory = runDir }
    if let name { configuration.name = name }
  }
}
