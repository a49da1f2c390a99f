internal import MultiTaskTransformer
internal import RunFolder
internal import TextData
internal import TrainingEvents

/// Why a model was not exported.
public struct ExportError: Error, CustomStringConvertible, Hashable {
  /// 65 bad data; 66 no such input; 73 cannot write.
  public var exitCode: Int32
  /// A sentence: what was found, where, what to do.
  public var description: String
}

/// Writes a trained model in a form that other programs read.
public enum ModelExport {
  public enum Format: String, CaseIterable, Sendable {
    /// An encoder as `transformers` saves one, its tokenizer, and the heads beside it.
    case huggingFace = "hf"
    /// One graph from token ids to the logits of both heads.
    case onnx
  }

  /// Writes the model of a run (its best checkpoint, or else its last) or of one checkpoint's folder.
  ///
  /// - Parameters:
  ///   - run: the run's folder, or a checkpoint's.
  ///   - folder: where to write; made if it is not there, refused if there is something in it.
  /// - Returns: a sentence that says what was written from which checkpoint.
  public static func write(_ format: Format, of run: String, to folder: String) throws(ExportError) -> String {
    do throws(RunFailure) {
      let source = try ExportSource(run: absolutePath(run))
      let files = try format == .onnx ? ONNXExport.files(source) : HuggingFaceExport.files(source)
      do throws(RunFolderError) {
        try writeNewFolder(files, to: absolutePath(folder))
      } catch {
        throw RunFailure(error)
      }
      return "Wrote \(files.map(\.name).joined(separator: ", ")) of \(source.checkpoint.path) to \(folder)."
    } catch {
      throw ExportError(exitCode: error.exitCode, description: error.description)
    }
  }
}

/// What an export is made from: a checkpoint, and what its run tells.
struct ExportSource {
  let checkpoint: Checkpoint
  let shape: ModelConfiguration
  let tensors: [NamedTensor]
  /// nil for a checkpoint that has left its run's folder.
  let manifest: RunManifest?
  /// The evaluation at the checkpoint's step.
  let evaluation: EvaluationRecord?

  init(run: String) throws(RunFailure) {
    do {
      var path = run
      var home: String?
      if let manifest = try? RunManifest.read(folder: run) {
        self.manifest = manifest
        home = run
        path = run + "/checkpoints/best"
        if !isThere(path) { path = run + "/checkpoints/last" }
        guard isThere(path) else {
          throw RunFailure(
            exitCode: 66, "\(run): the run has no checkpoint yet; export it once it has trained an epoch")
        }
      } else {
        manifest = nil
        guard isThere(run + "/manifest.json") else {
          throw RunFailure(exitCode: 66, "\(run): is neither a run's folder nor a checkpoint's")
        }
      }
      checkpoint = try Checkpoint(path: path)
      shape = try RunJSON.decode(
        ModelConfiguration.self, from: try checkpoint.bytes(Checkpointing.configurationFile),
        path: path + "/" + Checkpointing.configurationFile)
      var tensors: [NamedTensor] = []
      let file = try checkpoint.tensors(Checkpointing.weightsFile)
      for entry in file.entries {
        tensors.append(NamedTensor(name: entry.name, shape: entry.shape, values: try file.floats(entry)))
      }
      self.tensors = tensors
      evaluation = home.flatMap { [step = checkpoint.step] in Self.evaluation(run: $0, step: step) }
    } catch let failure as RunFailure {
      throw failure
    } catch let error as RunFolderError {
      throw RunFailure(error)
    } catch {
      throw RunFailure(exitCode: 65, "\(run): cannot be read: \(error)")
    }
    // Every tensor that the shape asks for, with its shape, and no other.
    do throws(ModelError) {
      let model = ModelEnsemble(configuration: shape, tagConstraints: nil, seed: 1, threads: 1, shares: 1)
      try model.load(parameters: tensors)
    } catch {
      throw RunFailure(exitCode: 65, "\(checkpoint.path): does not fit its config.json: \(error)")
    }
  }

  private static func evaluation(run: String, step: Int) -> EvaluationRecord? {
    let path = run + "/metrics.jsonl"
    guard let bytes = try? readFile(path, limit: 1 << 30) else { return nil }
    var found: EvaluationRecord?
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      if case .evaluation(let record)? = try? MetricLine(json: line, path: path), record.step == step { found = record }
    }
    return found
  }

  /// Files of the checkpoint that say how text becomes tokens and what the labels are.
  func textFiles() throws(RunFailure) -> [CheckpointFile] {
    do throws(RunFolderError) {
      var files: [CheckpointFile] = []
      for name in [
        Checkpointing.vocabularyFile, Checkpointing.tokenizerJSONFile, Checkpointing.tokenizerFile,
        Checkpointing.labelsFile,
      ] {
        files.append(CheckpointFile(name: name, content: .bytes(try checkpoint.bytes(name, limit: 1 << 30))))
      }
      return files
    } catch {
      throw RunFailure(error)
    }
  }
}

/// An encoder that `transformers.AutoModel` opens, a tokenizer for `AutoTokenizer`, and the heads in one file.
enum HuggingFaceExport {
  static let headsFile = "heads.safetensors"

  static func files(_ source: ExportSource) throws(RunFailure) -> [CheckpointFile] {
    let obstacles = self.obstacles(source.shape)
    guard obstacles.isEmpty else {
      throw RunFailure(
        exitCode: 65,
        "\(source.checkpoint.path): its encoder is not of BERT's shape (\(obstacles.joined(separator: ", "))), which"
          + " Hugging Face's BertModel has no place for; export it with --format onnx, or train with --preset bert")
    }
    func isEncoder(_ tensor: NamedTensor) -> Bool {
      ["embeddings.", "encoder.", "pooler."].contains(where: tensor.name.hasPrefix)
    }
    func stored(_ tensors: [NamedTensor]) -> [StoredTensor] {
      tensors.map { StoredTensor(name: $0.name, shape: $0.shape, values: .f32($0.values)) }
    }
    let configuration: [UInt8]
    do throws(RunFolderError) {
      configuration = try source.checkpoint.bytes(Checkpointing.configurationFile)
    } catch {
      throw RunFailure(error)
    }
    return [
      CheckpointFile(name: Checkpointing.configurationFile, content: .bytes(configuration)),
      CheckpointFile(
        name: Checkpointing.weightsFile,
        content: .tensors(stored(source.tensors.filter(isEncoder)), metadata: ["format": "pt"])),
      CheckpointFile(
        name: headsFile,
        content: .tensors(stored(source.tensors.filter { !isEncoder($0) }), metadata: ["format": "pt"])),
    ] + (try source.textFiles()) + [
      CheckpointFile(name: "README.md", content: .bytes(ModelCard(source, format: .huggingFace).bytes))
    ]
  }

  /// The options by which a shape is not BERT's.
  static func obstacles(_ shape: ModelConfiguration) -> [String] {
    [
      ("--normalization pre", shape.normalization == .pre), ("--positions relative", shape.positions == .relative),
      ("--convolution", shape.convolution), ("--ngram-buckets \(shape.nGramBuckets)", shape.nGramBuckets > 0),
      ("--members \(shape.members)", shape.members > 1),
    ].filter(\.1).map(\.0)
  }
}

/// One graph from token ids to logits.
enum ONNXExport {
  static let modelFile = "model.onnx"

  static func files(_ source: ExportSource) throws(RunFailure) -> [CheckpointFile] {
    let bytes = source.tensors.reduce(0) { $0 + 4 * $1.values.count }
    guard bytes < 2_000_000_000 else {
      throw RunFailure(
        exitCode: 65, "\(source.checkpoint.path): has \(bytes) bytes of weights; an ONNX file holds less than 2 GB")
    }
    return [
      CheckpointFile(
        name: modelFile, content: .bytes(ONNXModel.file(source.shape, source.tensors, version: Program.version)))
    ] + (try source.textFiles()) + [
      CheckpointFile(name: "README.md", content: .bytes(ModelCard(source, format: .onnx).bytes))
    ]
  }
}
