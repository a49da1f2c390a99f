import ArgumentParser
import RunOptions
import Training
import TrainingEvents

/// Every option of `mtt-tui train`: the one table behind the command line, the configuration file and the help.
struct TrainOptions: ParsableArguments {
  @OptionGroup(title: "Data") var data: DataOptions
  @OptionGroup(title: "Model") var model: OptionTable<ModelSection>
  @OptionGroup(title: "Recipe") var recipe: RecipeOptions
  @OptionGroup(title: "Optimization") var optimization: OptionTable<OptimizationSection>
  @OptionGroup(title: "Loop") var loop: OptionTable<LoopSection>
  @OptionGroup(title: "Run") var run: RunOptions
  @OptionGroup(title: "Several processes") var ranks: RankOptions
  @OptionGroup(title: "Display") var display: DisplayOptions

  private var hasEncoder: Bool { model.given["encoder"] != nil }

  /// The configuration of a new run.
  var configuration: RunConfiguration {
    var configuration =
      recipe.preset.map { RunConfiguration(preset: $0) }
      ?? (hasEncoder ? .fineTuning : RunConfiguration(preset: .standard))
    recipe.table.apply(to: &configuration)
    data.apply(to: &configuration)
    model.apply(to: &configuration)
    optimization.apply(to: &configuration)
    loop.apply(to: &configuration)
    run.apply(to: &configuration)
    return configuration
  }

  /// What the engine is to do.
  var start: TrainingEngine.Start {
    guard let folder = run.resume else { return .new(configuration) }
    return .resume(
      directory: folder, epochs: optimization.given["epochs"].flatMap { Int($0) },
      threads: loop.given["threads"].flatMap { Int($0) },
      acceptsChangedData: run.acceptChangedData ?? false)
  }

  /// Whether several runs are asked for, or to be gone on with.
  var trainsFolds: Bool { run.folds != nil || run.resume.map { FoldPlan.isIn($0) } == true }

  /// Throws a sentence where options that are fine one by one do not go together; `given` names them with their dashes.
  func checkTogether(given: Set<String>) throws {
    try display.checkTogether()
    if trainsFolds { try checkFolds(given: given) }
    if run.resume != nil {
      let allowed: Set<String> = [
        "--resume", "--accept-changed-data", "--no-accept-changed-data", "--config", "--epochs", "--threads", "--ui",
        "--no-ui",
        "--hosts", "--launcher", "--mpi", "--peer-timeout",
        "--log-format", "--theme", "--glyphs", "--colors", "--mouse", "--no-mouse",
      ]
      let refused = given.subtracting(allowed).sorted()
      guard refused.isEmpty else {
        throw ValidationError(
          "A resumed run keeps its own settings: leave out \(refused.joined(separator: ", ")). "
            + "Only --epochs, --threads, --accept-changed-data and the display options can be given with --resume.")
      }
      return
    }
    if run.acceptChangedData == true {
      throw ValidationError("--accept-changed-data belongs to --resume: a new run takes the data as they are.")
    }
    if hasEncoder {
      let own: Set<String> = [
        "--hidden", "--layers", "--heads", "--intermediate", "--tokenizer", "--vocabulary-size", "--minimum-count",
        "--lowercase", "--no-lowercase",
      ]
      let refused = given.intersection(own).sorted()
      guard refused.isEmpty else {
        throw ValidationError(
          "A pretrained encoder brings its own shape and tokenizer: leave out \(refused.joined(separator: ", ")).")
      }
    }
    try data.checkTogether()
    if let fault = configuration.fault { throw ValidationError("\(fault).") }
  }

  /// What several runs leave no place for.
  private func checkFolds(given: Set<String>) throws {
    if display.ui == true {
      throw ValidationError(
        "--folds prints lines: leave --ui out; 'mtt-tui attach' shows the run of the present fold, 'mtt-tui view FOLDER'"
          + " all of them.")
    }
    guard run.resume == nil else {
      let refused = given.intersection(["--epochs", "--threads", "--accept-changed-data", "--mpi", "--hosts"]).sorted()
      guard refused.isEmpty else {
        throw ValidationError("Folds are gone on with as they began: leave out \(refused.joined(separator: ", ")).")
      }
      return
    }
    if given.contains("--hosts") {
      throw ValidationError("--folds trains its runs one after another in one process: leave --hosts out.")
    }
    if data.data == nil, data.train.isEmpty {
      throw ValidationError("--folds shares out the sentences of --data or --train: name one of them.")
    }
    if data.train.contains("-") {
      throw ValidationError("--folds reads the training sentences once for each fold: name a file instead of -.")
    }
    if !data.test.isEmpty {
      throw ValidationError("With --folds each fold in turn is the test data: leave --test out.")
    }
  }
}
