import FolderSupport
import Foundation
import MultiTaskTransformer
import RunFolder
import Testing
import TextData
import TrainingEvents

@testable import Training

/// Trained models in forms that other programs read.
@Suite struct ExportTests {
  private let place = TemporaryFolder()
  private let data = TemporaryFolder()

  private func train(_ change: (inout RunConfiguration) -> Void = { _ in }) async throws {
    TinyData.write(to: data)
    var configuration = TinyData.configuration(data: data, run: place.path + "/run")
    configuration.epochs = 1
    change(&configuration)
    let engine = TrainingEngine(.new(configuration))
    var outcome: RunOutcome?
    for await event in engine.events {
      if case .phaseChanged(let phase) = event, let found = phase.outcome { outcome = found }
    }
    #expect(outcome?.exitCode == 0, "\(outcome?.message ?? "nothing")")
  }

  private func tensors(_ path: String) throws -> [String: [Float]] {
    let file = try SafetensorsFile(path: place.path + "/" + path)
    var tensors: [String: [Float]] = [:]
    for entry in file.entries { tensors[entry.name] = try file.floats(entry) }
    return tensors
  }

  @Test func anEncoderGoesOutAndComesBackByteForByte() async throws {
    try await train {
      $0.tokenizer = .wordpiece
      $0.vocabularySize = 60
    }
    let said = try ModelExport.write(.huggingFace, of: place.path + "/run", to: place.path + "/model")
    #expect(said.contains("model.safetensors") && said.contains("(best) of"))
    let trained = try tensors("run/checkpoints/best/model.safetensors")
    let encoder = try tensors("model/model.safetensors")
    let heads = try tensors("model/heads.safetensors")
    #expect(encoder.merging(heads) { first, _ in first } == trained)
    #expect(Set(heads.keys.map { $0.split(separator: ".")[0] }) == ["classifier"])

    let read = try PretrainedEncoder(reading: place.path + "/model")
    #expect(read.tokenizer == (try PretrainedEncoder(reading: place.path + "/run/checkpoints/best")).tokenizer)
    var configuration = TinyData.configuration(data: data, run: place.path + "/second")
    configuration.encoder = place.path + "/model"
    let second = try RunPreparation.prepare(.new(configuration))
    for tensor in second.model.parameters() where encoder[tensor.name] != nil {
      #expect(encoder[tensor.name] == tensor.values, "\(tensor.name)")
    }
    let card = try #require(place.text("model/README.md"))
    #expect(card.contains("Exact match") && card.contains("AutoModel"))
  }

  enum Transitions: CaseIterable {
    case none, counted, chain, randomField
  }

  /// Learned transitions, or train's, go with the heads.
  @Test(arguments: Transitions.allCases) func anExportedFolderAnswersAsItsRunDoes(transitions: Transitions) async throws
  {
    try await train {
      ($0.tokenizer, $0.vocabularySize, $0.epochs) = (.wordpiece, 60, 6)
      $0.tagLoss = transitions == .randomField ? .crf : .crossEntropy
      $0.tagChain = transitions == .chain
      // Given beside learned ones it counts for nothing.
      $0.tagPrior = transitions == .none ? nil : 0.3
    }
    let folder = place.path + "/model"
    _ = try ModelExport.write(.huggingFace, of: place.path + "/run", to: folder)
    let (run, exported) = (try TrainedModel(place.path + "/run", threads: 1), try TrainedModel(folder, threads: 1))
    let reports = try [run, exported].map { model in
      var report = try ModelEvaluator(model).evaluate(.folder(data.path), split: .dev)
      report.model = ""
      report.checkpoint = ""
      report.path = ""
      return report
    }
    #expect(reports[0] == reports[1])
    let texts = ["play name1 now please", "weather in new name2", "book nothing"]
    let answers = try [run, exported].map { model in
      let predictor = Predictor(model)
      return try predictor.predict(texts.map { predictor.split($0) })
    }
    #expect(answers[0] == answers[1])
    #expect(run.decoding == exported.decoding)
    #expect(run.decoding.contains("train's tag transitions") == (transitions == .counted))
    #expect(run.decoding.contains("learned transitions") == (transitions == .chain || transitions == .randomField))
    let scores = exported.model.parameters().filter { $0.name.contains("transitions") }
    #expect(scores.count == (transitions == .none ? 0 : 3))
    #expect(scores.allSatisfy { $0.name.hasPrefix("tag_prior.") == (transitions == .counted) })
    #expect(scores.allSatisfy { $0.values.contains { $0 != 0 } })
    // Without its heads it is an encoder, and says so.
    try FileManager.default.removeItem(atPath: folder + "/heads.safetensors")
    let failure = #expect(throws: RunFailure.self) { try TrainedModel(folder) }
    #expect(failure?.exitCode == 65 && failure?.description.contains("classifier.") == true)
  }

  @Test func whatIsNoModelWithHeadsIsNamed() async throws {
    try await train()
    _ = try ModelExport.write(.onnx, of: place.path + "/run", to: place.path + "/graph")
    let graph = #expect(throws: RunFailure.self) { try TrainedModel(place.path + "/graph") }
    #expect(graph?.exitCode == 65 && graph?.description.contains("--format hf") == true)
    place.makeFolder("bare")
    let sizes = [
      "vocab_size": 5, "hidden_size": 4, "num_hidden_layers": 1, "num_attention_heads": 1, "intermediate_size": 4,
      "max_position_embeddings": 16,
    ]
    place.write([UInt8](try JSONEncoder().encode(sizes)), to: "bare/config.json")
    place.write(Array("[PAD]\n[UNK]\n[CLS]\n[SEP]\n".utf8), to: "bare/vocab.txt")
    place.write([], to: "bare/model.safetensors")
    let bare = #expect(throws: RunFailure.self) { try TrainedModel(place.path + "/bare") }
    #expect(bare?.exitCode == 65 && bare?.description.contains("--encoder") == true, "\(bare?.description ?? "")")
  }

  @Test func shapesThatAreNotBERTsAreRefusedNamingTheOptions() async throws {
    try await train {
      $0.normalization = .pre
      $0.convolution = true
      $0.nGramBuckets = 50
    }
    let error = #expect(throws: RunFailure.self) {
      try ModelExport.write(.huggingFace, of: place.path + "/run", to: place.path + "/model")
    }
    for part in ["--normalization pre", "--convolution", "--ngram-buckets 50", "--format onnx"] {
      #expect(error?.description.contains(part) == true)
    }
    #expect(error?.exitCode == 65 && !place.exists("model"))
    _ = try ModelExport.write(.onnx, of: place.path + "/run", to: place.path + "/model")
    #expect((place.read("model/model.onnx")?.count ?? 0) > 1_000)
  }

  @Test func theCardSaysOnlyWhatIsSo() async throws {
    try await train {
      ($0.epochs, $0.tagChain, $0.labelSmoothing) = (2, true, 0.1)
    }
    let run = place.path + "/run"
    _ = try ModelExport.write(.onnx, of: run, to: place.path + "/best")
    let best = try #require(place.text("best/README.md"))
    let store = RunFolder.checkpoints(ofRunIn: run)
    let step = try #require(store.step(of: .best))
    #expect(best.contains("- Checkpoint: step \(step), the best exact-match on dev\n"))
    #expect(best.contains("marginals of a learned chain") && best.contains("label smoothing 0.1"))
    #expect(best.contains("(3 classes) and tags its words (5 tags)") && best.contains("## Figures on dev"))
    // The one that was asked for, with its own figures.
    _ = try ModelExport.write(.onnx, of: run, checkpoint: "6", to: place.path + "/first")
    let evaluation = try #require(try RunMetrics.evaluation(atStep: 6, ofRunIn: run))
    let first = try #require(place.text("first/README.md"))
    #expect(first.contains("- Checkpoint: step 6, named by its step\n"))
    let share = Int(((evaluation.exactMatch ?? .nan) * 10_000).rounded())
    #expect(first.contains("| Exact match | \(share / 100)."))
    // Nobody chose this one.
    unlink(store.path + "/best")
    _ = try ModelExport.write(.onnx, of: run, to: place.path + "/newest")
    #expect(place.text("newest/README.md")?.contains("the newest: no best was chosen on dev\n") == true)
  }

  @Test func aTaskWithoutLabelsIsNotOnTheCard() async throws {
    try await train { _ in
      for split in ["train", "dev"] { unlink(data.path + "/\(split)/seq.out") }
    }
    _ = try ModelExport.write(.onnx, of: place.path + "/run", to: place.path + "/graph")
    let card = try #require(place.text("graph/README.md"))
    #expect(card.contains("A model that classifies a sentence (3 classes), trained"))
    #expect(card.contains("| Entity F1 | – |"))
  }

  @Test func aDamagedRunIsNamedAsSuch() async throws {
    try await train()
    place.write(Array("{\"format\": 1,".utf8), to: "run/run.json")
    let failure = #expect(throws: RunFailure.self) {
      try ModelExport.write(.onnx, of: place.path + "/run", to: place.path + "/graph")
    }
    #expect(failure?.exitCode == 65 && failure?.description.contains("run.json: is not as expected") == true)
  }

  @Test func whatCannotBeExportedOrWrittenIsNamed() async throws {
    func failure(_ run: String, _ folder: String) -> RunFailure? {
      #expect(throws: RunFailure.self) { try ModelExport.write(.onnx, of: run, to: folder) }
    }
    #expect(failure(place.path, place.path + "/model")?.exitCode == 66)
    try await train()
    place.makeFolder("full")
    place.write([1], to: "full/file")
    let taken = failure(place.path + "/run", place.path + "/full")
    #expect(taken?.exitCode == 73 && taken?.description.contains("already") == true)
    let best = place.path + "/run/checkpoints/best"
    let name = "run/checkpoints/" + (try #require(try? FileManager.default.destinationOfSymbolicLink(atPath: best)))
    let weights = try #require(place.read(name + "/model.safetensors"))
    place.write(Array(weights.dropLast(4)), to: name + "/model.safetensors")
    let damaged = failure(place.path + "/run", place.path + "/model")
    #expect(damaged?.exitCode == 65 && damaged?.description.contains("model.safetensors") == true)
  }

  // MARK: Against onnxruntime

  private static func shape(_ change: (inout ModelConfiguration) -> Void = { _ in }) -> ModelConfiguration {
    var shape = ModelConfiguration(
      vocabularySize: 31, hiddenSize: 24, layerCount: 2, headCount: 3, intermediateSize: 40, maxPositions: 40,
      sentenceClassCount: 4, tagCount: 7)
    change(&shape)
    return shape
  }

  private static let shapes: [ModelConfiguration] = [
    shape(), shape { $0.normalization = .pre },
    shape {
      $0.positions = .relative
      $0.relativeClip = 3
      $0.convolution = true
    },
    shape {
      $0.normalization = .pre
      $0.positions = .relative
      $0.relativeClip = 5
      $0.convolution = true
      $0.nGramBuckets = 19
      $0.tagLoss = .crf
    },
    shape {
      $0.members = 2
      $0.nGramBuckets = 19
      $0.tagLoss = .crf
    },
    shape {
      $0.members = 2
      $0.tagPrior = 0.3
    },
    shape { $0.classPrior = 2 },
    shape {
      $0.members = 2
      $0.nGramBuckets = 19
      $0.classPrior = 0.5
    },
  ]

  /// Needs a Python that has onnx, onnxruntime, safetensors and numpy, named by `MTT_PYTHON`.
  @Test(.enabled(if: Peer.python != nil), arguments: shapes.indices)
  func theGraphGivesTheModelsLogits(_ index: Int) throws {
    let shape = Self.shapes[index]
    let model = ModelEnsemble(configuration: shape, tagConstraints: nil, seed: 7, threads: 1, shares: 1)
    // A few steps, so that no bias or score is left at 0.
    let lengths = [9, 1, 17, 40, 5]
    let batch = Self.batch(shape, lengths)
    for step in 0..<3 {
      _ = Step(
        TransformerModel.packed(batch), dropoutKey: UInt64(step), balancer: FixedWeights(PerTask(1, 1)),
        learningRate: 0.05,
        weightDecay: 0, clip: 0
      ).run(on: model)
    }
    if shape.tagPrior > 0 {
      let counts = (0..<shape.tagCount).map { $0 + 1 }
      model.take(TagPrior(steps: counts.flatMap { from in counts.map { from + $0 } }, first: counts, last: counts))
    }
    if shape.classPrior > 0 {
      model.take(
        ClassPrior(
          fitting: TransformerModel.packed(batch), vocabularySize: shape.vocabularySize,
          nGramBuckets: shape.nGramBuckets, classCount: shape.sentenceClassCount))
    }
    let answers = model.predict(TransformerModel.packed(batch))
    let file = ONNXModel.file(shape, model.parameters(), version: "test")
    place.write(file, to: "model.onnx")
    let padded = PaddedBatch(batch, padding: 0)
    var tensors = [
      StoredTensor(
        name: "input_ids", shape: [batch.count, batch.length], values: .i64(padded.inputIDs.map { Int64($0) })),
      StoredTensor(
        name: "attention_mask", shape: [batch.count, batch.length], values: .i64(padded.attentionMask.map { Int64($0) })
      ),
      StoredTensor(
        name: "expected.logits_a", shape: [batch.count, shape.sentenceClassCount], values: .f32(answers.logits.sentence)
      ),
      StoredTensor(
        name: "expected.logits_b", shape: [lengths.reduce(0, +), shape.tagCount], values: .f32(answers.logits.words)),
    ]
    if let chain = shape.chainName {
      // Every member has its own; together they decode by the mean.
      for name in ["transitions", "start_transitions", "end_transitions"] {
        let all = model.parameters().filter { $0.name.hasSuffix("\(chain).\(name)") }
        let mean = all[0].values.indices.map { index in
          all.reduce(0) { $0 + $1.values[index] } / Float(all.count)
        }
        #expect(mean.contains { $0 != 0 })
        tensors.append(StoredTensor(name: "expected.\(name)", shape: all[0].shape, values: .f32(mean)))
      }
    }
    if shape.nGramBuckets > 0 {
      tensors.append(
        StoredTensor(
          name: "ngram_starts", shape: [padded.nGramStarts.count], values: .i64(padded.nGramStarts.map { Int64($0) })))
      tensors.append(
        StoredTensor(name: "ngrams", shape: [padded.nGrams.count], values: .i64(padded.nGrams.map { Int64($0) })))
    }
    try SafetensorsWriter.write(tensors, to: place.path + "/case.safetensors")
    #expect(try Peer.check("graph", place.path) == 0)
  }

  /// Nothing in the graph is as large as positions times n-grams, which would be tens of gigabytes here.
  @Test(.enabled(if: Peer.python != nil)) func manyNGramsNeedLittleMemory() throws {
    let shape = Self.shape {
      $0.hiddenSize = 12
      $0.layerCount = 1
      $0.nGramBuckets = 19
    }
    let model = ModelEnsemble(configuration: shape, tagConstraints: nil, seed: 7, threads: 1, shares: 1)
    let batch = Self.batch(shape, Array(repeating: 40, count: 3000))
    let padded = PaddedBatch(batch, padding: 0)
    #expect(batch.nGrams.count * padded.inputIDs.count * 4 > 20 << 30)
    let answers = model.predict(TransformerModel.packed(batch))
    place.write(ONNXModel.file(shape, model.parameters(), version: "test"), to: "model.onnx")
    let whole = [batch.count, batch.length]
    try SafetensorsWriter.write(
      [
        StoredTensor(name: "input_ids", shape: whole, values: .i64(padded.inputIDs.map { Int64($0) })),
        StoredTensor(name: "attention_mask", shape: whole, values: .i64(padded.attentionMask.map { Int64($0) })),
        StoredTensor(
          name: "expected.logits_a", shape: [batch.count, shape.sentenceClassCount],
          values: .f32(answers.logits.sentence)),
        StoredTensor(
          name: "expected.logits_b", shape: [padded.inputIDs.count, shape.tagCount], values: .f32(answers.logits.words)),
        StoredTensor(
          name: "ngram_starts", shape: [padded.nGramStarts.count], values: .i64(padded.nGramStarts.map { Int64($0) })),
        StoredTensor(name: "ngrams", shape: [padded.nGrams.count], values: .i64(padded.nGrams.map { Int64($0) })),
      ], to: place.path + "/case.safetensors")
    #expect(try Peer.check("graph", place.path) == 0)
  }

  private static func batch(_ shape: ModelConfiguration, _ lengths: [Int]) -> Batch {
    var batch = Batch()
    batch.length = lengths.max() ?? 0
    if shape.nGramBuckets > 0 { batch.nGramStarts.append(0) }
    for (row, length) in lengths.enumerated() {
      batch.classLabels.append(Int32(row % shape.sentenceClassCount))
      for place in 0..<length {
        batch.tokenIDs.append(Int32((row * 7 + place * 5) % shape.vocabularySize))
        batch.tagLabels.append(Int32((row + place) % shape.tagCount))
        guard shape.nGramBuckets > 0 else { continue }
        if place > 0 {
          for gram in 0..<(place % 4) { batch.nGrams.append(Int32((row + place * gram) % shape.nGramBuckets)) }
        }
        batch.nGramStarts.append(Int32(batch.nGrams.count))
      }
      batch.starts.append(Int32(batch.tokenIDs.count))
    }
    return batch
  }
}
