import ArgumentParser
import TrainingEvents

/// How the weights are moved.
struct OptimizationOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Passes over the training sentences (default: \(Defaults.run.epochs), more where these are few).", valueName: "n")
  )
  var epochs: Int?

  @Option(
    help: ArgumentHelp(
      "Sentences a step (default: \(Defaults.run.batchSize), fewer where there are few).", valueName: "n"))
  var batchSize: Int?

  @Option(
    help: ArgumentHelp(
      "What moves the weights: adamw, or muon for the encoder's matrices and AdamW for the rest (default: adamw).",
      valueName: "name"))
  var optimizer: RunConfiguration.Optimizer?

  @Option(help: ArgumentHelp("Peak learning rate (default: \(Defaults.run.learningRate)).", valueName: "x"))
  var learningRate: Double?

  @Option(
    help: ArgumentHelp("Peak learning rate of the encoder (default: as --learning-rate).", valueName: "x"))
  var encoderLearningRate: Double?

  @Option(
    help: ArgumentHelp(
      "What each layer's rate is multiplied by on the way down to the embeddings (default: \(Defaults.run.layerDecay)).",
      valueName: "x"))
  var layerDecay: Double?

  @Option(
    help: ArgumentHelp(
      "Parts that stay as they are: encoder (all but the heads), embeddings, layer.2 or layer.0-2, with commas between.",
      valueName: "parts"))
  var freeze: String?

  @Option(
    help: ArgumentHelp(
      "Begin with the encoder frozen and train a part more every n epochs, top layer first, embeddings last (default: never).",
      valueName: "n"))
  var unfreezeEvery: Int?

  @Option(
    help: ArgumentHelp(
      "Decoupled weight decay, none on biases and LayerNorm (default: \(Defaults.run.weightDecay)).",
      valueName: "x"))
  var weightDecay: Double?

  @Option(help: ArgumentHelp("Share of all steps spent warming up (default: \(Defaults.run.warmup)).", valueName: "x"))
  var warmup: Double?

  @Option(
    help: ArgumentHelp(
      "The learning rate's way after the warm-up (default: \(Defaults.run.schedule.rawValue)).", valueName: "name"))
  var schedule: RunConfiguration.Schedule?

  @Option(
    help: ArgumentHelp(
      "Largest gradient norm; 0 for no clipping (default: \(Defaults.run.clip)).", valueName: "x"))
  var clip: Double?

  @Option(
    name: .customLong("weight-a"),
    help: ArgumentHelp("Weight of the sentence loss (default: \(Defaults.run.weightA)).", valueName: "x"))
  var weightA: Double?

  @Option(
    name: .customLong("weight-b"),
    help: ArgumentHelp("Weight of the tag loss (default: \(Defaults.run.weightB)).", valueName: "x"))
  var weightB: Double?

  func validate() throws {
    try check("epochs", epochs)
    try check("batch-size", batchSize)
    try check("learning-rate", learningRate)
    try check("encoder-learning-rate", encoderLearningRate)
    try check("layer-decay", layerDecay)
    try check("unfreeze-every", unfreezeEvery)
    try check("weight-decay", weightDecay)
    try check("warmup", warmup)
    try check("clip", clip)
    try check("weight-a", weightA)
    try check("weight-b", weightB)
  }

  func apply(to configuration: inout RunConfiguration) {
    if let epochs {
      configuration.epochs = epochs
      configuration.leastSteps = nil
    }
    if let batchSize {
      configuration.batchSize = batchSize
      configuration.smallBatches = nil
    }
    if let optimizer { configuration.optimizer = optimizer }
    set(&configuration.learningRate, learningRate)
    if let encoderLearningRate { configuration.encoderLearningRate = encoderLearningRate }
    set(&configuration.layerDecay, layerDecay)
    if let freeze {
      configuration.freeze = freeze.split(separator: ",").map { String($0.filter { !$0.isWhitespace }) }
    }
    if let unfreezeEvery { configuration.unfreezeEvery = unfreezeEvery }
    set(&configuration.weightDecay, weightDecay)
    set(&configuration.warmup, warmup)
    set(&configuration.schedule, schedule)
    set(&configuration.clip, clip)
    set(&configuration.weightA, weightA)
    set(&configuration.weightB, weightB)
  }
}
