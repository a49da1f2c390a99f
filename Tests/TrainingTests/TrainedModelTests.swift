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
      #expect(report.sentences == 24 && report.words == 80 && report.tokens == 80)
      #expect(abs(report.lossA - record.lossA) < 1e-6 && abs(report.lossB - record.lossB) < 1e-6)
      #expect(report.accuracyA == record.counts.accuracyA && report.accuracyB == record.counts.accuracyB)
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
    #expect(throws: InferenceFailure.self) { try TrainedModel(run, checkpoint: "7", threads: 1) }
    #expect(throws: InferenceFailure.self) { try TrainedModel(run, checkpoint: "worst", threads: 1) }
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
}
