import Foundation
import Testing

@testable import TextData

@Suite struct ImportTests {
  private func read(_ folder: TemporaryFolder, _ name: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: folder.path + "/" + name)), as: UTF8.self)
  }

  @Test func snipsJSONBecomesTheFolderForm() throws {
    let folder = try TemporaryFolder([
      "a.json": """
      {"PlayMusic": [
        {"data": [{"text": "Play "}, {"text": "Heart: Like", "entity": "album"}, {"text": " by "},
                  {"entity": "artist", "text": "Zo\\u00eb"}, {"text": "'s band, at 7:30 p.m."}]},
        {"data": [{"text": " "}]}
      ]}
      """
    ])
    let remarks = try writeFolderForm(of: [folder.path + "/a.json"], to: folder.path + "/train", format: .snips)
    #expect(
      remarks == [
        "\(folder.path)/a.json: 1 sentence without words skipped.", "\(folder.path)/train: 1 sentence written.",
      ])
    #expect(try read(folder, "train/seq.in") == "Play Heart : Like by Zoë 's band , at 7:30 p.m.\n")
    #expect(
      try read(folder, "train/seq.out") == "O B-album I-album I-album O B-artist O O O O O O\n")
    #expect(try read(folder, "train/label") == "PlayMusic\n")
    #expect(try folder.load().train.count == 1)
    #expect(throws: DataError.self, "a split is not overwritten") {
      try writeFolderForm(of: [folder.path + "/a.json"], to: folder.path + "/train", format: .snips)
    }
  }

  @Test func refusesWhatTheFolderFormCannotHold() throws {
    let folder = try TemporaryFolder([
      "space.conll": "New York\tB-city\n", "some.jsonl": "{\"text\":\"a\",\"label\":\"x\"}\n{\"text\":\"b\"}\n",
      "bad.json": "{\"X\": [{\"data\": [\n{\"txt\": \"a\"}]}]}",
    ])
    func failure(_ name: String, _ format: ImportFormat) -> String {
      do {
        _ = try writeFolderForm(of: [folder.path + "/" + name], to: folder.path + "/out", format: format)
        return "written"
      } catch {
        return error.description.replacingOccurrences(of: folder.path + "/", with: "")
      }
    }
    #expect(
      failure("space.conll", .sentences)
        == "space.conll:1: the word \"New York\" is empty or has white space in it, which the folder form cannot hold")
    #expect(failure("some.jsonl", .sentences) == "some.jsonl:2: some sentences have a class and some not")
    #expect(
      failure("bad.json", .snips)
        == "bad.json:2: a part of a sentence without \"text\": expected SNIPS's JSON, {\"Intent\": [{\"data\": […]}]}")
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/out/seq.in"))
  }

  @Test(.enabled(if: SharedData.path("snips") != nil, "shared/data/snips is not there"))
  func publishedSnipsEqualsItsFolderForm() throws {
    let path = try #require(SharedData.path("snips"))
    let original = path + "/original"
    let files = try FileManager.default.contentsOfDirectory(atPath: original).filter { $0.hasPrefix("validate_") }
    let folder = try TemporaryFolder()
    _ = try writeFolderForm(
      of: files.sorted().map { original + "/" + $0 }, to: folder.path + "/train", format: .snips)
    func lines(_ path: String) throws -> [String] {
      String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self).split(separator: "\n").map {
        $0.split(separator: " ").joined(separator: " ")
      }
    }
    var same = 0
    let words = try lines(folder.path + "/train/seq.in")
    let tags = try lines(folder.path + "/train/seq.out")
    let published = Set(zip(try lines(path + "/dev/seq.in"), try lines(path + "/dev/seq.out")).map { "\($0)|\($1)" })
    for (word, tag) in zip(words, tags) where published.contains("\(word)|\(tag)") { same += 1 }
    #expect(words.count == 700)
    #expect(same > 680, "\(same) of 700 sentences equal")
    #expect {
      try writeFolderForm(of: [original + "/train_PlayMusic_full.json"], to: folder.path + "/full", format: .snips)
    } throws: { error in
      "\(error)".contains("train_PlayMusic_full.json:") && "\(error)".contains("as CESU-8 writes it")
    }
  }

  @Test(arguments: [
    ("play  Blue Train, please!", ["play", "Blue", "Train", ",", "please", "!"]),
    ("I'd go at 7:30 p.m. (or 8).", ["I'd", "go", "at", "7:30", "p.m.", "(", "or", "8", ")", "."]),
    ("wait... \"what?!\"", ["wait", ".", ".", ".", "\"", "what", "?", "!", "\""]), ("", []), (" . ", ["."]),
    ("R&B\u{A0}mix \u{1F600}", ["R&B", "mix", "\u{1F600}"]), ("U.S. (", ["U.S.", "("]),
  ])
  func rawTextIsSplitIntoWords(_ text: String, _ words: [String]) {
    #expect(splitIntoWords(text).map(String.init) == words)
  }
}
