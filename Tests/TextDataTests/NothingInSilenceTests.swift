import Foundation
import Testing

@testable import TextData

/// What was found is said, what was not read is counted, what has no labels is refused.
@Suite struct NothingInSilenceTests {
  @Test func theSummaryCountsEachSplit() throws {
    let folder = try TemporaryFolder([
      "train.conll": "# intent: k\na I-X\nb I-X\nc O\nd I-Y\n\n# intent: m\nc O\n",
      "dev.jsonl": #"{"text":"q","label":"k"}"#,
    ])
    #expect(
      try folder.load().findings.first
        == "Data: train 2 sentences, 5 words, 2 classes, 4 tags, 2 entities; dev 1 sentence, 1 word, 1 class, no tags.")
  }

  /// Words without a tag are no missed predictions.
  @Test func whatBecomesOfCutWordsIsSaid() throws {
    let long = String(repeating: "w ", count: 20)
    let folder = try TemporaryFolder([
      "train/seq.in": "\(long)\nb\n", "train/label": "k\nl\n", "dev/seq.in": "\(long)\n", "dev/label": "k\n",
      "dev/seq.out": "\(String(repeating: "O ", count: 20))\n",
    ])
    let data = try folder.load(maxLength: 8)
    #expect(
      folder.remarks(data).filter { $0.contains("cut to") } == [
        "train: 1 of 2 sentences cut to 8 tokens, 14 words not read.",
        "dev: 1 of 1 sentence cut to 8 tokens, 14 words without a prediction (predicted O, counted as missed).",
      ])
    for (split, fate) in [(SplitName.train, "not read."), (.dev, "predicted O, counted as missed).")] {
      var stream = try SplitStream(.folder(folder.path), split: split, encoding: data.encoding)
      try stream.read { _ in true }
      #expect(stream.remarks.contains { $0.contains("14 words") && $0.hasSuffix(fate) }, "\(stream.remarks)")
    }
  }

  @Test func oneTaskAloneIsSaidOnce() throws {
    let classes = try TemporaryFolder(["train/seq.in": "a\nb\n", "train/label": "k\nl\n"])
    #expect(try classes.load().findings.dropFirst() == ["Train has no tags: only sentence classes are trained."])
    let tags = try TemporaryFolder(["train.conll": "a B-X\n", "dev.conll": "b B-X\n"])
    #expect(try tags.load().findings.dropFirst() == ["Train has no sentence classes: only tags are trained."])
  }

  @Test func oneLabelAloneIsSaid() throws {
    let one = try TemporaryFolder(["train.conll": "# intent: k\na O\n"])
    #expect(
      try one.load().findings.dropFirst() == [
        "Train has one class alone: there is nothing to learn about classes.",
        "Train has no entity: there is nothing to learn about tags.",
      ])
    let more = try TemporaryFolder(["train.conll": "# intent: k\na B-X\n\n# intent: l\nb O\n"])
    #expect(try more.load().findings.count == 1)
  }

  @Test func keysThatAreNotReadAreNamed() throws {
    let folder = try TemporaryFolder([
      "train.jsonl": """
      {"text":"hi","intent":"greet","notes":[],"meta":null,"note":""}
      {"text":"fly to Paris","intent":"travel","notes":[{"by":"anna"}]}
      {"text":"go","intent":"travel","notes":[[0,1,"x"]],"id":7}
      """
    ])
    let data = try folder.load()
    #expect(data.rendered(data.train) == ["greet | hi", "travel | fly to Paris", "travel | go"])
    #expect(
      folder.remarks(data).contains(
        "train.jsonl: not read: key \"notes\" (2 times, first on line 2), key \"id\" (once, on line 3)."))
  }

  @Test func labelsOfHuggingFaceAreTags() throws {
    let data = try TemporaryFolder([
      "train.jsonl": #"{"tokens":["a","b"],"labels":["O","B-X"],"intent":"c"}"#,
      "dev.jsonl": #"{"tokens":["a","b"],"labels":[0,1],"intent":"c"}"#, "labels.names": "O\nB-X\n",
    ]).load()
    #expect(data.rendered(data.train) == ["c | a/O b/B-X"])
    #expect(data.dev.map(data.rendered) == ["c | a/O b/B-X"])
  }

  @Test func rejectedAnswersAreLeftOut() throws {
    let folder = try TemporaryFolder([
      "train.jsonl": """
      {"text":"add docs","label":"DOCS","answer":"accept"}
      {"text":"server down","label":"DOCS","answer":"reject"}
      {"text":"hm","label":"DOCS","answer":"ignore"}
      {"text":"capital of France","label":"QUESTION","answer":"Paris"}
      """
    ])
    let data = try folder.load()
    #expect(data.rendered(data.train) == ["DOCS | add docs", "QUESTION | capital of France"])
    #expect(
      folder.remarks(data).first
        == "train.jsonl: not read: objects whose \"answer\" is \"ignore\" (once, on line 3), "
        + "objects whose \"answer\" is \"reject\" (once, on line 2), key \"answer\" (once, on line 4).")
  }

  @Test func dataWithoutAnyLabelIsRefusedEverywhere() throws {
    let unlabelled = [
      "c.jsonl": #"{"text":"fly to Paris","notes":[[7,12,"city"]]}"#, "words.conll": "a\nb\n\nc\n",
      "commas.conll": "0,H,0,0\n1,Obama,0,0\n",
    ]
    let folder = try TemporaryFolder(unlabelled.merging(["train.jsonl": #"{"text":"a","label":"x"}"#]) { $1 })
    func failure(_ body: () throws -> Void) -> String {
      do { try body() } catch { return "\(error)".replacingOccurrences(of: folder.path + "/", with: "") }
      return "taken"
    }
    for name in unlabelled.keys.sorted() {
      let path = folder.path + "/" + name
      let says = "\(name): has neither sentence classes nor tags: there is nothing"
      let hint = name == "commas.conll" ? "it looks like CSV" : name == "words.conll" ? "read as CoNLL columns" : ""
      let imported = failure { _ = try importData(from: path, to: folder.path + "/out", format: .sentences) }
      #expect(imported.hasPrefix(says + " to import") && (hint.isEmpty || imported.contains(hint)))
      #expect(!FileManager.default.fileExists(atPath: folder.path + "/out"))
      let encoding = try folder.load().encoding
      let evaluated = failure { _ = try SplitStream(.folder(path), split: .test, encoding: encoding) }
      #expect(evaluated.hasPrefix(says + " to evaluate"))
      for split in ["dev", "test"] {
        let source = DataOptions.Source.files(
          train: [folder.path + "/train.jsonl"], dev: split == "dev" ? [path] : [], test: split == "test" ? [path] : [])
        let loaded = failure {
          _ = try TextDataset.load(DataOptions(source: source, lowercase: false, minimumCount: 1, maxLength: 8))
        }
        #expect(loaded.hasPrefix(says + " to evaluate"), "\(split)")
      }
    }
  }

  @Test func sentencesInTwoSplitsAreCounted() throws {
    let folder = try TemporaryFolder([
      "train/seq.in": "Play some Jazz !\nstop\né !\n", "train/label": "a\nb\nb\n",
      "dev/seq.in": "go\nplay some jazz\n! ?\n", "dev/label": "b\na\nb\n", "test/seq.in": "É\nGO\n",
      "test/label": "b\nb\n",
    ])
    #expect(
      try folder.load().findings.filter { $0.contains(" too, but for ") } == [
        "dev: 1 of 3 sentences is in train too, but for case and punctuation (the first is sentence 2): "
          + "figures on them say little.",
        "test: 1 of 2 sentences is in train too, but for case and punctuation (the first is sentence 1): "
          + "figures on them say little.",
        "test: 1 of 2 sentences is in dev too, but for case and punctuation (the first is sentence 2): "
          + "figures on them say little.",
      ])
  }

  @Test func namesThatLookAlikeAreShown() throws {
    let folder = try TemporaryFolder([
      "train/seq.in": "a\nb\nc\nd\ne\nf\n",
      "train/label": "Call\nCall\u{A0}\n\u{FEFF}Call\nCall\u{200B}\nCaf\u{E9}\nCafe\u{301}\n",
    ])
    let data = try folder.load()
    #expect(
      data.sentenceClasses.map { Array($0.utf8) }
        == ["Cafe\u{301}", "Caf\u{E9}", "Call", "Call\u{200B}"].map { Array($0.utf8) })
    let alike = folder.remarks(data).filter { $0.contains("look alike") }
    #expect(alike.count == 2)
    #expect(
      alike.contains("The classes \"Call\" and \"Call<U+200B>\" look alike but are not equal: give them one spelling."))
    #expect(
      visible("a\u{FEFF}b\u{7}\u{2028}\u{E9} \u{1F468}\u{200D}\u{1F469}\u{2764}\u{FE0F}")
        == "a<U+FEFF>b<U+0007><U+2028>\u{E9} \u{1F468}\u{200D}\u{1F469}\u{2764}\u{FE0F}")
    let tag = try TemporaryFolder(["train/seq.in": "a b\n", "train/seq.out": "O \u{FEFF}O\n"]).failure().text
    #expect(tag.contains("the tag \"<U+FEFF>O\" of word 2"))
  }

  @Test func filesOfLabelNamesBelongToTheData() throws {
    let folder = try TemporaryFolder([
      "train.jsonl": #"{"tokens":["a"],"ner_tags":[1],"label":0}"#, "ner_tags.names": "O\nB-X\n",
      "dataset_info.json": #"{"features":{"label":{"names":["k"]}}}"#,
    ])
    let data = try folder.load()
    #expect(
      Set(data.fingerprints.keys.map { $0.replacingOccurrences(of: folder.path + "/", with: "") })
        == ["train.jsonl", "ner_tags.names", "dataset_info.json"])
    try folder.write("ner_tags.names", Array("B-X\nO\n".utf8))
    #expect(try folder.load().fingerprints != data.fingerprints)
  }

  @Test func importAndEmptyLinesAreLinear() throws {
    let folder = try TemporaryFolder()
    let growth = try growth(from: 2500) { count in
      let name = "\(count)/train.conll"
      try folder.write(name, Array(String(repeating: "some\tO\nwords\tB-X\n\n", count: count).utf8))
      var rounds = 0
      return {
        rounds += 1
        _ = try importData(
          from: folder.path + "/\(count)", to: folder.path + "/\(count)-out\(rounds)", format: .columns)
      }
    }
    #expect(growth < 24)
    let blank = String(repeating: "\n", count: 400_000)
    try folder.write("blank/seq.in", Array(("a\n" + blank + "b\n").utf8))
    try folder.write("blank/label", Array(("x\n" + blank + "y\n").utf8))
    var count = 0
    var report = ReadReport()
    let seconds = try processorSeconds { try openSplit(folder.path + "/blank").read(&report) { _ in count += 1 } }
    #expect(count == 2 && seconds < 20)
  }

  /// Names of keys say nothing of forms without keys: the log says so.
  @Test func optionsThatAFormDoesNotKnowAreRemarked() throws {
    let folder = try TemporaryFolder(["train/seq.in": "hi\n", "train/label": "greet\n"])
    var options = DataOptions(source: .folder(folder.path), lowercase: false, minimumCount: 1, maxLength: 64)
    options.reading.words = "tokens"
    options.reading.columns = ColumnRoles("word=1")
    let remarks = try TextDataset.load(options).remarks
    #expect(remarks.contains { $0.contains("--columns, --words mean nothing here") })
  }

  /// Why a folder holds no data is said, not another reason.
  @Test func whatKeepsAFolderFromBeingReadIsSaid() throws {
    let folder = try TemporaryFolder(["seq.in": "hi\n"])
    #expect(folder.failure().text.contains("has neither seq.out (tags) nor label (sentence classes)"))
    #expect { try importData(from: folder.path, to: folder.path + "/out", format: .sentences) } throws: {
      "\($0)".contains("has neither seq.out (tags) nor label (sentence classes)")
    }
  }
}
