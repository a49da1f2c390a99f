import ArgumentParser
import TrainingEvents

/// The encoder's shape.
struct ModelOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Begin with a pretrained encoder of BERT's kind: a folder with config.json, model.safetensors and tokenizer.json"
        + " or vocab.txt. Its shape and tokenizer become the model's.", valueName: "dir"),
    completion: .directory)
  var encoder: String?

  @Option(help: ArgumentHelp("Width of the encoder (default: \(Defaults.run.hidden)).", valueName: "n"))
  var hidden: Int?

  @Option(help: ArgumentHelp("Encoder layers (default: \(Defaults.run.layers)).", valueName: "n"))
  var layers: Int?

  @Option(help: ArgumentHelp("Attention heads; must divide --hidden (default: \(Defaults.run.heads)).", valueName: "n"))
  var heads: Int?

  @Option(
    help: ArgumentHelp("Width of the feed-forward layers (default: \(Defaults.run.intermediate)).", valueName: "n"))
  var intermediate: Int?

  @Option(
    help: ArgumentHelp(
      "Share of activations dropped while training (default: the preset's).", valueName: "x"))
  var dropout: Double?

  func validate() throws {
    try check("hidden", hidden)
    try check("layers", layers)
    try check("heads", heads)
    try check("intermediate", intermediate)
    try check("dropout", dropout)
  }

  func apply(to configuration: inout RunConfiguration) {
    if let encoder { configuration.encoder = encoder }
    set(&configuration.hidden, hidden)
    set(&configuration.layers, layers)
    set(&configuration.heads, heads)
    set(&configuration.intermediate, intermediate)
    set(&configuration.dropout, dropout)
  }
}
