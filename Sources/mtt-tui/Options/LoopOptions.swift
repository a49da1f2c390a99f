import ArgumentParser
import TrainingEvents

/// How the run proceeds: randomness, threads, checkpoints.
struct LoopOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Seed of every random choice; the same seed gives the same run (default: \(Defaults.run.seed)).",
      valueName: "n"))
  var seed: UInt64?

  @Option(help: ArgumentHelp("Worker threads; 0 for one a core (default: \(Defaults.run.threads)).", valueName: "n"))
  var threads: Int?

  @Option(
    help: ArgumentHelp(
      "Parts a batch is split into, fixed for the whole run; 0 for one a thread (default: \(Defaults.run.shares)).",
      valueName: "n"))
  var shares: Int?

  @Option(
    help: ArgumentHelp(
      "Parts, a power of two, that a batch is cut into so that machines can share it; each has its own gradients, added "
        + "in a fixed order. Fixed for the whole run (default: 1).", valueName: "n"))
  var parts: Int?

  @Option(
    help: ArgumentHelp(
      "Number format of the matrix products (default: \(Defaults.run.precision.rawValue)).", valueName: "name"))
  var precision: RunConfiguration.Precision?

  @Option(
    help: ArgumentHelp(
      "Steps between checkpoints, besides one at each epoch's end; 0 for none "
        + "(default: \(Defaults.run.checkpointEvery)).", valueName: "n"))
  var checkpointEvery: Int?

  @Option(
    help: ArgumentHelp(
      "Minutes between checkpoints; 0 for none (default: \(Defaults.run.checkpointMinutes)).", valueName: "x"))
  var checkpointMinutes: Double?

  @Option(
    help: ArgumentHelp(
      "Steps between two lines in metrics.jsonl (default: every step up to 10,000, every tenth up to 100,000, "
        + "and so on).", valueName: "n"))
  var metricsEvery: Int?

  @Flag(
    inversion: .prefixedNo,
    help: ArgumentHelp("Write the curves as TensorBoard event files, too, into the run's folder."))
  var tensorboard: Bool?

  @Option(
    help: ArgumentHelp("Checkpoints kept besides the best (default: \(Defaults.run.keep)).", valueName: "n"))
  var keep: Int?

  @Option(
    help: ArgumentHelp(
      "The dev figure that names the best checkpoint (default: exact-match, or entity-f1 for tags alone).",
      valueName: "name"))
  var selectBy: RunConfiguration.Selection?

  @Option(
    help: ArgumentHelp(
      "End the run after so many epochs without a better dev figure (default: train all epochs).", valueName: "n"))
  var patience: Int?

  @Option(
    help: ArgumentHelp(
      "Steps with a loss or gradient that is not finite before the run ends as diverged "
        + "(default: \(Defaults.run.divergenceLimit)).", valueName: "n"))
  var divergenceLimit: Int?

  func validate() throws {
    try check("threads", threads)
    try check("shares", shares)
    try check("parts", parts)
    if let parts, parts.nonzeroBitCount != 1 {
      throw ValidationError("--parts is \(parts), but must be a power of two, such as 1, 2, 4 or 8.")
    }
    try check("checkpoint-every", checkpointEvery)
    try check("checkpoint-minutes", checkpointMinutes)
    try check("metrics-every", metricsEvery)
    try check("keep", keep)
    try check("patience", patience)
    try check("divergence-limit", divergenceLimit)
  }

  func apply(to configuration: inout RunConfiguration) {
    set(&configuration.seed, seed)
    set(&configuration.threads, threads)
    set(&configuration.shares, shares)
    if let parts { configuration.parts = parts }
    set(&configuration.precision, precision)
    set(&configuration.checkpointEvery, checkpointEvery)
    set(&configuration.checkpointMinutes, checkpointMinutes)
    if let metricsEvery { configuration.metricsEvery = metricsEvery }
    if let tensorboard { configuration.tensorBoard = tensorboard }
    set(&configuration.keep, keep)
    if let selectBy { configuration.selectBy = selectBy }
    if let patience { configuration.patience = patience }
    set(&configuration.divergenceLimit, divergenceLimit)
  }
}
