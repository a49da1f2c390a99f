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
