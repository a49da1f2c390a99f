import Testing

@testable import TextData

/// One conversion of tag schemes, whatever form the tags come in.
@Suite struct SchemeTests {
  /// The same sentences in each form.
  private static func forms(_ sentences: [[(String, String)]]) -> [[String: String]] {
    let words = sentences.map { $0.map(\.0).joined(separator: " ") + "\n" }.joined()
    let tags = sentences.map { $0.map(\.1).joined(separator: " ") + "\n" }.joined()
    let columns = sentences.map { $0.map { "\($0.0)\t\($0.1)\n" }.joined() }.joined(separator: "\n")
    let objects = sentences.map { sentence in
      let words = sentence.map { "\"\($0.0)\"" }.joined(separator: ",")
      let tags = sentence.map { "\"\($0.1)\"" }.joined(separator: ",")
      return "{\"tokens\":[\(words)],\"tags\":[\(tags)]}\n"
    }
    return [
      ["train.conll": columns], ["train/seq.in": words, "train/seq.out": tags], ["train.jsonl": objects.joined()],
    ]
  }

  @Test(arguments: 0..<3) func iob1AndIOAreConvertedInEveryForm(_ form: Int) throws {
    let iob1 = try TemporaryFolder(Self.forms([[("a", "I-X"), ("b", "B-X"), ("c", "O"), ("d", "I-Y")]])[form])
    let data = try iob1.load()
    #expect(data.rendered(data.train) == ["? | a/B-X b/B-X c/O d/B-Y"])
    #expect(iob1.remarks(data).contains { $0.hasSuffix(": tags are IOB1, converted to IOB2.") })
    let io = try TemporaryFolder(Self.forms([[("a", "I-X"), ("b", "I-X"), ("c", "I-Y")], [("d", "I-X")]])[form])
    let second = try io.load()
    #expect(second.rendered(second.train) == ["? | a/B-X b/I-X c/B-Y", "? | d/B-X"])
    #expect(io.remarks(second).contains { $0.hasSuffix(": tags are IO, converted to IOB2.") })
  }

  @Test(arguments: 0..<3) func oneStrayBDoesNotMakeIOB2(_ form: Int) throws {
    let folder = try TemporaryFolder(
      Self.forms([
        [("the", "O"), ("Finance", "I-ORG"), ("Manual", "B-MISC"), ("of", "I-MISC")],
        [("IBM", "I-ORG"), ("and", "O"), ("Paris", "I-LOC"), ("or", "O"), ("Rome", "B-LOC")],
      ])[form])
    let data = try folder.load()
    #expect(
      data.rendered(data.train) == [
        "? | the/O Finance/B-ORG Manual/B-MISC of/I-MISC", "? | IBM/B-ORG and/O Paris/B-LOC or/O Rome/B-LOC",
      ])
  }

  @Test(arguments: zip(0..<3, ["train.conll:4", "train/seq.out:1", "train.jsonl:1"]))
  func orphansInIOB2AreCounted(_ form: Int, _ place: String) throws {
    let folder = try TemporaryFolder(
      Self.forms([
        [("a", "O"), ("b", "B-X"), ("c", "O"), ("d", "I-X")], [("e", "B-X"), ("f", "I-Y"), ("g", "O"), ("h", "B-X")],
      ])[form])
    let data = try folder.load()
    #expect(data.rendered(data.train) == ["? | a/O b/B-X c/O d/I-X", "? | e/B-X f/I-Y g/O h/B-X"])
    #expect(folder.remarks(data).contains { $0.hasPrefix("\(place): 2 I- tags without B- or I- of the same type") })
  }

  @Test func importConvertsAsTrainingDoes() throws {
    for form in Self.forms([[("a", "I-X"), ("b", "I-X"), ("c", "O")], [("d", "I-Y")]]) {
      let folder = try TemporaryFolder(form)
      let source = folder.path + "/" + (form.keys.first { $0.hasPrefix("train.") } ?? "train")
      let remarks = try writeFolderForm(of: [source], to: folder.path + "/out", format: .sentences)
      #expect(remarks.contains { $0.contains("tags are IO, converted to IOB2") })
      let data = try TextDataset.load(
        DataOptions(
          source: .files(train: [folder.path + "/out"], dev: [], test: []), lowercase: false, minimumCount: 1,
          maxLength: 8))
      #expect(data.rendered(data.train) == ["? | a/B-X b/I-X c/O", "? | d/B-Y"])
    }
  }

  @Test func tagsAreTakenApartAsSeqevalDoes() {
    let cases: [(String, TagPrefix, String)] = [
      ("O", .outside, ""), ("", .outside, ""), ("B-from-loc", .begin, "from-loc"), ("I", .inside, ""),
      ("S-é", .single, "é"), ("PER", .other, "ER"), ("ORG", .outside, "RG"), ("B--x", .begin, "-x"),
    ]
    for (text, prefix, type) in cases { #expect(Tag(text).prefix == prefix && Tag(text).type == type, "\(text)") }
    #expect(Tag.isEntityTag("B-x") && Tag.isEntityTag("O") && Tag.isEntityTag("I"))
    #expect(!Tag.isEntityTag("PER") && !Tag.isEntityTag("O-x") && !Tag.isEntityTag("") && !Tag.isEntityTag("Bx"))
  }
}
