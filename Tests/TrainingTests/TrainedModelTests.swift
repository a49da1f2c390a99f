import FolderSupport
import Foundation
import RunFolder
import Testing
import TextData
import TrainingEvents

@testable import Training

/// A small run, trained once for all tests here.
enum SampleRun {
  static let data = TemporaryFolder()
  static let place = TemporaryFolder()
  static let path = place.path + "/run"

  /// Trains and returns the run's folder.
  static let folder = Task { () -> String in
    // Statics have no end of life of their own.
    atexit { for folder in [data, place] { TemporaryFolder.remove(folder.path) } }
    TinyData.write(to: data)
    var configuration = TinyData.configuration(data: data, run: path)
    configuration.epochs = 25
    configuration.dropout = 0
    configuration.learningRate = 0.01
    configuration.keep = 40
    configuration.nGramBuckets = 500
    configuration.tagLoss = .crf
    for await event in TrainingEngine(.new(configuration)).events {
      if case .evaluated(let record) = event { await evaluations.add(record) }
    }
    return path
  }

  actor Evaluations {
    var all: [EvaluationRecord] = []
    func add(_ record: EvaluationRecord) { all.append(record) }
  }
  static let evaluations = Evaluations()
}

@Suite struct TrainedModelTests {
  private let copy = TemporaryFolder()

  @Test func evaluatesAsTheRunDid() async throws {
    let run = await SampleRun.folder.value
    for record in await SampleRun.evaluations.all.suffix(3) {
      let model = try TrainedModel(run, checkpoint: String(record.step), threads: 1)
      let report = try ModelEvaluator(model).evaluate(.folder(SampleRun.data.path), split: .dev)
      #expect(report.sentences == 24 && report.words == 80 && report.counts.total[.words] == 80)
      for task in ModelTask.allCases {
        #expect(abs((report.losses[task] ?? .nan) - (try #require(record.losses[task]))) < 1e-6)
      }
      #expect(report.counts == record.counts)
      #expect(report.exactMatch == record.exactMatch && report.entities?.micro.f1 == record.entityF1)
      #expect(report.entities?.micro.precision == record.entityPrecision)
    }
  }

  @Test func takesTheBestCheckpointUnlessAnotherIsNamed() async throws {
    let run = await SampleRun.folder.value
    let store = RunFolder.checkpoints(ofRunIn: run)
    let best = try #require(store.step(of: .best))
    let last = try #require(store.step(of: .last))
    let model = try TrainedModel(run, threads: 1)
    #expect(model.step == best && model.origin.contains("(best)") && model.origin.contains(model.checkpointName))
    #expect(try TrainedModel(run, checkpoint: "last", threads: 1).step == last)
    #expect(try TrainedModel(run, checkpoint: "step-0000006", threads: 1).step == 6)
    #expect(try TrainedModel(run, checkpoint: "6", threads: 1).step == 6)
    #expect(throws: RunFailure.self) { try TrainedModel(run, checkpoint: "7", threads: 1) }
    #expect(throws: RunFailure.self) { try TrainedModel(run, checkpoint: "worst", threads: 1) }
  }

  @Test func missingPlacesAreNotFound() {
    for path in [copy.path + "/nothing", copy.path] {
      do {
        _ = try TrainedModel(path)
        Issue.record("\(path) holds no model")
      } catch {
        #expect(error.exitCode == 66 && error.description.contains(path))
      }
    }
  }

  /// A checkpoint's files alone, without the manifest, whose contents a test may change.
  private func bareCopy(_ change: (String, [UInt8]) -> [UInt8]? = { $1 }) async throws -> String {
    let run = await SampleRun.folder.value
    let checkpoint = try RunFolder.checkpoints(ofRunIn: run).open(step: 6)
    for name in ["config.json", "model.safetensors", "vocab.txt", "labels.json", "tokenizer_config.json"] {
      if let bytes = change(name, try checkpoint.bytes(name)) { copy.write(bytes, to: name) }
    }
    return copy.path
  }

  @Test func aBareCheckpointIsAModelToo() async throws {
    let model = try TrainedModel(try await bareCopy(), threads: 1)
    #expect(model.step == nil && model.sentenceClasses == ["Book", "Play", "Weather"])
    let report = try ModelEvaluator(model).evaluate(.folder(SampleRun.data.path + "/dev"), split: .test)
    #expect(report.sentences == 24)
  }

  /// Replaces text in one file.
  private func replacing(_ file: String, _ old: String, _ new: String) -> (String, [UInt8]) -> [UInt8]? {
    { name, bytes in
      name != file ? bytes : Array(String(decoding: bytes, as: UTF8.self).replacingOccurrences(of: old, with: new).utf8)
    }
  }

  @Test(arguments: [
    ("config.json", "\"hidden_size\" : 8", "\"hidden_size\" : 16"),
    ("config.json", "\"hidden_size\" : 8", "\"hidden_size\" : 9"),
    ("config.json", "\"hidden_size\" : 8", "\"hidden_size\" : -8"),
    ("config.json", "\"hidden_size\" : 8", "\"hidden_size\" : 99999999999"),
    ("config.json", "\"num_hidden_layers\" : 1", "\"num_hidden_layers\" : 3"),
    ("config.json", "\"num_hidden_layers\" : 1", "\"layers\" : 1"),
    ("config.json", "\"mtt_tag_loss\" : \"crf\"", "\"mtt_tag_loss\" : \"cross-entropy\""),
    ("config.json", "{", ""),
    ("vocab.txt", "play\n", ""),
    ("labels.json", "\"Weather\"", "\"Book\""),
    ("labels.json", "\"O\"", "\"O\", \"B-new\""),
    ("tokenizer_config.json", "16", "17"),
    ("tokenizer_config.json", "16", "2"),
  ])
  func filesThatDoNotFitAreNamed(file: String, old: String, new: String) async throws {
    let path = try await bareCopy(replacing(file, old, new))
    do {
      _ = try TrainedModel(path, threads: 1)
      Issue.record("\(file) with \(new) for \(old) was taken")
    } catch {
      #expect(error.exitCode == 65 && error.description.hasPrefix(path))
    }
  }

  @Test(arguments: ["vocab.txt", "labels.json", "tokenizer_config.json", "model.safetensors", "config.json"])
  func missingAndTruncatedFilesAreNamed(file: String) async throws {
    for cut in [false, true] {
      let path = try await bareCopy { name, bytes in name != file ? bytes : cut ? Array(bytes.prefix(20)) : nil }
      do {
        _ = try TrainedModel(path, threads: 1)
        Issue.record("\(file), \(cut ? "cut" : "missing"), was taken")
      } catch {
        #expect([65, 66].contains(error.exitCode) && error.description.hasPrefix(path))
      }
      TemporaryFolder.remove(path + "/" + file)
    }
  }

  /// The checkpoint of step 6 with one tensor's values replaced.
  private func replacing(_ values: [Float], of name: String) async throws -> String {
    let path = try await bareCopy()
    let file = try SafetensorsFile(path: path + "/model.safetensors")
    var tensors: [StoredTensor] = []
    for entry in file.entries {
      let own = entry.name == name ? (0..<entry.count).map { values[$0 % values.count] } : try file.floats(entry)
      tensors.append(StoredTensor(name: entry.name, shape: entry.shape, values: .f32(own)))
    }
    try SafetensorsWriter.write(tensors, to: path + "/model.safetensors")
    return path
  }

  @Test func weightsThatAreNoNumbersAreNamed() async throws {
    let path = try await replacing([0, .nan], of: "pooler.dense.bias")
    let failure = #expect(throws: RunFailure.self) { try TrainedModel(path, threads: 1) }
    #expect(failure?.exitCode == 65 && failure?.description.contains("pooler.dense.bias holds nan at place 1") == true)
  }

  /// A model whose numbers say nothing names no class and is right about nothing.
  @Test(arguments: ["embeddings.LayerNorm.weight", "classifier.tags.weight"])
  func logitsThatAreNoNumbersAreNoAnswer(_ name: String) async throws {
    let largest = Float.greatestFiniteMagnitude
    let values = name.hasPrefix("classifier") ? [largest, -largest] : [largest]
    let model = try TrainedModel(try await replacing(values, of: name), threads: 1)
    let predictor = Predictor(model)
    let dev = TextData.DataOptions.Source.folder(SampleRun.data.path)
    let failures = [
      #expect(throws: RunFailure.self) { try predictor.predict([predictor.split("play name1 now please")]) },
      #expect(throws: RunFailure.self) { try ModelEvaluator(model).evaluate(dev, split: .dev) },
    ]
    for failure in failures { #expect(failure?.exitCode == 65 && failure?.description.contains("logits") == true) }
  }

  /// An ensemble's logit is the logarithm of a mean probability, which may be 0; where all of them are, nothing is said.
  @Test func aProbabilityOfZeroIsAnAnswer() {
    var batch = Batch()
    batch.starts = [0, 1, 2]
    batch.classLabels = [1, 1]
    batch.tagLabels = [0, 0]
    let figures = BatchFigures(losses: PerTask(nil, nil), counts: MetricCounts(), realTokens: 2)
    var answers = BatchAnswers(
      figures: figures, classes: [1, 1], tags: [0, 0], tagLogits: [0, 0],
      classLogits: [-.infinity, 0, -.infinity, -.infinity])
    answers.markUnanswered(in: batch)
    #expect(answers.unanswered == [1] && answers.figures.counts.correct[.sentence] == 1)
  }

  /// What only training needs is not read: neither its damage nor its absence is in the way of an answer.
  @Test func theOptimizersStateIsNotRead() async throws {
    let run = await SampleRun.folder.value
    let name = RunFolder.checkpoints(ofRunIn: run).path + "/step-0000006"
    for file in try FileManager.default.contentsOfDirectory(atPath: name) {
      copy.write([UInt8](try Data(contentsOf: URL(fileURLWithPath: name + "/" + file))), to: file)
    }
    copy.write([1, 2, 3], to: "optimizer.safetensors")
    #expect(try TrainedModel(copy.path, threads: 1).tags.count == 5)
    #expect(throws: RunFolderError.self) { try Checkpoint(path: copy.path) }
    copy.write([1, 2, 3], to: "vocab.txt")
    let failure = #expect(throws: RunFailure.self) { try TrainedModel(copy.path, threads: 1) }
    #expect(failure?.description.contains("vocab.txt") == true)
  }

  /// Losses are weighted as in training, or not at all.
  @Test func damagedWeightsOfTheLossesAreNamed() async throws {
    let run = await SampleRun.folder.value
    let name = RunFolder.checkpoints(ofRunIn: run).path + "/step-0000006"
    for file in try FileManager.default.contentsOfDirectory(atPath: name) where file != "manifest.json" {
      copy.write([UInt8](try Data(contentsOf: URL(fileURLWithPath: name + "/" + file))), to: file)
    }
    copy.write(Array("{}".utf8), to: "state.json")
    let failure = #expect(throws: RunFailure.self) { try TrainedModel(copy.path, threads: 1) }
    #expect(failure?.description.contains("state.json") == true)
  }

  @Test func batchesAreSmallWhereRowsAreLongAndTagsMany() {
    #expect(EvaluationBatch.size(wanted: 32, longest: 128, tags: 105) == 32)
    #expect(EvaluationBatch.size(wanted: 65_536, longest: 128, tags: 105) == 312)
    #expect(EvaluationBatch.size(wanted: 32, longest: 65_536, tags: 10_000) == 1)
  }
}
