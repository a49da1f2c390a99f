internal import Formatting
internal import MultiTaskTransformer
internal import RunFolder
internal import TextData
internal import TrainingEvents

/// README.md of an exported model: what it is, what it was trained on, how good it is and how to open it.
struct ModelCard {
  private let source: ExportSource
  private let format: ModelExport.Format

  init(_ source: ExportSource, format: ModelExport.Format) {
    self.source = source
    self.format = format
  }

  var bytes: [UInt8] {
    let name = source.run?.manifest.name ?? source.checkpoint.name
    var sections = ["# \(name)", introduction]
    if let run = source.run { sections.append(training(run)) }
    if let evaluation = source.run?.evaluation { sections.append(figures(evaluation)) }
    sections.append(format == .onnx ? onnx : huggingFace)
    return Array((sections.joined(separator: "\n\n") + "\n").utf8)
  }

  private var introduction: String {
    let (shape, encoding) = (source.shape, source.encoding)
    let tasks = [
      encoding.sentenceClasses.isEmpty
        ? nil : "classifies a sentence (\(Self.count(encoding.sentenceClasses, "class", "classes")))",
      encoding.tags.isEmpty ? nil : "tags its words (\(Self.count(encoding.tags, "tag", "tags")))",
    ].compactMap { $0 }.joined(separator: " and ")
    let trained = source.run.map { ", trained with mtt-tui \($0.manifest.version)" } ?? ""
    let learned = source.tensors.filter { !$0.name.contains("_prior.") }.reduce(0) { $0 + $1.values.count }
    return "A model that \(tasks)\(trained); exported by mtt-tui \(Program.version). Encoder:"
      + " \(shape.layerCount) layers, hidden size \(shape.hiddenSize), \(shape.headCount) heads, feed-forward \(shape.intermediateSize)"
      + "\(shape.members > 1 ? ", \(shape.members) members whose answers are averaged" : "");"
      + " \(learned) parameters. The labels are in `labels.json`, in the order of the logits."
  }

  private func training(_ run: ExportSource.Run) -> String {
    let it = run.manifest.configuration
    let data =
      switch it.source {
      case .demo: "the demo corpus of mtt-tui"
      case .folder(let path): Self.lastPart(path)
      case .files(let train, _, _): train.map(Self.lastPart).joined(separator: ", ")
      }
    let rates =
      it.encoderLearningRate.map { "\(it.learningRate) (encoder \($0))" } ?? "\(it.learningRate)"
    let lines = [
      "- Data: \(data)",
      "- Checkpoint: step \(source.checkpoint.step), \(Self.reason(run.choice, it.selection))",
      "- Encoder begun from: \(it.encoder.map(Self.lastPart) ?? "random weights")",
      "- Frozen: \(it.freeze.isEmpty ? "nothing" : it.freeze.joined(separator: ", "))"
        + (it.unfreezeEvery.map { "; the rest unfrozen from the top, a part every \($0) epochs" } ?? ""),
      "- Batch size \(it.batchSize), \(it.epochs) epochs planned, \((it.optimizer ?? .adamw).rawValue), learning rate \(rates), \(it.schedule.rawValue) schedule"
        + " with a warm-up of \(it.warmup), weight decay \(it.weightDecay), dropout \(it.dropout), seed \(it.seed),"
        + " \(it.precision.rawValue)",
      "- Tag loss: \(Self.tagLoss(source.shape)); value swap \(it.swap); word dropout"
        + " \(it.wordDropout ?? 0); piece dropout \(it.pieceDropout ?? 0); class weights"
        + " \((it.classWeights ?? .none).rawValue); label smoothing \(it.labelSmoothing); layer decay \(it.layerDecay)",
    ]
    return "## Training\n\n" + lines.joined(separator: "\n")
  }

  private static func reason(_ choice: CheckpointLocation.Choice, _ selection: RunConfiguration.Selection) -> String {
    switch choice {
    case .best: "the best \(selection.rawValue) on dev"
    case .lastWithoutBest: "the newest: no best was chosen on dev"
    case .last: "the newest"
    case .named: "named by its step"
    }
  }

  private static func tagLoss(_ shape: ModelConfiguration) -> String {
    switch shape.tagLoss {
    case .crf: "negative log-likelihood of a conditional random field"
    case .crossEntropy where shape.tagChain: "cross-entropy of the marginals of a learned chain over the tags"
    case .crossEntropy: "cross-entropy"
    }
  }

  private func figures(_ evaluation: EvaluationRecord) -> String {
    func percent(_ value: Double?) -> String {
      guard let value, value.isFinite else { return "–" }
      return NumberText.fixed(value * 100, decimals: 2) + " %"
    }
    let counts = evaluation.counts
    let rows = [
      ("Sentence accuracy", counts.accuracy(.sentence)), ("Tag accuracy", counts.accuracy(.words)),
      ("Entity F1", evaluation.entityF1), ("Exact match", evaluation.exactMatch),
    ]
    return "## Figures on dev\n\n| figure | value |\n|---|---|\n"
      + rows.map { "| \($0) | \(percent($1)) |" }.joined(separator: "\n")
  }

  private var huggingFace: String {
    let chain =
      source.shape.chainName.map {
        "\n- `\($0).transitions` [tags, tags] (from row to column), `\($0).start_transitions`, `\($0).end_transitions`"
          + " [tags]: \(meaningOfChain)"
      } ?? ""
    return """
      ## Use

      ```python
      from transformers import AutoModel, AutoTokenizer
      model = AutoModel.from_pretrained(".")          # config.json, model.safetensors
      tokenizer = AutoTokenizer.from_pretrained(".")  # tokenizer.json; split sentences into words first
      ```

      `heads.safetensors` holds both heads; weights are [outputs, inputs]:

      - `classifier.sentence.weight`, `classifier.sentence.bias`: logits of the classes = W · pooler output + b
      - `classifier.tags.weight`, `classifier.tags.bias`: logits of the tags = W · last hidden state + b, for every token\(chain)

      A word's tag is that of its first token.
      """
  }

  private var onnx: String {
    let grams =
      source.shape.nGramBuckets > 0
      ? """

      - `ngram_starts` int64 [batch × length + 1], `ngrams` int64 [grams]: position i (row by row) has the n-gram rows
        `ngrams[ngram_starts[i] ..< ngram_starts[i + 1]]`; only a word's first token has any. A word's n-grams are those
        of `<word>`\(source.encoding.tokenizer.lowercase ? " in lower case" : "") with decimal digits as 0, 3 to 5 characters long, each once: row 1 + CRC-32 mod \(source.shape.nGramBuckets - 1)
      """ : ""
    let chain =
      source.shape.chainName == nil
      ? ""
      : "\n- `transitions` [tags, tags] (from row to column), `start_transitions`, `end_transitions` [tags]:"
        + " \(meaningOfChain)"
    return """
      ## Use

      `model.onnx` (operator set 17) has the inputs

      - `input_ids` int64 [batch, length]: [CLS], tokens, [SEP], padding
      - `attention_mask` int64 [batch, length]: 1 at tokens, 0 at padding, which comes last\(grams)

      and the outputs

      - `logits_a` float [batch, \(source.shape.sentenceClassCount)]
      - `logits_b` float [batch, length, \(source.shape.tagCount)]; at padding they mean nothing\(chain)

      A word's tag is that of its first token. Decoding is left to the caller: the best path (Viterbi) over the words' rows of
      `logits_b`, plus the transitions if there are any, where an I- tag may only follow its own type.
      """
  }

  private var meaningOfChain: String {
    source.shape.learnsTransitions
      ? "learned scores of each step"
      : "log-probabilities of each step in train, weighted, to be added to the logits when decoding"
  }

  private static func count(_ labels: [String], _ one: String, _ several: String) -> String {
    "\(labels.count) \(labels.count == 1 ? one : several)"
  }

  private static func lastPart(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }
}
