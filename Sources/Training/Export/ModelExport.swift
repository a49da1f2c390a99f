internal import MultiTaskTransformer
import Paths
internal import RunFolder
internal import TextData
internal import TrainingEvents

/// Writes a trained model in a form that other programs read.
public enum ModelExport {
  public enum Format: String, CaseIterable, Sendable {
    /// An encoder as `transformers` saves one, its tokenizer, and the heads beside it.
    case huggingFace = "hf"
    /// One graph from token ids to the logits of both heads.
    case onnx
  }

  /// Writes the model of a run or of one checkpoint's folder.
  ///
  /// - Parameters:
  ///   - run: the run's folder, or a checkpoint's.
  ///   - checkpoint: `best`, `last`, `step-0000400` or `400`; nil for the best, or the last where no best was chosen.
  ///   - folder: where to write; made if it is not there, refused if there is something in it.
  /// - Returns: a sentence that says what was written from which checkpoint.
  public static func write(
    _ format: Format, of run: String, checkpoint: String? = nil, to folder: String
  ) throws(RunFailure) -> String {
    let source = try ExportSource(run: run, checkpoint: checkpoint)
    let files = try format == .onnx ? ONNXExport.files(source) : HuggingFaceExport.files(source)
    try RunFailure.converting { () throws(RunFolderError) in
      try writeNewFolder(files, to: absolutePath(folder))
    }
    return "Wrote \(files.map(\.name).joined(separator: ", ")) of \(source.description) to \(folder)."
  }
}

/// What an export is made from: a checkpoint, and what its run records.
struct ExportSource {
  let model: ModelFolder
  let encoding: TextEncoding
  let tensors: [NamedTensor]
  /// Which checkpoint it is, in words.
  let description: String
  /// What a run's folder knows besides; nil for a checkpoint that has left it.
  let run: Run?
  var checkpoint: Checkpoint { model.checkpoint }
  var shape: ModelConfiguration { model.shape }

  struct Run {
    var manifest: RunManifest
    /// How the checkpoint came to be the one exported.
    var choice: CheckpointLocation.Choice
    /// The evaluation at the checkpoint's step; nil where there was none.
    var evaluation: EvaluationRecord?
  }

  init(run path: String, checkpoint name: String?) throws(RunFailure) {
    let location = try RunFailure.converting { () throws(RunFolderError) in
      try CheckpointLocation.find(path, named: name)
    }
    description = location.description
    model = try ModelFolder(location.checkpoint)
    encoding = try model.encoding()
    tensors = try model.tensors().all()
    guard let choice = location.choice else {
      run = nil
      return
    }
    let folder = absolutePath(path)
    run = try RunFailure.converting { () throws(RunFolderError) in
      Run(
        manifest: try RunManifest.read(folder: folder), choice: choice,
        evaluation: try RunMetrics.evaluation(atStep: location.checkpoint.step, ofRunIn: folder))
    }
  }

  /// Files of the checkpoint that say how text becomes tokens and what the labels are.
  func textFiles() throws(RunFailure) -> [CheckpointFile] {
    try RunFailure.converting { () throws(RunFolderError) in
      var files: [CheckpointFile] = []
      var names = [
        ModelFolder.vocabularyFile, ModelFolder.tokenizerJSONFile, ModelFolder.tokenizerFile, ModelFolder.labelsFile,
      ]
      if isThere(checkpoint.path + "/" + Temperatures.fileName) { names.append(Temperatures.fileName) }
      for name in names {
        files.append(CheckpointFile(name: name, content: .bytes(try checkpoint.bytes(name))))
      }
      return files
    }
  }
}

/// An encoder that `transformers.AutoModel` opens, a tokenizer for `AutoTokenizer`, and the heads in one file.
enum HuggingFaceExport {
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
    let configuration = try RunFailure.converting { () throws(RunFolderError) in
      try source.checkpoint.bytes(ModelFolder.configurationFile)
    }
    return [
      CheckpointFile(name: ModelFolder.configurationFile, content: .bytes(configuration)),
      CheckpointFile(
        name: ModelFolder.weightsFile,
        content: .tensors(stored(source.tensors.filter(isEncoder)), metadata: ["format": "pt"])),
      CheckpointFile(
        name: ModelFolder.headsFile,
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
      ("--sentence-pooling mean", shape.sentencePooling == .mean), ("--members \(shape.members)", shape.members > 1),
      ("--class-prior \(shape.classPrior)", shape.classPrior > 0),
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
