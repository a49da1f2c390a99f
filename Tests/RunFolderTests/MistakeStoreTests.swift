import FolderSupport
import Testing
import TrainingEvents

@testable import RunFolder

@Suite struct MistakeStoreTests {
  private let folder = TemporaryFolder()
  private var store: MistakeStore { MistakeStore(runFolder: folder.path) }

  private func mistakes(step: Int, words: [String] = ["play", "\"it\"", "数"]) -> EvaluationMistakes {
    let mistake = Mistake(
      number: 3, words: words, goldClass: "Play", predictedClass: nil, probability: nil, goldProbability: 0.25,
      goldTags: ["O", nil, "B-artist"], predictedTags: ["O", "O", "O"],
      pairs: [Mistake.Pair(gold: "artist", predicted: "O")], confidence: 0.5, loss: .infinity)
    return EvaluationMistakes(split: .dev, epoch: 2, step: step, judged: 9, wrong: 4, sentences: [mistake])
  }

  private func file(_ step: Int) -> String { "mistakes/\(Checkpoint.name(step: step)).json" }

  @Test func whatWasWrittenIsRead() throws {
    #expect(try store.steps == [] && store.read(step: 7) == nil)
    try store.write(mistakes(step: 7))
    #expect(try store.read(step: 7) == mistakes(step: 7))
    #expect(try store.read(step: 8) == nil)
    #expect(FileSystem.names(in: folder.path + "/mistakes") == ["step-0000007.json"])
  }

  @Test func theNewestEvaluationsAreKept() throws {
    for step in 1...60 { try store.write(mistakes(step: step)) }
    #expect(store.steps == Array(11...60))
  }

  /// However large they are, the last one stays.
  @Test func theirFilesTakeBoundedSpace() throws {
    let size = RunJSON.encode(mistakes(step: 1)).count
    let store = MistakeStore(runFolder: folder.path, keptBytes: 3 * size)
    for step in 1...9 { try store.write(mistakes(step: step)) }
    #expect(store.steps == [7, 8, 9])
    try store.write(mistakes(step: 10, words: (0..<size).map { "word\($0)" }))
    #expect(store.steps == [10])
  }

  @Test func aRunThatIsTakenUpLosesWhatItWillMakeAgain() throws {
    for step in [4, 8, 12] { try store.write(mistakes(step: step)) }
    folder.write([1], to: file(8) + ".tmp-4711")
    folder.write([1], to: "mistakes/notes.txt")
    store.begin(after: 8)
    #expect(FileSystem.names(in: folder.path + "/mistakes") == ["notes.txt", "step-0000004.json", "step-0000008.json"])
    store.begin(after: 0)
    #expect(store.steps == [])
  }

  /// The suspects are one file, which goes where its step is made again or it cannot be read.
  @Test(arguments: [(8, true), (12, true), (4, false)]) func suspectsAreReplaced(step: Int, stays: Bool) throws {
    #expect(try store.readSuspects() == nil)
    var suspects = mistakes(step: 4)
    suspects.split = .train
    suspects.sentences[0].classMargin = -1.5
    try store.write(suspects: suspects)
    suspects.step = 8
    try store.write(suspects: suspects)
    #expect(try store.readSuspects() == suspects && store.steps == [])
    store.begin(after: step)
    #expect(try store.readSuspects() == (stays ? suspects : nil))
    folder.write([1], to: "mistakes/suspects.json")
    #expect { try store.readSuspects() } throws: { "\($0)".contains("mistakes/suspects.json") }
    store.begin(after: 99)
    #expect(try store.readSuspects() == nil)
  }

  /// A file that a power cut left empty is reported, not taken for an evaluation without mistakes.
  @Test(arguments: ["", "{}", "{\"split\":\"dev\"", "[1]"])
  func aDamagedFileIsASentence(text: String) throws {
    try store.write(mistakes(step: 4))
    folder.write(Array(text.utf8), to: file(4))
    #expect { try store.read(step: 4) } throws: { "\($0)".contains(file(4)) }
  }

  @Test func whatCannotBeWrittenIsTold() {
    folder.write([1], to: "mistakes")
    #expect(throws: RunFolderError.self) { try store.write(mistakes(step: 4)) }
    #expect(FileSystem.names(in: folder.path) == ["mistakes"])
  }
}
