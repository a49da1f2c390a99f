import FolderSupport
import Foundation
import LoggedRuns
import SwiftProtobuf
import Testing

@testable import LogFormats

@Suite struct EventFileTests {
  private let folder = TemporaryFolder()
  private static let name = "events.out.tfevents.1700000000.host.1.0"
  private var path: String { folder.path + "/" + Self.name }

  private func read(_ bytes: [UInt8]) -> LoggedRun {
    folder.write(bytes, to: Self.name)
    return OpenedLog.run(folder.path, .tensorBoard)
  }

  @Test func scalarsComeWithStepAndTime() throws {
    var events = [EventFiles.version()]
    for step in 1...3 {
      events.append(
        EventFiles.event(
          step: Int64(step), time: 100.5 + Double(step),
          [EventFiles.scalar("train/loss", 1 / Float(step)), EventFiles.scalar("train/accuracy", Float(step))]))
    }
    let run = read(try EventFiles.bytes(events))
    #expect(run.metricNames == ["train/loss", "train/accuracy"])
    #expect(run.points("train/loss") == [1: 1, 2: 0.5, 3: Float(1) / 3])
    #expect(run.metric("train/accuracy")?.buckets.map(\.time) == [101.5, 102.5, 103.5])
    #expect(run.problems.isEmpty)
  }

  @Test func knownChecksums() {
    func masked(_ bytes: [UInt8]) -> UInt32 { bytes.withUnsafeBytes { TFRecordBuffer.masked($0) } }
    #expect(masked([0x18, 0, 0, 0, 0, 0, 0, 0]) == 0x224b_7fa3)
    #expect(masked(Array(repeating: 0, count: 8)) == 0x0798_0329)
    #expect(masked([0x1a, 0x11] + Array("CRC test, one two".utf8)) == 0x5794_d08a)
  }

  /// A tensor of each numeric type, in the field that writers use for it and as raw bytes.
  @Test func tensorsOfEveryNumericType() throws {
    let tensors: [(String, (inout EventFiles.Tensor) -> Void)] = [
      (
        "f32",
        {
          $0.dtype = 1; $0.floatVal = [2.5]
        }
      ),
      (
        "f64",
        {
          $0.dtype = 2; $0.doubleVal = [2.5]
        }
      ),
      (
        "i32",
        {
          $0.dtype = 3; $0.intVal = [-3]
        }
      ),
      (
        "u8",
        {
          $0.dtype = 4; $0.intVal = [200]
        }
      ),
      (
        "i64",
        {
          $0.dtype = 9; $0.int64Val = [-3_000_000_000]
        }
      ),
      (
        "bool",
        {
          $0.dtype = 10; $0.boolVal = [true]
        }
      ),
      (
        "bf16",
        {
          $0.dtype = 14; $0.halfVal = [0x4020]
        }
      ),
      (
        "f16",
        {
          $0.dtype = 19; $0.halfVal = [0x4100]
        }
      ),
      (
        "u32",
        {
          $0.dtype = 22; $0.uint32Val = [4_000_000_000]
        }
      ),
      (
        "u64",
        {
          $0.dtype = 23; $0.uint64Val = [5]
        }
      ),
      (
        "f32 raw",
        {
          $0.dtype = 1; $0.tensorContent = .init([0, 0, 0x20, 0x40])
        }
      ),
      (
        "f64 raw",
        {
          $0.dtype = 2; $0.tensorContent = .init([0, 0, 0, 0, 0, 0, 4, 0x40])
        }
      ),
      (
        "i32 raw",
        {
          $0.dtype = 3; $0.tensorContent = .init([0xFD, 0xFF, 0xFF, 0xFF])
        }
      ),
      (
        "f16 raw",
        {
          $0.dtype = 19; $0.tensorContent = .init([0, 0x41])
        }
      ),
      (
        "bf16 raw",
        {
          $0.dtype = 14; $0.tensorContent = .init([0x20, 0x40])
        }
      ),
      (
        "one element",
        {
          $0.dtype = 1; $0.floatVal = [2.5]; $0.tensorShape.dim = [.with { $0.size = 1 }]
        }
      ),
      ("zero", { $0.dtype = 1 }),
    ]
    let expected: [Float] = [
      2.5, 2.5, -3, 200, -3_000_000_000, 1, 2.5, 2.5, 4_000_000_000, 5, 2.5, 2.5, -3, 2.5, 2.5, 2.5, 0,
    ]
    let values = tensors.map { EventFiles.tensor($0.0, fill: $0.1) }
    let run = read(try EventFiles.bytes([EventFiles.event(step: 4, time: 1, values)]))
    for ((name, _), value) in zip(tensors, expected) { #expect(run.points(name) == [4: value], "\(name)") }
  }

  @Test func halfPrecisionFollowsItsDefinition() throws {
    func half(_ bits: UInt16) throws -> Double? {
      var tensor = EventFiles.Tensor()
      tensor.dtype = 19
      tensor.halfVal = [Int32(bits)]
      let bytes: [UInt8] = try tensor.serializedBytes()
      return bytes.withUnsafeBytes { TensorScalar.value($0, 0..<$0.count) }
    }
    #expect(try half(0x0001) == 0x1p-24)
    #expect(try half(0x7BFF) == 65504)
    #expect(try half(0xFC00) == -.infinity)
    #expect(try half(0x7E00)?.isNaN == true)
    // Subnormal halves by their definition: a thread that has computed takes them for zero.
    for bits in stride(from: UInt16(0x0400), to: 0x7C00, by: 37) {
      #expect(try half(bits) == Double(Float(Float16(bitPattern: bits))))
    }
    for bits in stride(from: UInt16(0), to: 0x0400, by: 37) { #expect(try half(bits) == Double(bits) * 0x1p-24) }
  }

  /// Only a tag's first value need say what it is; pictures, histograms and tensors of many numbers are no curves.
  @Test func onlyScalarsBecomeMetrics() throws {
    let events = [
      EventFiles.event(
        step: 1, time: 1,
        [
          EventFiles.tensor("loss") {
            $0.dtype = 1; $0.floatVal = [1]
          },
          EventFiles.tensor("picture", plugin: "images") {
            $0.dtype = 7; $0.stringVal = [.init([1, 2])]
          },
          EventFiles.tensor("weights", plugin: "histograms") {
            $0.dtype = 2; $0.doubleVal = [1]
          },
          EventFiles.tensor("many") { t in
            t.dtype = 1; t.floatVal = [1, 2]; t.tensorShape.dim = [.with { $0.size = 2 }]
          },
        ]),
      EventFiles.event(
        step: 2, time: 2,
        [
          EventFiles.tensor("loss", plugin: nil) {
            $0.dtype = 1; $0.floatVal = [2]
          },
          EventFiles.tensor("weights", plugin: nil) {
            $0.dtype = 2; $0.doubleVal = [1]
          },
        ]),
    ]
    let run = read(try EventFiles.bytes(events))
    #expect(run.metricNames == ["loss"])
    #expect(run.points("loss") == [1: 1, 2: 2])
  }

  @Test func valuesThatAreNotFiniteAreCountedWhereTheyStand() throws {
    let numbers: [Float] = [1, .nan, .infinity, 2]
    let events = numbers.enumerated().map {
      EventFiles.event(step: Int64($0.offset), time: 0, [EventFiles.scalar("loss", $0.element)])
    }
    let run = read(try EventFiles.bytes(events))
    let summary = try #require(run.metric("loss")).summary
    #expect(summary.broken == 2 && summary.count == 2 && summary.firstBroken == 1)
    #expect(run.steps("loss") == [0, 1, 2, 3])
  }

  // MARK: - Restarts

  @Test func aRestartInOneFileReplacesWhatFollowsItsStep() throws {
    let first = try EventFiles.bytes("loss", 0..<10)
    let second = try EventFiles.bytes(
      [EventFiles.start(step: 6)] + (7..<9).map { EventFiles.event(step: $0, time: 0, [EventFiles.scalar("loss", -1)]) }
    )
    let run = read(first + second)
    #expect(run.points("loss") == [0: 0, 1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 7: -1, 8: -1])
    #expect(run.metric("loss")?.replacedCount == 4)
  }

  @Test func severalFilesAreOneRunInTheOrderOfTheirNames() throws {
    folder.write(try EventFiles.bytes("loss", 0..<10), to: "events.out.tfevents.1700000000.host.1.0")
    folder.write(try EventFiles.bytes("loss", 5..<12, scale: -1), to: "events.out.tfevents.1700000100.host.2.0")
    folder.write(try EventFiles.bytes("other", 0..<2), to: "events.out.tfevents.1700000200.host.3.0.v2")
    folder.write(try EventFiles.bytes("wrong", 0..<2), to: "events.out.tfevents.1.host.profile-empty")
    let run = OpenedLog.run(folder.path, .tensorBoard)
    #expect(run.points("loss").values.sorted() == [-11, -10, -9, -8, -7, -6, -5, 0, 1, 2, 3, 4])
    #expect(run.metricNames == ["loss", "other"])
    #expect(run.files == 3)
  }

  // MARK: - Damage

  /// Each byte of a file of ten records is changed in turn: all points but those of the touched record stay.
  @Test func aFlippedByteCostsOneRecord() throws {
    let version = try EventFiles.bytes([EventFiles.version()]).count
    let bytes = try EventFiles.bytes("loss", 1..<11)
    let length = (bytes.count - version) / 10
    for place in bytes.indices {
      var damaged = bytes
      damaged[place] ^= 0x10
      let run = read(damaged)
      let touched = place < version ? 0 : (place - version) / length + 1
      let left: [Int64] = Array(1..<11).filter { $0 != touched }
      #expect(run.steps("loss") == left, "byte \(place)")
      // Without a record behind it, what is no record may be one that is being written.
      let isUndecided = (bytes.count - length..<bytes.count - length + 12).contains(place)
      #expect(run.problems.map(\.file) == (isUndecided ? [] : [path]), "byte \(place)")
    }
  }

  @Test func aFileCutAnywhereGivesItsWholeRecordsWithoutAProblem() throws {
    let version = try EventFiles.bytes([EventFiles.version()]).count
    let bytes = try EventFiles.bytes("loss", 1..<11)
    let length = (bytes.count - version) / 10
    for count in 0..<bytes.count {
      let run = read(Array(bytes[..<count]))
      #expect(run.steps("loss").count == max(0, count - version) / length, "\(count) bytes")
      #expect(run.problems.isEmpty)
    }
  }

  @Test func aHoleOfZerosIsWaitedForAndPassedOverOnceMoreFollows() throws {
    let (first, second) = (try EventFiles.bytes("loss", 1..<5), try EventFiles.bytes("loss", 5..<8))
    let hole = [UInt8](repeating: 0, count: 4096)
    folder.write(first + hole, to: Self.name)
    var log = OpenedLog(folder.path, .tensorBoard)
    log.readAll()
    #expect(log.run.steps("loss") == [1, 2, 3, 4] && log.run.problems.isEmpty)
    folder.write(first + hole + second, to: Self.name)
    log.readAll()
    #expect(log.run.steps("loss") == [1, 2, 3, 4, 5, 6, 7])
    #expect(log.run.problems.map(\.place) == [.byte(first.count)])
    #expect(log.run.problems[0].finding == "4096 zero bytes are passed over")
  }

  @Test func aHoleThatIsFilledLaterLosesNothing() throws {
    let bytes = try EventFiles.bytes("loss", 1..<200)
    var hollow = bytes
    let middle = bytes.count / 2
    hollow.replaceSubrange(middle..., with: repeatElement(0, count: bytes.count - middle))
    folder.write(hollow, to: Self.name)
    folder.touch(Self.name, 1_700_000_000)
    var log = OpenedLog(folder.path, .tensorBoard)
    log.readAll()
    let before = log.run.steps("loss").count
    #expect(before > 50 && before < 150)
    folder.write(bytes, to: Self.name)
    log.readAll()
    #expect(log.run.steps("loss") == Array(Int64(1)..<200))
    #expect(log.run.problems.isEmpty)
  }

  // MARK: - Following

  @Test func aGrowingFileIsReadOn() throws {
    let bytes = try EventFiles.bytes("loss", 1..<101)
    folder.write([], to: Self.name)
    var log = OpenedLog(folder.path, .tensorBoard)
    for end in stride(from: 0, through: bytes.count, by: 37) {
      folder.write(Array(bytes[..<end]), to: Self.name)
      log.readAll()
    }
    folder.write(bytes, to: Self.name)
    log.readAll()
    #expect(log.run.steps("loss") == Array(Int64(1)..<101) && log.run.problems.isEmpty)
  }

  /// There may be more logs than a process may have files open.
  @Test func aLogHoldsNoDescriptorBetweenReads() throws {
    folder.write(try EventFiles.bytes("loss", 1..<50), to: Self.name)
    folder.write(Array("step,loss\n1,2\n".utf8), to: "a.csv")
    folder.write(try WandbTests.file(3).bytes, to: "a.wandb")
    var logs = [
      OpenedLog(folder.path, .tensorBoard), OpenedLog(folder.path + "/a.csv", .table),
      OpenedLog(folder.path + "/a.wandb", .wandb),
    ]
    for index in logs.indices { logs[index].readAll() }
    let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap {
      try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/" + $0)
    }
    #expect(!open.contains { $0.hasPrefix(folder.path) })
    #expect(logs.allSatisfy { $0.run.points > 0 })
  }

  @Test func aReplacedFileIsReadAnew() throws {
    folder.write(try EventFiles.bytes("loss", 1..<50), to: Self.name)
    var log = OpenedLog(folder.path, .tensorBoard)
    log.readAll()
    // As rsync does it: another file under the same name.
    folder.write(try EventFiles.bytes("loss", 1..<60, scale: 2), to: "new")
    folder.rename("new", to: Self.name)
    log.readAll()
    #expect(log.run.points("loss")[59] == 118 && log.run.points("loss").count == 59)
    // Cut off and begun anew.
    folder.write(try EventFiles.bytes("loss", 1..<4, scale: 3), to: Self.name)
    log.readAll()
    #expect(log.run.points("loss") == [1: 3, 2: 6, 3: 9])
  }

  @Test func aFileThatComesLaterIsTakenIn() throws {
    folder.write(try EventFiles.bytes("loss", 1..<5), to: "events.out.tfevents.2.a")
    var log = OpenedLog(folder.path, .tensorBoard)
    log.readAll()
    folder.write(try EventFiles.bytes("loss", 5..<9), to: "events.out.tfevents.3.a")
    log.readAll()
    #expect(log.run.steps("loss") == Array(Int64(1)..<9))
    folder.write(try EventFiles.bytes("loss", 0..<3, scale: 9), to: "events.out.tfevents.1.a")
    log.readAll()
    #expect(log.run.points("loss")[0] == 0 && log.run.points("loss")[1] == 1)
    #expect(log.run.steps("loss") == Array(Int64(0)..<9))
  }

  // MARK: - Plugins

  @Test func hyperparametersAreConfiguration() throws {
    let writer = try EventFileWriter(folder: folder.path, time: 1_700_000_000, firstStep: nil)
    try writer.begin(
      ["lr": .number(0.001), "amp": .flag(true), "name": .text("a")], metrics: ["dev/loss"], time: 1_700_000_000)
    try writer.write([("dev/loss", 0.5)], step: 1, time: 1_700_000_001)
    try writer.end(isSuccess: true, time: 1_700_000_002)
    let run = OpenedLog.run(folder.path, .tensorBoard)
    #expect(run.configuration == ["lr": .number(0.001), "amp": .flag(true), "name": .text("a")])
    #expect(run.declaredState == .finished)
    #expect(run.points("dev/loss") == [1: 0.5])
  }

  @Test func aResumedWriterTakesBackWhatWillBeDoneAgain() throws {
    folder.write(try EventFiles.bytes("loss", 0..<10), to: "events.out.tfevents.1600000000.a.1.0")
    let writer = try EventFileWriter(folder: folder.path, time: 1_700_000_000, firstStep: 6)
    try writer.write([("loss", .nan)], step: 8, time: 1_700_000_001)
    try writer.flush()
    let run = OpenedLog.run(folder.path, .tensorBoard)
    #expect(run.steps("loss") == [0, 1, 2, 3, 4, 5, 8])
    #expect(run.metric("loss")?.summary.broken == 1)
  }

  @Test func pyTorchsHParamsFolderBelongsToItsParent() throws {
    folder.write(try EventFiles.bytes("loss", 0..<3), to: "events.out.tfevents.1.a")
    folder.makeFolder("1700000000.123")
    let writer = try EventFileWriter(folder: folder.path + "/1700000000.123", time: 1_700_000_000, firstStep: nil)
    try writer.begin(["lr": .number(0.5)], metrics: [], time: 1_700_000_000)
    let found = LogDiscovery.search(folder.path)
    #expect(found.map(\.path) == [folder.path])
    #expect(OpenedLog.run(folder.path, .tensorBoard).configuration == ["lr": .number(0.5)])
  }

  @Test func jsonTextsAreConfiguration() throws {
    let text = EventFiles.tensor("args/text_summary", plugin: "text") {
      $0.dtype = 7
      $0.stringVal = [.init(Array(#"{"learning_rate": 2e-5, "optim": "adamw"}"#.utf8))]
    }
    let run = read(try EventFiles.bytes([EventFiles.event(step: 0, time: 0, [text])]))
    #expect(run.configuration == ["learning_rate": .number(2e-5), "optim": .text("adamw")])
  }

  /// A torn end is a record that is being written, until nobody has written for long.
  @Test func aTornEndIsToldOnceTheWriterIsGone() throws {
    let bytes = try EventFiles.bytes("loss", 0..<10)
    let part = try EventFiles.bytes("loss", 0..<9)
    folder.write(Array(bytes.dropLast(5)), to: "a.tfevents")
    var log = OpenedLog(folder.path + "/a.tfevents", .tensorBoard)
    log.readAll()
    #expect(log.run.steps("loss").count == 9 && log.run.problems.isEmpty)
    folder.touch("a.tfevents", 1_600_000_000)
    log.readAll()
    #expect(log.run.problems.map(\.place) == [.byte(part.count)])
    folder.write(bytes, to: "a.tfevents")
    log.readAll()
    #expect(log.run.steps("loss").count == 10 && log.run.problems.isEmpty)
  }
}
