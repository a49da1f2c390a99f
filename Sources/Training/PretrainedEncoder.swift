internal import MultiTaskTransformer
internal import RunFolder
internal import TextData
internal import TrainingEvents

/// An encoder of BERT's kind as Hugging Face saves it: config.json, model.safetensors, and tokenizer.json or vocab.txt.
struct PretrainedEncoder {
  let folder: String
  let shape: EncoderShape
  let tokenizer: TokenizerFolder

  private var weightsFile: String { folder + "/" + Checkpointing.weightsFile }

  /// Reads all but the weights.
  init(reading folder: String) throws(RunFailure) {
    self.folder = folder
    shape = try EncoderShape(reading: folder + "/" + Checkpointing.configurationFile)
    do throws(DataError) {
      tokenizer = try TokenizerFolder(reading: folder)
    } catch {
      throw RunFailure(error)
    }
    guard tokenizer.vocabulary.count <= shape.vocabularySize else {
      throw RunFailure(
        exitCode: 65,
        "\(folder): the tokenizer has \(tokenizer.vocabulary.count) tokens, but config.json a vocab_size of"
          + " \(shape.vocabularySize); they are not of one model")
    }
  }

  /// Makes the configuration's shape the encoder's.
  func adopt(_ configuration: inout RunConfiguration) throws(RunFailure) {
    guard configuration.maxLength <= shape.maxPositions else {
      throw RunFailure(
        exitCode: 65,
        "max-length is \(configuration.maxLength), but the encoder in \(folder) has \(shape.maxPositions) positions;"
          + " choose at most that")
    }
    configuration.encoder = folder
    configuration.hidden = shape.hidden
    configuration.layers = shape.layers
    configuration.heads = shape.heads
    configuration.intermediate = shape.intermediate
    configuration.lowercase = tokenizer.configuration.lowercase
    configuration.tokenizer = tokenizer.configuration.kind == .wordpiece ? .wordpiece : .words
  }

  /// Loads the encoder's weights into a model of its shape; the heads stay as they are.
  ///
  /// Throws a sentence that names every tensor that is missing, too many or of another shape. Returns sentences for the
  /// log.
  func load(into model: some TrainableModel) throws(RunFailure) -> [String] {
    do {
      let file = try SafetensorsFile(path: weightsFile)
      var found = try entries(of: file)
      var faults: [String] = []
      var parameters: [NamedTensor] = []
      let own = model.parameters()
      let hasPooler = found.keys.contains { $0.hasPrefix("pooler.") }
      for tensor in own {
        let name = Self.memberless(tensor.name)
        let isEncoder = name.hasPrefix("embeddings.") || name.hasPrefix("encoder.")
        guard isEncoder || (hasPooler && name.hasPrefix("pooler.")) else {
          parameters.append(tensor)
          continue
        }
        guard let entry = found[name] else {
          faults.append("\(name) \(tensor.shape) is missing")
          continue
        }
        if entry.shape != tensor.shape {
          faults.append("\(name) has the shape \(entry.shape) where config.json asks for \(tensor.shape)")
        } else if entry.type != .f32 {
          faults.append("\(name) is \(entry.type.rawValue) where F32 is expected")
        } else {
          parameters.append(NamedTensor(name: tensor.name, shape: tensor.shape, values: try file.floats(entry)))
        }
      }
      for tensor in own { found[Self.memberless(tensor.name)] = nil }
      faults += found.keys.sorted().map { "\($0) is no tensor of this shape of BERT" }
      guard faults.isEmpty else {
        let shown = faults.prefix(8).joined(separator: "; ")
        let rest = faults.count > 8 ? "; and \(faults.count - 8) more" : ""
        throw RunFailure(exitCode: 65, "\(weightsFile): does not fit its config.json: \(shown)\(rest)")
      }
      try model.load(parameters: parameters)
      return hasPooler ? [] : ["The encoder has no pooler: it starts out untrained, with the heads."]
    } catch let error as RunFolderError {
      throw RunFailure(error)
    } catch let failure as RunFailure {
      throw failure
    } catch {
      throw RunFailure(exitCode: 65, "\(weightsFile): cannot be taken in: \(error)")
    }
  }

  /// The encoder's tensors by the names they have here: no prefix, LayerNorm's weight and bias; heads are left out.
  private func entries(of file: SafetensorsFile) throws(RunFailure) -> [String: TensorEntry] {
    var entries: [String: TensorEntry] = [:]
    for entry in file.entries {
      var name = entry.name.hasPrefix("bert.") ? String(entry.name.dropFirst(5)) : entry.name
      if name.hasSuffix("LayerNorm.gamma") { name = name.dropLast(5) + "weight" }
      if name.hasSuffix("LayerNorm.beta") { name = name.dropLast(4) + "bias" }
      let isForeign = ["cls.", "classifier.", "crf.", "tag_prior."].contains(where: name.hasPrefix)
      if name == "embeddings.position_ids" || isForeign { continue }
      if let other = entries.updateValue(entry, forKey: name) {
        throw RunFailure(
          exitCode: 65, "\(file.path): the tensors \"\(other.name)\" and \"\(entry.name)\" are the same one twice")
      }
    }
    return entries
  }

  /// A tensor's name without the number of the member it belongs to.
  private static func memberless(_ name: String) -> String {
    guard name.hasPrefix("member.") else { return name }
    return name.split(separator: ".", maxSplits: 2).last.map(String.init) ?? name
  }
}
