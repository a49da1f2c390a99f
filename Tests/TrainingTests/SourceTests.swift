import Foundation
import Testing
import TextData
import TrainingEvents

@testable import Training

@Suite struct SourceTests {
  /// Only what is kept from train can be a share of it: a training file may have any name.
  @Test func pathsBecomeAbsoluteAndSharesGetTheirSeed() throws {
    var share = try #require(HeldOutShare("10%"))
    share.seed = 3
    let here = FileManager.default.currentDirectoryPath
    let source = RunConfiguration.Source.files(train: ["10%", "/a"], dev: ["10%"], test: ["b"])
    #expect(
      source.absolute(seed: 3) == .files(train: [here + "/10%", "/a"], dev: [share.description], test: [here + "/b"]))
    #expect(RunConfiguration.Source.folder("c").absolute(seed: 3) == .folder(here + "/c"))
    #expect(RunConfiguration.Source.demo.absolute(seed: 3) == .demo)
  }
}
