import FolderSupport
import Glibc
import LoggedRuns
import Paths
import Testing

@testable import LogFormats

/// Curves of large logs, kept from one opening to the next.
struct CurveCacheTests {
  private let folder = TemporaryFolder()
  private var cache: CurveCache { CurveCache(folder: folder.path + "/cache/mtt-tui/curves", smallestLog: 1000) }
  /// Before anything that a test writes; file systems keep it with the file.
  private static let past = 1_600_000_000

  private func write(_ steps: Range<Int64>, factor: Float = 1, to name: String = "run/events.out.tfevents.1.a") throws {
    folder.makeFolder("run")
    let events = steps.map { EventFiles.event(step: $0, time: 1, [EventFiles.scalar("loss", Float($0) * factor)]) }
    folder.write(try EventFiles.bytes([EventFiles.version()] + events), to: name)
    folder.touch(name, Self.past)
  }

  /// Takes files for settled that were written a moment ago.
  private var hasty: CurveCache { CurveCache(folder: cache.folder, smallestLog: 1000, settlingSeconds: -60) }

  private var location: LogLocation { LogLocation(path: folder.path + "/run", format: .tensorBoard, name: "run") }

  private func open() -> LoggedRun {
    var log = OpenedLog(location, cache: cache)
    log.readAll()
    return log.run
  }

  private var entries: [String] { FolderEntry.all(in: cache.folder).map(\.name) }

  /// Keeps what the log says now, whenever its files were written.
  private func keep() throws {
    let run = OpenedLog.run(folder.path + "/run", .tensorBoard)
    cache.keep(run, location, try #require(location.stamps))
  }

  @Test func runsAreTheSameAfterwards() throws {
    folder.write(Array("lr: 0.5\nname: x\nflag: true\n".utf8), to: "hparams.yaml")
    try write(0..<7000)
    folder.rename("hparams.yaml", to: "run/hparams.yaml")
    // Steps that go back, a value that is not finite, a damaged record: everything that a run can have.
    let again = (100..<200).map { EventFiles.event(step: $0, time: 2, [EventFiles.scalar("loss", .nan)]) }
    var bytes = try EventFiles.bytes([EventFiles.version()] + again)
    bytes[bytes.count / 2] ^= 1
    folder.write(bytes, to: "run/events.out.tfevents.2.a")
    try keep()
    let read = OpenedLog.run(folder.path + "/run", .tensorBoard)
    let stamps = try #require(location.stamps)
    let kept = try #require(cache.run(location, stamps))
    #expect(kept.metrics == read.metrics && kept.configuration == read.configuration)
    #expect(kept.problems == read.problems && !read.problems.isEmpty)
    #expect(kept.bytes == read.bytes && kept.files == 2 && kept.lastWrite == read.lastWrite && kept.isComplete)
    #expect(kept.metric("loss")?.replacedCount == read.metric("loss")?.replacedCount)
  }

  /// What the cache says is shown although the log says something else: it was not read again.
  @Test func unchangedFilesAreNotReadAgain() throws {
    try write(0..<100)
    var wrong = OpenedLog.run(folder.path + "/run", .tensorBoard)
    let place = wrong.place(of: "from the cache")
    wrong.add(place, step: 1, time: 1, value: 1)
    cache.keep(wrong, location, try #require(location.stamps))
    #expect(open().metric("from the cache") != nil)
    // A run whose name is another elsewhere is the same log.
    var log = OpenedLog(LogLocation(path: location.path, format: .tensorBoard, name: "other"), cache: cache)
    log.readAll()
    #expect(log.run.name == "other" && log.run.metric("from the cache") != nil)
  }

  @Test(arguments: ["grown", "same size", "another file", "a file more", "configuration"])
  func changedFilesAreReadAgain(_ change: String) throws {
    try write(0..<100)
    try keep()
    var log = OpenedLog(location, cache: cache)
    log.readAll()
    #expect(log.run.points("loss").count == 100)
    var expected = 100
    switch change {
    case "grown":
      try write(0..<150)
      expected = 150
    case "same size": try write(0..<100, factor: 2)
    case "another file":
      try write(0..<100, to: "run/events.tfevents.new")
      folder.rename("run/events.tfevents.new", to: "run/events.out.tfevents.1.a")
    case "a file more":
      try write(100..<130, to: "run/events.out.tfevents.2.a")
      expected = 130
    default: folder.write(Array("lr: 1\n".utf8), to: "run/hparams.yaml")
    }
    log.readAll()
    for run in [open(), log.run] {
      #expect(run.points("loss").count == expected)
      if change == "same size" { #expect(run.points("loss")[50] == 100) }
      if change == "configuration" { #expect(run.configuration["lr"] == .number(1)) }
    }
  }

  @Test func whatWasReadIsKept() throws {
    try write(0..<100)
    var log = OpenedLog(location, cache: hasty)
    log.readAll()
    #expect(cache.run(location, try #require(location.stamps))?.metrics == log.run.metrics)
    // What has grown since reading began is not known to have been read.
    var other = OpenedLog(
      location, cache: CurveCache(folder: folder.path + "/second", smallestLog: 0, settlingSeconds: -60))
    other.read(within: ReadBudget(seconds: 0))
    try write(0..<200)
    other.readAll()
    #expect(FolderEntry.all(in: folder.path + "/second").isEmpty)
  }

  @Test func smallLogsAndThoseJustWrittenAreNotKept() throws {
    try write(0..<100)
    _ = open()
    // Its file was changed a moment ago, whatever time it says of its content.
    #expect(entries.isEmpty)
    try write(0..<3)
    _ = open()
    #expect(entries.isEmpty)
  }

  @Test func damagedEntriesAreAsGoodAsNone() throws {
    try write(0..<100)
    try keep()
    let stamps = try #require(location.stamps)
    let first = try #require(entries.first)
    let name = "cache/mtt-tui/curves/" + first
    let bytes = try #require(folder.read(name))
    #expect(cache.run(location, stamps) != nil)
    for length in [0, 7, 20, bytes.count - 1] {
      folder.write(Array(bytes[..<length]), to: name)
      #expect(cache.run(location, stamps) == nil)
    }
    for place in stride(from: 0, to: bytes.count, by: 97) {
      var wrong = bytes
      wrong[place] ^= 4
      folder.write(wrong, to: name)
      #expect(cache.run(location, stamps) == nil)
    }
    #expect(open().points("loss").count == 100)
    try keep()
    #expect(cache.run(location, stamps) != nil)
  }

  @Test func theOldestEntriesGoFirst() throws {
    try write(0..<100)
    try keep()
    let first = try #require(entries.first)
    let size = try #require(folder.read("cache/mtt-tui/curves/" + first)).count
    let bounded = CurveCache(folder: cache.folder, smallestLog: 0, largestTotal: 3 * size + size / 2)
    let stamps = try #require(location.stamps)
    let run = open()
    let others = (0..<5).map { LogLocation(path: location.path + "\($0)", format: .tensorBoard, name: "run") }
    for (number, other) in others.enumerated() {
      let before = Set(entries)
      bounded.keep(run, other, stamps)
      let made = try #require(Set(entries).subtracting(before).first)
      folder.touch("cache/mtt-tui/curves/" + made, Self.past + number)
    }
    // Used again: the newest from then on.
    #expect(bounded.run(others[0], stamps) != nil)
    folder.write([1], to: "cache/mtt-tui/curves/0.curves.99")
    folder.touch("cache/mtt-tui/curves/0.curves.99", Self.past)
    bounded.prune(now: Double(Self.past) * 2)
    #expect(entries.count == 3 && !entries.contains("0.curves.99"))
    #expect(others.map { bounded.run($0, stamps) != nil } == [true, false, false, false, true])
  }

  /// Zoomed in, a long log is read again for the steps that are shown.
  @Test func someStepsAreReadAsFineAsTheyAre() async throws {
    try write(0..<20_000)
    let library = LogLibrary(paths: [folder.path], cache: cache)
    let opened = try await library.open()
    let run = try #require(opened.first)
    _ = await library.readAll()
    let found = await library.points(of: ["loss", "none"], steps: [run.id: 5000...5100, "/elsewhere": 1...2])
    #expect(found.keys.map { $0 } == [run.id] && found[run.id]?.keys.map { $0 } == ["loss"])
    #expect(found[run.id]?["loss"]?.map(\.step) == Array(5000...5100))
    #expect(found[run.id]?["loss"]?.allSatisfy { $0.count == 1 && $0.last == Float($0.step) } == true)
    #expect(await library.locations(of: [run.id]).map(\.path) == [run.id])
  }

  @Test func aCacheThatCannotBeWrittenCostsNothingElse() throws {
    try write(0..<100)
    folder.write([], to: "file")
    let cache = CurveCache(folder: folder.path + "/file/curves", smallestLog: 0)
    var log = OpenedLog(location, cache: cache)
    log.readAll()
    cache.keep(log.run, location, try #require(location.stamps))
    #expect(log.run.points("loss").count == 100 && log.run.problems.isEmpty)
  }
}
