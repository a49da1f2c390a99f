import FolderSupport
import Foundation
import MultiTaskTransformer
import RunFolder
import Testing
import TextData
import TrainingEvents

@testable import Training

/// Encoders in Hugging Face's form: taken in whole, or refused with the reason.
@Suite struct PretrainedEncoderTests {
  private let place = TemporaryFolder()
  private let data = TemporaryFolder()

  private static let vocabulary =
    ["[PAD]", "a", "[UNK]", "[CLS]", "[SEP]", "play", "book", "weather", "in", "new", "name", "##0", "##1", "now"]

  private static let config: [String: String] = [
    "model_type": "\"bert\"", "vocab_size": "16", "hidden_size": "8", "num_hidden_layers": "2",
    "num_attention_heads": "2", "intermediate_size": "12", "max_position_embeddings": "20", "type_vocab_size": "2",
    "hidden_act": "\"gelu\"", "layer_norm_eps": "1e-12",
  ]

  private static func tensors() -> [StoredTensor] {
    let shape = ModelConfiguration(
      vocabularySize: 16, hiddenSize: 8, layerCount: 2, headCount: 2, intermediateSize: 12, maxPositions: 20,
      sentenceClassCount: 1, tagCount: 1)
    return MultiTaskModel(configuration: shape, seed: 11, threads: 1, shares: 1).parameters()
      .filter { !$0.name.hasPrefix("classifier.") }
      .map { StoredTensor(name: $0.name, shape: $0.shape, values: .f32($0.values)) }
  }

  /// - Parameter vocabulary: two tokens less than `vocab_size` unless configured otherwise: a padded table.
  private func write(
    config: [String: String] = config, tensors: [StoredTensor] = tensors(), vocabulary: [String] = vocabulary
  ) throws {
    place.makeFolder("encoder")
    let members = config.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value)" }
    place.write(Array("{\(members.joined(separator: ", "))}".utf8), to: "encoder/config.json")
    place.write(Array((vocabulary.joined(separator: "\n") + "\n").utf8), to: "encoder/vocab.txt")
    try SafetensorsWriter.write(tensors, to: place.path + "/encoder/model.safetensors")
  }

  private func configuration() -> RunConfiguration {
    TinyData.write(to: data)
    var configuration = TinyData.configuration(data: data, run: place.path + "/run")
    configuration.encoder = place.path + "/encoder"
    return configuration
  }

  private func prepared(_ change: (inout RunConfiguration) -> Void = { _ in }) throws -> PreparedRun {
    var configuration = configuration()
    change(&configuration)
    return try RunPreparation.prepare(.new(configuration))
  }

  private func expectRefusal(_ parts: String..., exitCode: Int32 = 65) {
    let failure = #expect(throws: RunFailure.self) { try prepared() }
    #expect(failure?.exitCode == exitCode)
    for part in parts {
      #expect(failure?.description.contains(part) == true, "\(failure?.description ?? "nothing")")
    }
    #expect(!place.exists("run/run.json"))
  }

  @Test func everyTensorTheTokenizerAndTheShapeAreTakenIn() throws {
    try write()
    let run = try prepared()
    let loaded = Dictionary(uniqueKeysWithValues: run.model.parameters().map { ($0.name, $0) })
    for tensor in Self.tensors() {
      guard case .f32(let values) = tensor.values else { continue }
      #expect(loaded[tensor.name]?.values == values, "\(tensor.name)")
    }
    #expect(run.configuration.layers == 2 && run.configuration.intermediate == 12)
    #expect(run.dataset.vocabulary == Self.vocabulary)
    let batch = collate(run.dataset.train, rows: [0], padTo: nil)
    // play name0 now please
    #expect(batch.tokenIDs == [3, 5, 10, 11, 13, 2, 4])
    #expect(batch.tagLabels.map { $0 == ignoredLabel } == [true, false, false, true, false, false, true])
  }

  @Test func prefixesAliasesAndOtherHeadsAreNoHindrance() throws {
    var tensors = Self.tensors().filter { !$0.name.hasPrefix("pooler.") }
    for index in tensors.indices {
      var name = "bert." + tensors[index].name
      if name.hasSuffix("LayerNorm.weight") { name = name.dropLast(6) + "gamma" }
      if name.hasSuffix("LayerNorm.bias") { name = name.dropLast(4) + "beta" }
      tensors[index].name = name
    }
    tensors.append(StoredTensor(name: "bert.embeddings.position_ids", shape: [1, 2], values: .i64([0, 1])))
    tensors.append(StoredTensor(name: "cls.predictions.bias", shape: [1], values: .f32([0])))
    try write(tensors: tensors)
    let run = try prepared()
    #expect(run.remarks.contains { $0.contains("no pooler") })
    #expect(run.model.parameters().first?.values == firstValues)
  }

  private var firstValues: [Float]? {
    guard case .f32(let values)? = Self.tensors().first?.values else { return nil }
    return values
  }

  @Test func missingExtraAndMisshapenTensorsAreNamedOneByOne() throws {
    var tensors = Self.tensors().filter { $0.name != "encoder.layer.1.output.dense.bias" }
    tensors.append(
      StoredTensor(name: "encoder.layer.2.output.dense.bias", shape: [8], values: .f32([Float](repeating: 0, count: 8)))
    )
    let index = try #require(tensors.firstIndex { $0.name == "embeddings.LayerNorm.bias" })
    tensors[index] = StoredTensor(
      name: "embeddings.LayerNorm.bias", shape: [2, 4], values: .f32([Float](repeating: 0, count: 8)))
    try write(tensors: tensors)
    expectRefusal(
      "encoder.layer.1.output.dense.bias [8] is missing", "encoder.layer.2.output.dense.bias is no tensor",
      "embeddings.LayerNorm.bias has the shape [2, 4] where config.json asks for [8]")
  }

  @Test(arguments: [
    ("model_type", "\"roberta\"", "the model type is \"roberta\""),
    ("hidden_act", "\"relu\"", "hidden_act is \"relu\""),
    ("position_embedding_type", "\"relative_key\"", "only \"absolute\""), ("num_attention_heads", "3", "3 heads"),
    ("hidden_size", "-8", "hidden_size is -8"), ("vocab_size", "10", "14 tokens"), ("is_decoder", "true", "encoders"),
    ("hidden_size", "\"wide\"", "config.json"), ("max_position_embeddings", "15", "15 positions"),
    ("num_hidden_layers", "3", "encoder.layer.2."), ("vocab_size", "17", "embeddings.word_embeddings.weight"),
  ])
  func aConfigurationThatLiesOrIsNotBERTsIsRefused(_ key: String, _ value: String, _ reason: String) throws {
    var config = Self.config
    config[key] = value
    try write(config: config)
    expectRefusal(reason)
  }

  @Test func truncatedAndMissingFilesAreNamed() throws {
    expectRefusal("config.json", exitCode: 66)
    try write()
    let weights = try #require(place.read("encoder/model.safetensors"))
    place.write(Array(weights.dropLast(9)), to: "encoder/model.safetensors")
    expectRefusal("model.safetensors", "bytes")
    place.write([], to: "encoder/model.safetensors")
    expectRefusal("0 bytes")
    try write(vocabulary: ["[PAD]", "a"])
    expectRefusal("lacks [UNK], [CLS], [SEP]")
  }

  /// What config.json asks for may be more than the tokenizer has; every reader of a model takes that.
  @Test func aPaddedVocabularyIsTrainedUsedExportedAndGoneOnWith() async throws {
    try write()
    var configuration = configuration()
    configuration.epochs = 1
    try await finish(.new(configuration))
    let run = place.path + "/run"
    let texts = ["play name0 now", "weather in new name1"]
    func answers(_ path: String) throws -> [Prediction] {
      let predictor = Predictor(try TrainedModel(path, threads: 1))
      return try predictor.predict(texts.map { predictor.split($0) })
    }
    #expect(try ModelEvaluator(try TrainedModel(run)).evaluate(.folder(data.path), split: .dev).sentences == 24)
    _ = try ModelExport.write(.huggingFace, of: run, to: place.path + "/model")
    _ = try ModelExport.write(.onnx, of: run, to: place.path + "/graph")
    #expect(try answers(place.path + "/model") == answers(run))
    try await finish(.resume(directory: run, epochs: 2, threads: nil))
    configuration.encoder = place.path + "/model"
    configuration.runDirectory = place.path + "/second"
    #expect(try RunPreparation.prepare(.new(configuration)).dataset.vocabulary == Self.vocabulary)
  }

  @Test func severalMembersBegunWithAnEncoderAreGoneOnWith() async throws {
    try write()
    var configuration = configuration()
    configuration.members = 2
    configuration.schedule = .constant
    configuration.warmup = 0
    configuration.epochs = 2
    try await finish(.new(configuration))
    let whole = place.read("run/checkpoints/last/model.safetensors")
    TemporaryFolder.remove(place.path + "/run")
    configuration.epochs = 1
    try await finish(.new(configuration))
    try await finish(.resume(directory: place.path + "/run", epochs: 2, threads: nil))
    #expect(whole != nil && whole == place.read("run/checkpoints/last/model.safetensors"))
    // It is no encoder to begin another run with, and says why.
    let failure = #expect(throws: RunFailure.self) {
      try PretrainedEncoder(reading: place.path + "/run/checkpoints/last")
    }
    #expect(failure?.description.contains("--members 2") == true, "\(failure?.description ?? "")")
  }

  /// Sizes that training takes are taken wherever a model is read.
  @Test func whatIsTrainedIsNeverTooLargeToBeUsed() async throws {
    var config = Self.config
    config["type_vocab_size"] = "1500"
    config["max_position_embeddings"] = "70000"
    let zeros = [Float](repeating: 0, count: 70_000 * 8)
    let tensors = Self.tensors().map { tensor in
      let rows = ["embeddings.position_embeddings.weight": 70_000, "embeddings.token_type_embeddings.weight": 1500]
      guard let count = rows[tensor.name] else { return tensor }
      return StoredTensor(name: tensor.name, shape: [count, 8], values: .f32(Array(zeros[..<(count * 8)])))
    }
    try write(config: config, tensors: tensors)
    var configuration = configuration()
    configuration.epochs = 1
    try await finish(.new(configuration))
    #expect(try TrainedModel(place.path + "/run", threads: 1).sentenceClasses.count == 3)
  }

  /// Halves of both kinds become the floats of their values.
  @Test func halvesAreReadAsFloats() throws {
    let name = "encoder.layer.0.attention.output.dense.bias"
    // 1, -2.5, 65504 (the largest F16), 2⁻²⁴ (the smallest), 0, -0, 1/3 as near as they come.
    let halves: [UInt16] = [0x3C00, 0xC100, 0x7BFF, 0x0001, 0x0000, 0x8000, 0x3555, 0x3C00]
    let asFloat16: [Float] = [1, -2.5, 65_504, 0x1p-24, 0, -0.0, 0.33325195, 1]
    let brains: [UInt16] = [0x3F80, 0xC020, 0x4780, 0x3380, 0x0000, 0x8000, 0x3EAB, 0x3F80]
    let asBFloat16: [Float] = [1, -2.5, 65_536, 0x1p-24, 0, -0.0, 0.333984375, 1]
    for (type, bits, expected) in [("F16", halves, asFloat16), ("BF16", brains, asBFloat16)] {
      try write()
      // As 4 floats of the same bits, whose header then says what they are.
      let packed = stride(from: 0, to: 8, by: 2).map { place in
        Float(bitPattern: UInt32(bits[place]) | UInt32(bits[place + 1]) << 16)
      }
      let index = try #require(Self.tensors().firstIndex { $0.name == name })
      var tensors = Self.tensors()
      tensors[index] = StoredTensor(name: name, shape: [4], values: .f32(packed))
      try write(tensors: tensors)
      let file = try #require(place.read("encoder/model.safetensors"))
      let length = file[..<8].enumerated().reduce(0) { $0 + Int($1.element) << (8 * $1.offset) }
      let header = String(decoding: file[8..<8 + length], as: UTF8.self)
      let entry = try #require(header.range(of: "\"\(name)\":{\"dtype\":\"F32\",\"shape\":[4]"))
      let changed = header.replacingCharacters(
        in: entry, with: "\"\(name)\":{\"dtype\":\"\(type)\",\"shape\":[8]")
      let count = withUnsafeBytes(of: UInt64(changed.utf8.count).littleEndian) { Array($0) }
      place.write(count + Array(changed.utf8) + file[(8 + length)...], to: "encoder/model.safetensors")
      let run = try prepared { $0.runDirectory = place.path + "/" + type }
      let loaded = try #require(run.model.parameters().first { $0.name == name })
      #expect(loaded.values.map(\.bitPattern) == expected.map(\.bitPattern))
    }
  }

  @Test func aRunIsNoEncoderButItsCheckpointsAre() throws {
    try write()
    place.write(Array("{}".utf8), to: "encoder/run.json")
    expectRefusal("is a run's folder", "encoder/checkpoints/best")
  }

  @Test func aTokenWithTwoIDsIsRefused() throws {
    try write(vocabulary: Self.vocabulary + ["book"])
    expectRefusal("vocab.txt", "\"book\" has two ids, 6 and 14")
  }

  @Test(arguments: [Float.nan, -.infinity]) func weightsThatAreNoNumbersAreNamed(_ value: Float) throws {
    var tensors = Self.tensors()
    let index = try #require(tensors.firstIndex { $0.name == "embeddings.LayerNorm.weight" })
    tensors[index].values = .f32((0..<8).map { $0 == 3 ? value : 1 })
    try write(tensors: tensors)
    expectRefusal("model.safetensors", "embeddings.LayerNorm.weight holds \(value) at place 3")
  }

  @Test func keysThatHaveAValueOfTheirOwnInBERTMayBeMissing() throws {
    var config = Self.config
    config["layer_norm_eps"] = nil
    config["type_vocab_size"] = nil
    config["model_type"] = nil
    try write(config: config)
    let run = try prepared()
    #expect(run.model.ensemble.configuration.layerNormEpsilon == 1e-12)
    #expect(run.model.ensemble.configuration.typeVocabularySize == 2)
  }

  @Test func headsThatAreNotUsedAreNamed() throws {
    let head = StoredTensor(name: "classifier.weight", shape: [1], values: .f32([0]))
    try write(tensors: Self.tensors() + [head])
    #expect(try prepared().remarks.contains { $0.contains("not used: classifier.weight.") })
  }

  @Test(arguments: ["pytorch_model.bin", "model.safetensors.index.json"])
  func weightsInAnotherFormAreNamed(_ file: String) throws {
    try write()
    unlink(place.path + "/encoder/model.safetensors")
    place.write([], to: "encoder/" + file)
    expectRefusal("save_pretrained", exitCode: 66)
  }

  /// [PAD] need not be the first token.
  @Test func theCheckpointNamesItsPadToken() async throws {
    var vocabulary = Self.vocabulary
    vocabulary.swapAt(0, 1)
    try write(vocabulary: vocabulary)
    var configuration = configuration()
    configuration.epochs = 1
    try await finish(.new(configuration))
    #expect(place.text("run/checkpoints/last/config.json")?.contains("\"pad_token_id\" : 1,") == true)
  }

  @Test func presetsOfAnotherShapeAreRefused() throws {
    try write()
    let failure = #expect(throws: RunFailure.self) { try prepared { $0.convolution = true } }
    #expect(failure?.description.contains("convolution") == true)
  }

  @Test(arguments: [
    (["layer.2"], "2 layers"), (["heads"], "\"heads\""), (["layer.1-0"], "layer.1-0"), (["layer.x"], "layer.x"),
  ])
  func frozenPartsThatAreNotThereAreNamed(_ parts: [String], _ reason: String) throws {
    try write()
    let failure = #expect(throws: RunFailure.self) { try prepared { $0.freeze = parts } }
    #expect(failure?.description.contains(reason) == true, "\(failure?.description ?? "nothing")")
  }

  @Test func aRunResumesWithoutTheEncodersFolder() async throws {
    try write()
    var configuration = configuration()
    configuration.freeze = ["embeddings", "layer.0"]
    configuration.encoderLearningRate = 1e-4
    configuration.epochs = 1
    try await finish(.new(configuration))
    TemporaryFolder.remove(place.path + "/encoder")
    try await finish(.resume(directory: place.path + "/run", epochs: 2, threads: nil))
    let checkpoint = try SafetensorsFile(path: place.path + "/run/checkpoints/last/model.safetensors")
    let entry = try #require(checkpoint.entry("embeddings.word_embeddings.weight"))
    #expect(try checkpoint.floats(entry) == firstValues)
    // The checkpoint is an encoder itself.
    let read = try PretrainedEncoder(reading: place.path + "/run/checkpoints/last")
    #expect(read.tokenizer.vocabulary == Self.vocabulary && read.shape.layerCount == 2)
  }

  private func finish(_ start: TrainingEngine.Start) async throws {
    let engine = TrainingEngine(start)
    var outcome: RunOutcome?
    for await event in engine.events {
      if case .phaseChanged(let change) = event, let found = change.outcome { outcome = found }
    }
    #expect(outcome?.exitCode == 0, "\(outcome?.message ?? "nothing")")
  }
}
