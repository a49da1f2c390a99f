import CZlib
import FolderSupport
import LoggedRuns
import SwiftProtobuf
import Testing

@testable import LogFormats

/// A `.wandb` file made as W&B's own writer makes it: chunks in blocks of 32,768 bytes.
struct WandbFile {
  private static let block = 32_768
  private(set) var bytes: [UInt8] = Array(":W&B".utf8) + [0xE1, 0xBE, 0]
  /// Its records' bytes, without what frames them.
  private(set) var records: [[UInt8]] = []

  mutating func append(_ record: MttTui_Wandb_Record) throws { append(bytes: try record.serializedBytes()) }

  mutating func append(bytes record: [UInt8]) {
    records.append(record)
    var rest = record[...]
    var isFirst = true
    repeat {
      var left = Self.block - bytes.count % Self.block
      if left < 7 {
        bytes += Array(repeating: 0, count: left)
        left = Self.block
      }
      let data = rest.prefix(left - 7)
      rest = rest.dropFirst(data.count)
      let type: UInt8 = isFirst ? (rest.isEmpty ? 1 : 2) : (rest.isEmpty ? 4 : 3)
      isFirst = false
      let checked = [type] + data
      let crc = UInt32(truncatingIfNeeded: crc32(0, checked, UInt32(checked.count)))
      bytes += (0..<4).map { UInt8(truncatingIfNeeded: crc >> UInt32(8 * $0)) }
      bytes += [UInt8(data.count & 255), UInt8(data.count >> 8)] + checked
    } while !rest.isEmpty
  }

  mutating func append(step: Int, _ fields: [(String, String)]) throws {
    var record = MttTui_Wandb_Record()
    record.history.item = ([("_step", "\(step)"), ("_timestamp", "170000\(1000 + step)")] + fields).map { key, json in
      var item = MttTui_Wandb_Item()
      item.nestedKey = key.split(separator: ".").map(String.init)
      item.valueJson = json
      return item
    }
    try append(record)
  }
}

@Suite struct WandbTests {
  private let folder = TemporaryFolder()

  private func run(_ bytes: [UInt8]) -> LoggedRun {
    folder.write(bytes, to: "run-a.wandb")
    return OpenedLog.run(folder.path + "/run-a.wandb", .wandb)
  }

  static func file(_ steps: Int, filler: Int = 0) throws -> WandbFile {
    var file = WandbFile()
    var run = MttTui_Wandb_Record()
    run.run.runID = "abc"
    run.run.displayName = "bright-sun-1"
    var item = MttTui_Wandb_Item()
    (item.key, item.valueJson) = ("model", "{\"layers\": 2, \"lr\": 0.001}")
    run.run.config.update = [item]
    try file.append(run)
    for step in 0..<steps {
      let text = "\"" + String(repeating: "x", count: filler) + "\""
      try file.append(step: step, [("loss", step == 3 ? "NaN" : "\(step)"), ("eval.f1", "0.5"), ("text", text)])
    }
    return file
  }

  @Test func recordsOverManyBlocks() throws {
    var file = try Self.file(50, filler: 5000)
    var exit = MttTui_Wandb_Record()
    exit.exit.exitCode = 1
    try file.append(exit)
    #expect(file.bytes.count > 200_000)
    let run = run(file.bytes)
    #expect(run.name == "bright-sun-1" && run.declaredState == .failed)
    #expect(run.steps("loss") == Array(Int64(0)..<50))
    #expect(run.metric("loss")?.summary.broken == 1)
    #expect(run.metricNames == ["loss", "eval.f1"])
    #expect(run.configuration == ["model/layers": .number(2), "model/lr": .number(0.001)])
    #expect(run.problems.isEmpty)
  }

  /// A flipped byte, wherever it is, and a hole of zeros cost the records that they touch.
  @Test(arguments: [1, 40])
  func damageCostsTheRecordsItTouches(length: Int) throws {
    let whole = try Self.file(50, filler: 1000).bytes
    for place in stride(from: 500, to: whole.count - length, by: 379) {
      var bytes = whole
      for index in place..<place + length { bytes[index] = length == 1 ? bytes[index] ^ 1 : 0 }
      let run = run(bytes)
      let lost = 50 - run.steps("loss").count
      #expect(lost <= 2, "at \(place)")
      // Zeros fill a block's end, and nothing tells a damaged last record from one that is being written.
      let isTold = run.problems.count == 1 || 32_768 - place % 32_768 < 47 || place > whole.count - 1200
      if bytes != whole { #expect(isTold, "at \(place)") }
    }
  }

  @Test func aTornTailIsReadOnOnceItIsWhole() throws {
    let bytes = try Self.file(20, filler: 3000).bytes
    folder.write(Array(bytes[..<30_001]), to: "run-a.wandb")
    var log = OpenedLog(folder.path + "/run-a.wandb", .wandb)
    log.readAll()
    #expect(log.run.steps("loss").count == 9)
    folder.write(bytes, to: "run-a.wandb")
    log.readAll()
    #expect(log.run.steps("loss") == Array(Int64(0)..<20) && log.run.problems.isEmpty)
  }

  @Test(arguments: [1, 1200])
  func aTornEndIsToldOnceTheWriterIsGone(missing: Int) throws {
    let whole = try Self.file(20, filler: 3000).bytes
    let part = try Self.file(19, filler: 3000).bytes
    folder.write(whole.dropLast(missing), to: "run-a.wandb")
    var log = OpenedLog(folder.path + "/run-a.wandb", .wandb)
    log.readAll()
    #expect(log.run.steps("loss").count == 19 && log.run.problems.isEmpty)
    folder.touch("run-a.wandb", 1_600_000_000)
    log.readAll()
    #expect(log.run.problems.map(\.place) == [.byte(part.count)])
    #expect(log.run.problems.map(\.finding) == ["ends within a record, which is left out"])
    folder.write(whole, to: "run-a.wandb")
    log.readAll()
    #expect(log.run.steps("loss").count == 20 && log.run.problems.isEmpty)
  }

  @Test func otherVersionsAreRefused() {
    #expect(run(Array(":W&B".utf8) + [0xE1, 0xBE, 7, 0]).problems[0].finding.contains("has version 7"))
    #expect(run(Array("something else".utf8)).problems[0].finding.contains("does not begin as"))
  }
}
