import Testing

@testable import mtt_tui

@Suite struct RuntimeNeedsTests {
  /// In a bare root nothing is mounted there, and the program would end by a trap once a second has passed.
  @Test func aSystemThatShowsNoProcessesIsNamed() throws {
    #expect(RuntimeNeeds.problem() == nil)
    let folder = try Folder()
    #expect(
      RuntimeNeeds.problem(processes: folder.path)
        == "\(folder.path) does not show this process, which Swift's runtime needs: "
        + "mount it (mount -t proc proc \(folder.path)).")
  }
}
