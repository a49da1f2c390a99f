import Foundation
import Glibc
import Synchronization
import Testing

@testable import TextData

/// A file's form by its first bytes, and what comes through pipes.
@Suite struct FileFormTests {
  private func form(_ bytes: [UInt8]) -> FileForm { bytes.withUnsafeBufferPointer { FileForm(recognising: $0) } }
  private func form(_ text: String) -> FileForm { form(Array(text.utf8)) }

  @Test(
    arguments: [
      ("", .columns), ("a\tO\n", .columns), ("[ O\n] O\n", .columns), ("[\tO\n", .columns),
      ("{\"text\":\"a\"}", .jsonLines),
      ("\u{FEFF}\n {\"text\":\"x\"}\n", .jsonLines), ("{\"text\":\"a\"\n{\"text\":\"b\"}\n", .jsonLines),
      ("{\n  \"data\": [\n", .json), ("{\"a\": [\n1]}\n", .json), ("[{\"tokens\": []}]", .json), ("[\n  {\n", .json),
      ("text,label\nhi,greet\n", .csv), ("\u{FEFF}\"Text\";\"Intent\"\n", .csv),
      ("label,token,doc,sent\n0,H,0,0\n", .csv),
      ("text\tlabel\nhi there\tgreet\n", .csv), ("word O\n", .columns),
      ("version: \"3.1\"\nnlu:\n- intent: x\n", .rasaYAML),
      ("nlu:\n", .rasaYAML), ("## intent:greet\n- hi\n", .rasaMarkdown), ("##intent:greet\n", .rasaMarkdown),
      ("__label__a some words\n", .fastText), ("__label__ O\n", .columns),
      ("T1\tPerson 0 5\tAnna B\n", .bratAnnotations), ("T1\tO\nis\tO\n", .columns), ("# intent: x\na O\n", .columns),
    ] as [(String, FileForm)])
  func isRecognised(_ text: String, _ expected: FileForm) { #expect(form(text) == expected) }

  @Test func whatIsNoTextIsNamed() throws {
    let cases: [([UInt8], String)] = [
      ([0x50, 0x4B, 3, 4], "zip"),
      (Array("PAR1".utf8), "Parquet"), (Array("<?xml version=".utf8), "XML"), (Array("BZh91AY".utf8), "bzip2"),
    ]
    for (bytes, name) in cases {
      guard case .foreign(let found, _) = form(bytes) else {
        Issue.record("\(name) is not recognised")
        continue
      }
      #expect(found.contains(name))
    }
    #expect(form("BZh is a word O\n") == .columns)
  }

  @Test func refusalsNameWhatItIs() throws {
    let folder = try TemporaryFolder(["train.txt": "<?xml version=\"1.0\"?>\n<a/>\n"])
    #expect(folder.failure().text.hasPrefix("train.txt: this is XML or HTML: read are folders of seq.in"))
    try folder.write("train.txt", [0x1F, 0x8B, 0x08, 0x00, 0x01])
    #expect(
      folder.failure().text
        == "train.txt: the gzip file is damaged or ends too early: pack it anew, or name the unpacked file")
  }

  /// Two readings of one pipe see the same; one that nobody writes to is refused in the end.
  @Test func pipesAreReadOnceAndKept() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/pipe"
    try #require(mkfifo(path, 0o600) == 0)
    let text = "# intent: k\na\tB-X\n\n" + String(repeating: "b\tO\n\n", count: 20_000)
    Thread.detachNewThread {
      let descriptor = open(path, O_WRONLY)
      defer { close(descriptor) }
      var rest = Array(text.utf8)[...]
      while !rest.isEmpty {
        let wrote = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        guard wrote > 0 else { return }
        rest = rest.dropFirst(wrote)
      }
    }
    let data = try TextDataset.load(
      DataOptions(source: .files(train: [path], dev: [], test: []), lowercase: false, minimumCount: 1, maxLength: 8))
    #expect(data.train.count == 20_001)
    var count = 0
    var report = ReadReport()
    try openSplit(path).read(&report) { _ in count += 1 }
    #expect(count == 20_001, "again, when nobody writes any more")
    let silent = folder.path + "/silent"
    try #require(mkfifo(silent, 0o600) == 0)
    PipeContents.patience.store(100, ordering: .relaxed)
    defer { PipeContents.patience.store(5_000, ordering: .relaxed) }
    #expect {
      try withFileStart(silent, count: 1) { _ in }
    } throws: { "\($0)" == "\(silent): is a pipe that nobody writes to: begin writing to it first, or name a file" }
  }
}
