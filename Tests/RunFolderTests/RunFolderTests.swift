import FolderSupport
import Glibc
import Paths
import Testing
import TrainingEvents

@testable import RunFolder
@testable import Storage

@Suite struct RunFolderTests {
  private let temporary = TemporaryFolder()
  private var path: String { temporary.path + "/runs/one" }

  private func manifest() -> RunManifest {
    var configuration = RunConfiguration()
    configuration.seed = 7
    configuration.source = .files(train: ["/data/träin.jsonl"], dev: [], test: ["/data/test", "/data/more"])
    return RunManifest(
      version: "1", name: "one", created: 1.5, configuration: configuration, fingerprints: ["/data/a": "12ab"])
  }

  @Test func aNewFolderHasItsManifestBeforeAnythingElse() throws {
    let folder = try RunFolder.create(at: path, manifest: manifest())
    #expect(FileSystem.names(in: path) == ["checkpoints", "lock", "run.json"])
    #expect(try RunManifest.read(folder: path) == manifest())
    #expect(folder.path == path)
  }

  @Test func aFolderWithARunIsRefused() throws {
    try RunFolder.create(at: path, manifest: manifest()).close()
    for attempt in [
      { try RunFolder.check(directory: path) },
      { try RunFolder.create(at: path, manifest: manifest()).path },
    ] {
      let error = #expect(throws: RunFolderError.self) { try attempt() }
      #expect(error?.exitCode == 73)
      #expect(error?.description.contains("--resume") == true)
    }
  }

  @Test func foldersAreNamedByTimeAndName() throws {
    let place = try RunFolder.claim(name: "my data/../x", now: 1_700_000_000, in: temporary.path)
    let name = try #require(place.split(separator: "/").last)
    #expect(name.wholeMatch(of: /\d{8}-\d{6}-my-data-\.\.-x/) != nil)
    #expect(FileSystem.isFolder(place))
    #expect(RunFolder.fileName("../..") == "-..")
    #expect(RunFolder.fileName("  ") == "run")
    RunFolder.abandon(claimed: place)
    #expect(!FileSystem.exists(place))
  }

  @Test func runsOfOneSecondGetAFolderEach() async throws {
    let parent = temporary.path + "/runs"
    let manifest = manifest()
    let places = try await withThrowingTaskGroup(of: String.self) { group in
      for _ in 0..<24 {
        group.addTask {
          let place = try RunFolder.claim(name: "demo", now: 1_700_000_000, in: parent)
          return try RunFolder.create(at: place, manifest: manifest).path
        }
      }
      return try await group.reduce(into: Set<String>()) { $0.insert($1) }
    }
    #expect(places.count == 24)
  }

  @Test func anEmptyNameIsNoFolder() {
    let error = #expect(throws: RunFolderError.self) { try RunFolder.check(directory: "") }
    #expect(error?.exitCode == 73)
  }

  /// Only what crashed writes of this program left behind goes.
  @Test func filesOfOthersStay() throws {
    try RunFolder.create(at: path, manifest: manifest()).close()
    let own = ["run.json.tmp-17", "outcome.json.tmp-4", "checkpoints/best.tmp-9", "checkpoints/.tmp-step-0000004"]
    let others = ["notes.tmp-1", "run.json.tmp-old", "checkpoints/mine.tmp-2", "checkpoints/.tmp-mine"]
    for name in own + others { temporary.write([1], to: "runs/one/" + name) }
    try RunFolder.open(path).close()
    for name in own { #expect(!FileSystem.exists(path + "/" + name), "\(name)") }
    for name in others { #expect(FileSystem.exists(path + "/" + name), "\(name)") }
  }

  /// A run that is opened and not gone on with after all has ended as it had.
  @Test func howARunEndedIsKnownUntilItGoesOn() throws {
    let first = try RunFolder.create(at: path, manifest: manifest())
    try first.end(RunOutcome(exitCode: 75, message: "Stopped."), step: 3, time: 2)
    first.close()
    try RunFolder.open(path).close()
    #expect(try RunOverview(folder: path).state == .stopped)
    let again = try RunFolder.open(path)
    again.begin()
    again.close()
    #expect(try RunOverview(folder: path).state == .crashed)
  }

  /// Who lists runs holds the lock for an instant, which does not keep a run from going on.
  @Test func whoAsksForTheLockKeepsNobodyOut() throws {
    try RunFolder.create(at: path, manifest: manifest()).close()
    let descriptor = open(path + "/lock", O_RDONLY)
    #expect(flock(descriptor, LOCK_SH) == 0)
    var looks = 1
    let lock = try RunLock(folder: path) {
      looks += 1
      if looks == 2 { close(descriptor) }
    }
    #expect(looks == 2)
    #expect(RunLock.isHeld(folder: path))
    lock.release()
  }

  @Test func oneOwnerAtATime() throws {
    let first = try RunFolder.create(at: path, manifest: manifest())
    #expect(RunLock.isHeld(folder: path))
    let error = #expect(throws: RunFolderError.self) { try RunFolder.open(path) }
    #expect(error?.exitCode == 73)
    #expect(error?.description.contains("\(getpid())") == true)
    first.close()
    #expect(!RunLock.isHeld(folder: path))
    _ = try RunFolder.open(path)
  }

  @Test func theLockOfADeadProcessBindsNobody() throws {
    try RunFolder.create(at: path, manifest: manifest()).close()
    temporary.write(Array("999999\n".utf8), to: "runs/one/lock")
    #expect(try RunFolder.open(path).path == path)
  }

  @Test func aFolderDeletedUnderWayIsMadeAnew() throws {
    let folder = try RunFolder.create(at: path, manifest: manifest())
    #expect(try folder.reclaim() == nil)
    TemporaryFolder.remove(temporary.path + "/runs")
    #expect(throws: RunFolderError.self, "the store makes no run's folder") {
      try folder.checkpoints.write(step: 1, files: [CheckpointFile(name: "a", content: .bytes([]))])
    }
    #expect(try folder.reclaim()?.contains(path) == true)
    #expect(try RunManifest.read(folder: path) == manifest())
    #expect(RunLock.isHeld(folder: path))
    #expect(try folder.reclaim() == nil)
    #expect(throws: RunFolderError.self) { try RunFolder.open(path) }
    unlink(path + "/run.json")
    #expect(try folder.reclaim() != nil)
    #expect(try RunManifest.read(folder: path) == manifest())
  }

  /// Deleted, and another run begun in its place, live or not: nothing of that one is touched.
  @Test(arguments: [true, false])
  func aFolderThatIsAnotherRunsIsLeftAlone(live: Bool) throws {
    let folder = try RunFolder.create(at: path, manifest: manifest())
    TemporaryFolder.remove(path)
    var second = manifest()
    second.created = 2
    let other = try RunFolder.create(at: path, manifest: second)
    if !live { other.close() }
    let error = #expect(throws: RunFolderError.self) { try folder.reclaim() }
    #expect(error?.exitCode == 73)
    try folder.end(RunOutcome(exitCode: 0, message: ""), step: 1, time: 1)
    #expect(!temporary.exists("runs/one/outcome.json"))
    #expect(try RunManifest.read(folder: path) == second)
    #expect(RunLock.isHeld(folder: path) == live)
    withExtendedLifetime(other) {}
  }

  @Test func whatIsNoRunIsNotOpened() throws {
    #expect((#expect(throws: RunFolderError.self) { try RunFolder.open(path) })?.exitCode == 66)
    #expect((#expect(throws: RunFolderError.self) { try RunFolder.open(temporary.path) })?.exitCode == 66)
    #expect(!temporary.exists("lock"))
  }

  @Test(arguments: ["", "{", "[]", "{}", "null", "{\"format\":1}", "\u{FEFF}{}"])
  func aBrokenManifestIsASentence(text: String) throws {
    try RunFolder.create(at: path, manifest: manifest()).close()
    temporary.write(Array(text.utf8), to: "runs/one/run.json")
    let error = #expect(throws: RunFolderError.self) { try RunFolder.open(path) }
    #expect(error?.exitCode == 65)
    #expect(error?.description.contains("run.json") == true)
  }

  @Test func aLaterFormatIsRefused() throws {
    var later = manifest()
    later.format = 2
    try RunFolder.create(at: path, manifest: later).close()
    #expect((#expect(throws: RunFolderError.self) { try RunFolder.open(path) })?.exitCode == 65)
  }

  @Test func leftoversAreRemovedOnOpening() throws {
    try RunFolder.create(at: path, manifest: manifest()).close()
    temporary.write([1], to: "runs/one/run.json.tmp-77")
    _ = try RunFolder.open(path)
    #expect(!temporary.exists("runs/one/run.json.tmp-77"))
  }

  @Test func aPlaceThatCannotBeWrittenIsNamed() {
    temporary.write([], to: "file")
    let error = #expect(throws: RunFolderError.self) {
      try RunFolder.create(at: temporary.path + "/file/run", manifest: manifest())
    }
    #expect(error?.exitCode == 73)
    #expect(error?.description.contains(temporary.path + "/file") == true)
  }

  @Test func pathsBecomeAbsolute() throws {
    #expect(absolutePath("/a//b/./c/../d/") == "/a/b/d")
    #expect(absolutePath("/../..") == "/")
    #expect(absolutePath("x").hasPrefix("/") && absolutePath("x").hasSuffix("/x"))
  }

  @Test func filesAreReplacedAsAWhole() throws {
    let file = temporary.path + "/f"
    try FileSystem.writeAtomically([1, 2, 3], to: file)
    try FileSystem.writeAtomically([4], to: file)
    #expect(temporary.read("f") == [4])
    #expect(FileSystem.names(in: temporary.path) == ["f"])
    temporary.makeFolder("d")
    temporary.write([], to: "d/x")
    #expect(throws: RunFolderError.self) { try FileSystem.writeAtomically([1], to: temporary.path + "/d") }
    #expect(FileSystem.names(in: temporary.path) == ["d", "f"])
  }

  @Test func checksumIsCRC32C() {
    var checksum = Checksum()
    Array("1234".utf8).withUnsafeBytes { checksum.add($0) }
    Array("56789".utf8).withUnsafeBytes { checksum.add($0) }
    #expect(checksum.hexadecimal == "e3069283")
    var whole = Checksum()
    Array("123456789".utf8).withUnsafeBytes { whole.add($0) }
    #expect(whole == checksum)
    // RFC 3720, B.4: 32 bytes of zeros.
    var zeros = Checksum()
    [UInt8](repeating: 0, count: 32).withUnsafeBytes { zeros.add($0) }
    #expect(zeros.value == 0x8A91_36AA)
    #expect(Checksum().hexadecimal == "00000000")
  }

  /// The processor's instruction and the tables for processors without it give the same.
  @Test func checksumsDoNotDependOnTheProcessor() {
    let bytes = (0..<100).map { UInt8(truncatingIfNeeded: $0 * 37 + 11) }
    for start in 0..<9 {
      for end in start...bytes.count {
        var (one, other) = (Checksum(), Checksum())
        bytes[start..<end].withUnsafeBytes {
          one.add($0)
          other.addByTables($0)
        }
        #expect(one == other)
      }
    }
  }
}
