import Foundation
import Glibc
import Testing

/// Runs that nothing trains any more are opened all the same.
@Suite(.enabled(if: Tmux.isInstalled, "needs tmux")) struct ViewTests {
  private let folder: Folder

  init() throws {
    folder = try Folder()
    try folder.writeCorpus()
  }

  private func train(_ more: [String] = []) throws -> Program.Result {
    try Program.run(
      ["--no-ui", "--data", "corpus", "--epochs", "3", "--run-dir", "runs/one"] + Program.tiny + more, in: folder)
  }

  @Test func aFinishedRunIsPrintedAsItWasTrained() throws {
    let trained = try train()
    #expect(trained.exitCode == 0)
    let viewed = try Program.run(["view", "--no-ui", "runs/one"], in: folder)
    #expect(viewed.exitCode == 0 && viewed.output == trained.output)
    let attached = try Program.run(["attach", "--no-ui", "runs/one"], in: folder)
    #expect(attached.exitCode == 0 && attached.output == trained.output)
    #expect(attached.errors.contains("no process trains this run now"))
    #expect(try Program.run(["attach", "corpus"], in: folder).exitCode == 66)
  }

  @Test func aFolderOfTheVersionBeforeIsPrintedToo() throws {
    let trained = try train()
    try FileManager.default.removeItem(atPath: folder["runs/one/run.log"])
    let viewed = try Program.run(["view", "--no-ui", "runs/one"], in: folder)
    #expect(viewed.exitCode == 0 && viewed.output == trained.output)
  }

  /// A run that was deleted while it is looked at does not come back as a folder with nothing but exports in it.
  @Test func aDeletedRunIsNotExported() async throws {
    #expect(try train().exitCode == 0)
    let tmux = try Tmux("'\(Program.path)' view runs/one", in: folder, columns: 120, rows: 40)
    try await tmux.shows("finished")
    try FileManager.default.removeItem(atPath: folder["runs/one"])
    try tmux.type("e")
    try await tmux.shows("the run's folder is gone")
    try tmux.type("q")
    try await tmux.ended(exitCode: 0)
    #expect(!FileManager.default.fileExists(atPath: folder["runs/one"]))
  }

  /// What is marked on a stored run's page of errors is a file that training reads again.
  @Test func wrongSentencesAreReadAndMarked() async throws {
    #expect(try train(["--learning-rate", "1e-5"]).exitCode == 0)
    let tmux = try Tmux("'\(Program.path)' view runs/one", in: folder, columns: 120, rows: 40)
    try await tmux.shows("finished")
    try tmux.type("6")
    try await tmux.shows("Errors, dev, epoch 2")
    try await tmux.shows("epoch 0  wrong")
    try tmux.type("Space")
    try await tmux.shows("╰─ 1 marked")
    try tmux.type("e")
    try await eventually("the marked sentence is written") {
      folder.entries("runs/one/exports").contains { $0.hasPrefix("marked-") }
    }
    try tmux.type("q")
    try await tmux.ended(exitCode: 0)
    let name = try #require(folder.entries("runs/one/exports").first { $0.hasPrefix("marked-") })
    let imported = try Program.run(["import", "jsonl", "runs/one/exports/\(name)", "marked"], in: folder)
    #expect(imported.exitCode == 0, "\(imported.errors)")
    let sentence = try #require(try folder.text("marked/seq.in").split(separator: "\n").first)
    #expect(try folder.text("corpus/dev/seq.in").contains(sentence))
  }

  @Test func aCopiedFolderIsShownWholeAndCannotBeSteered() async throws {
    #expect(try train().exitCode == 0)
    try FileManager.default.copyItem(atPath: folder["runs/one"], toPath: folder["elsewhere"])
    let tmux = try Tmux("'\(Program.path)' view elsewhere", in: folder)
    try await tmux.shows("finished")
    try await tmux.shows("epoch 3 of 3")
    try tmux.type("p")
    try await tmux.shows("not steered")
    try tmux.type("q")
    try await tmux.ended(exitCode: 0)
  }
}
