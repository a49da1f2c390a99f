import FolderSupport
import Glibc
import Paths
import Testing

@testable import RunFolder

@Suite struct CheckpointStoreTests {
  private let folder = TemporaryFolder()
  private var store: CheckpointStore { CheckpointStore(path: folder.path + "/checkpoints") }

  private func files(_ value: Float) -> [CheckpointFile] {
    [
      CheckpointFile(name: "state.json", content: .bytes(Array("{\"value\":\(value)}".utf8))),
      CheckpointFile(
        name: "model.safetensors",
        content: .tensors([StoredTensor(name: "w", shape: [1], values: .f32([value]))], metadata: [:])),
    ]
  }

  private func value(_ checkpoint: Checkpoint) throws -> Float? {
    let tensors = try checkpoint.tensors("model.safetensors")
    return try tensors.entry("w").map { try tensors.floats($0) }?.first
  }

  @Test func readsBackWhatItWrote() throws {
    let (path, bytes) = try store.write(step: 400, files: files(0.5))
    #expect(path == folder.path + "/checkpoints/step-0000400")
    let checkpoint = try store.open(step: 400)
    #expect(checkpoint.step == 400)
    #expect(try value(checkpoint) == 0.5)
    #expect(try checkpoint.bytes("state.json") == Array("{\"value\":0.5}".utf8))
    let onDisk = try ["state.json", "model.safetensors", "manifest.json"].map {
      try #require(folder.read("checkpoints/step-0000400/\($0)")).count
    }
    #expect(bytes == onDisk.reduce(0, +))
  }

  /// The vocabulary of a large data set has more than this.
  @Test func aFileOfMoreThan64MebibytesIsRead() throws {
    folder.makeFolder("model")
    folder.write([], to: "model/vocab.txt")
    let size = 65 << 20
    #expect(truncate(folder.path + "/model/vocab.txt", off_t(size)) == 0)
    #expect(try Checkpoint.standing(alone: folder.path + "/model").bytes("vocab.txt").count == size)
  }

  @Test func onlyTheFilesThatAreReadNeedBeWhole() throws {
    let (path, _) = try store.write(step: 4, files: files(1))
    folder.write([1], to: "checkpoints/step-0000004/state.json")
    #expect(try value(store.open(step: 4, verifying: ["model.safetensors"])) == 1)
    #expect(throws: RunFolderError.self) { try store.open(step: 4) }
    #expect(throws: RunFolderError.self) { try Checkpoint(path: path, verifying: ["state.json"]) }
  }

  @Test func linksAreRelativeAndFollow() throws {
    _ = try store.write(step: 1, files: files(1))
    try store.point(.best, at: 1)
    _ = try store.write(step: 2, files: files(2))
    #expect(linkTarget(store.path + "/last") == "step-0000002")
    #expect(linkTarget(store.path + "/best") == "step-0000001")
    #expect(store.step(of: .last) == 2)
    #expect(store.path(of: .best) == store.path + "/step-0000001")
  }

  @Test(arguments: ["../step-0000001", "/etc", "step-1", "step-000000x", "elsewhere"])
  func aLinkThatLeadsElsewhereIsNone(target: String) throws {
    _ = try store.write(step: 1, files: files(1))
    try FileSystem.link(store.path + "/best", to: target)
    #expect(store.step(of: .best) == nil)
    #expect(store.path(of: .best) == nil)
  }

  @Test func writingAStepAgainReplacesIt() throws {
    _ = try store.write(step: 3, files: files(1))
    _ = try store.write(step: 3, files: files(2))
    #expect(store.steps == [3])
    #expect(try value(try store.open(step: 3)) == 2)
    #expect(FileSystem.names(in: store.path) == ["last", "step-0000003"])
  }

  @Test func keepsTheNewestAndTheBest() throws {
    for step in 1...6 {
      _ = try store.write(step: step, files: files(Float(step)))
      if step == 2 { try store.point(.best, at: 2) }
    }
    store.keepNewest(3)
    #expect(store.steps == [2, 4, 5, 6])
    store.keepNewest(0)
    #expect(store.steps == [2, 6])
  }

  /// Every file of a checkpoint, changed, shortened or taken away, is noticed.
  @Test(arguments: ["state.json", "model.safetensors", "manifest.json"], ["flip", "cut", "remove", "empty"])
  func damageIsNoticed(file: String, damage: String) throws {
    _ = try store.write(step: 1, files: files(1))
    _ = try store.write(step: 2, files: files(2))
    let name = "checkpoints/step-0000002/\(file)"
    var bytes = try #require(folder.read(name))
    switch damage {
    case "flip":
      bytes[bytes.count / 2] ^= 1
      folder.write(bytes, to: name)
    case "cut": folder.write(bytes.dropLast(), to: name)
    case "empty": folder.write([], to: name)
    default: unlink(folder.path + "/" + name)
    }
    #expect(throws: RunFolderError.self) { try store.open(step: 2) }
    let (newest, remarks) = try store.openNewest()
    #expect(newest?.step == 1)
    #expect(remarks.count == 1)
    #expect(remarks.first?.contains("step-0000002") == true)
    #expect(store.steps == [1])
  }

  @Test func withoutAWholeCheckpointNothingIsTouched() throws {
    _ = try store.write(step: 1, files: files(1))
    unlink(store.path + "/step-0000001/state.json")
    #expect(throws: RunFolderError.self) { try store.openNewest() }
    #expect(store.steps == [1])
  }

  @Test func withoutCheckpointsThereIsNoNewest() throws {
    #expect(try store.openNewest().checkpoint == nil)
    #expect(store.path(of: .last) == nil)
  }

  @Test(arguments: ["../secret", "a/b", ".hidden"])
  func aManifestCannotLeadOut(name: String) throws {
    _ = try store.write(step: 1, files: files(1))
    let manifest = CheckpointManifest(step: 1, files: [.init(name: name, bytes: 0, crc32c: "00000000")])
    folder.write(RunJSON.encode(manifest), to: "checkpoints/step-0000001/manifest.json")
    let error = #expect(throws: RunFolderError.self) { try store.open(step: 1) }
    #expect(error?.description.contains("outside") == true)
  }

  @Test func leftoversOfCrashedWritesAreRemoved() throws {
    _ = try store.write(step: 1, files: files(1))
    folder.makeFolder("checkpoints/.tmp-step-0000002")
    folder.write([1, 2], to: "checkpoints/.tmp-step-0000002/model.safetensors")
    folder.write([1], to: "checkpoints/last.tmp-123")
    #expect(store.steps == [1])
    store.cleanUp()
    #expect(FileSystem.names(in: store.path) == ["last", "step-0000001"])
  }

  /// A crash between the two renames of a replacement leaves the old one under another name.
  @Test func aReplacementThatNeverCameIsUndone() throws {
    _ = try store.write(step: 1, files: files(1))
    rename(store.path + "/step-0000001", store.path + "/.old-step-0000001")
    store.cleanUp()
    #expect(try value(try store.open(step: 1)) == 1)
    rename(store.path + "/step-0000001", store.path + "/.old-step-0000001")
    _ = try store.write(step: 1, files: files(2))
    store.cleanUp()
    #expect(try value(try store.open(step: 1)) == 2)
    #expect(FileSystem.names(in: store.path) == ["last", "step-0000001"])
  }

  @Test func aFailedWriteLeavesTheOldOnes() throws {
    _ = try store.write(step: 1, files: files(1))
    // A file where the temporary folder should be is replaced; a checkpoint folder that is a file cannot be made.
    let blocked = CheckpointStore(path: folder.path + "/blocked")
    folder.write([], to: "blocked")
    let error = #expect(throws: RunFolderError.self) { try blocked.write(step: 2, files: files(2)) }
    #expect(error?.exitCode == 73)
    let bad = [CheckpointFile(name: "no/such/folder", content: .bytes([]))]
    #expect(throws: RunFolderError.self) { try store.write(step: 2, files: files(2) + bad) }
    #expect(FileSystem.names(in: store.path) == ["last", "step-0000001"])
    #expect(store.step(of: .last) == 1)
  }

  @Test func namesAreStepsAndNothingElse() {
    #expect(Checkpoint.name(step: 400) == "step-0000400")
    #expect(Checkpoint.name(step: 123_456_789) == "step-123456789")
    #expect(Checkpoint.step(name: "step-123456789") == 123_456_789)
    for name in ["step-400", "step--000001", "step-", "step-+000001", "step-00000000400", "Step-0000400"] {
      #expect(Checkpoint.step(name: name) == nil)
    }
  }
}
