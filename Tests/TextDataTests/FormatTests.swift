import Testing

@testable import TextData

/// Small files of each format against what they must read as.
@Suite struct FormatTests {
  @Test func folderForm() throws {
    let folder = try TemporaryFolder([
      "train/seq.in": "\u{FEFF}play  Blue Train \r\nmake update\r\n\r\nstop\r\n\n",
      "train/seq.out": "O B-song I-song\r\nO O\r\n\r\nO\r\n",
      "train/label": "Play Music \r\nMake Update\r\n\r\n\r\n",
      "dev/seq.in": "play Berlin",
      "dev/seq.out": "O B-city",
      "dev/label": "Other",
    ])
    let data = try folder.load()
    #expect(
      data.rendered(data.train) == [
        "Play Music | play/O Blue/B-song Train/I-song", "Make Update | make/O update/O", "? | stop/O",
      ])
    #expect(data.rendered(try #require(data.dev)) == ["Other | play/O [UNK]/B-city"])
    #expect(data.test == nil)
    #expect(data.sentenceClasses == ["Make Update", "Play Music"])
    #expect(data.tags == ["B-song", "I-song", "O"])
    #expect(data.unseenClasses == ["Other"])
    #expect(data.unseenTags == ["B-city"])
    #expect(
      folder.remarks(data) == [
        "train/seq.in:3: 1 empty line skipped.",
        "train/label:4: 1 sentence without a class.",
        "dev: 1 sentence with 1 class that train does not have (counted as wrong): \"Other\"; first at dev/label:1.",
        "dev: 1 word with 1 tag that train does not have (counted as wrong): \"B-city\"; first at dev/seq.out:1.",
      ])
  }

  @Test func oneTaskAlone() throws {
    let classes = try TemporaryFolder(["train/seq.in": "good\nbad\n", "train/label": "up\ndown\n"]).load()
    #expect(classes.tags.isEmpty)
    #expect(classes.train.goldTags(of: 0).isEmpty)
    #expect(classes.rendered(classes.train) == ["up | good", "down | bad"])
    #expect(padded(classes.train, rows: [0, 1], padTo: nil).taskBLabels.allSatisfy { $0 == ignoredLabel })
    let tags = try TemporaryFolder(["train/seq.in": "in Rome\n", "train/seq.out": "O B-city\n"]).load()
    #expect(tags.sentenceClasses.isEmpty)
    #expect(tags.rendered(tags.train) == ["? | in/O Rome/B-city"])
    #expect(padded(tags.train, rows: [0], padTo: nil).taskALabels == [ignoredLabel])
  }

  @Test func columns() throws {
    let folder = try TemporaryFolder([
      "train.conll": """
      -DOCSTART- -X- O O

      # sent_id = 1
      # intent: Play Music
      play VB O
      Blue NN B-song
      Train NN I-song

      # a remark
      # intent: stop
      stop VB O\r
      \r
      # VB O

      """,
      "valid.txt": "# intent: stop\nNew York\tB-city\n#\tO\n",
    ])
    let data = try folder.load()
    #expect(
      data.rendered(data.train) == [
        "Play Music | play/O Blue/B-song Train/I-song", "stop | stop/O", "? | #/O",
      ])
    #expect(data.rendered(try #require(data.dev)) == ["stop | [UNK]/B-city [UNK]/I-city #/O"])
  }

  @Test func iob1BecomesIOB2() throws {
    let folder = try TemporaryFolder([
      "train.conll": "U.N. I-ORG\nofficial O\nEkeus I-PER\nRolf B-PER\nheads O\n\nRome I-LOC\nItaly I-LOC\n"
    ])
    let data = try folder.load()
    #expect(
      data.rendered(data.train) == [
        "? | U.N./B-ORG official/O Ekeus/B-PER Rolf/B-PER heads/O", "? | Rome/B-LOC Italy/I-LOC",
      ])
    #expect(data.tags == ["B-LOC", "B-ORG", "B-PER", "I-LOC", "O"])
    #expect(folder.remarks(data) == ["train.conll: tags are IOB1, converted to IOB2."])
    let iob2 = try TemporaryFolder(["train.conll": "a O\nb B-X\nc O\nd I-X\n"]).load()
    #expect(iob2.rendered(iob2.train) == ["? | a/O b/B-X c/O d/I-X"], "IOB2 with a mistake stays as it is")
  }

  @Test func otherSchemesBecomeIOB2() throws {
    let iobes = try TemporaryFolder([
      "train.conll": "a S-P\nb S-P\nc B-L\nd E-L\ne E-L\nf I-L\ng O\nh B-P\ni I-P\nj E-P\n"
    ])
    let data = try iobes.load()
    #expect(data.rendered(data.train) == ["? | a/B-P b/B-P c/B-L d/I-L e/O f/O g/O h/B-P i/I-P j/I-P"])
    #expect(
      iobes.remarks(data) == [
        "train.conll: tags are IOBES, converted to IOB2. 2 words outside any complete entity became O, "
          + "the first in sentence 1."
      ])
    let bilou = try TemporaryFolder(["train/seq.in": "a b c d", "train/seq.out": "U-P U-P B-L L-L"])
    let second = try bilou.load()
    #expect(second.rendered(second.train) == ["? | a/B-P b/B-P c/B-L d/I-L"])
    let mixed = try TemporaryFolder(["train/seq.in": "a b", "train/seq.out": "U-P S-P"])
    #expect(mixed.failure().text.contains("are mixed"))
  }

  @Test func jsonLines() throws {
    let folder = try TemporaryFolder([
      "train.jsonl": """
      {"tokens": ["play", "Blue Train", ""], "tags": ["O", "B-song", "O"], "label": "Play Music", "id": [1, {"a": 2.5e3}]}

      {"text": ["caf\\u00e9", "\\ud83d\\ude00"], "slot": ["B-place", "O"], "intent": ["find"]}
      {"text": "stop  now", "slot": "O O", "intent": null}
      {"label": "none", "words": []}

      """,
      "dev.jsonl": #"{"tokens":["play"],"ner_tags":[1],"label":0}"# + "\n" + #"{"text":"stop","label":-1}"#,
      "ner_tags.names": "O\nB-song\n",
      "dataset_info.json": #"{"features":{"label":{"names":["find","Play Music"],"_type":"ClassLabel"}}}"#,
    ])
    let data = try folder.load()
    #expect(
      data.rendered(data.train) == [
        "Play Music | play/O Blue/B-song Train/I-song", "find | café/B-place 😀/O", "? | stop/O now/O",
      ])
    #expect(data.rendered(try #require(data.dev)) == ["find | play/B-song", "? | stop"])
    #expect(
      folder.remarks(data) == [
        "train.jsonl:5: 1 object without words skipped.",
        "train.jsonl:1: 1 word with white space inside became several words each: white space separates words.",
        "train.jsonl:1: 1 empty word left out.", "dev.jsonl:2: 1 sentence without a class (-1).",
        "train.jsonl: not read: key \"id\" (once, on line 1).",
      ])
    let partly = try TemporaryFolder([
      "train.jsonl": #"{"tokens":["a","b"],"tags":["O",null],"label":3}"# + "\n" + #"{"tokens":["c"],"label":-1}"#
    ])
    let numbers = try partly.load()
    #expect(numbers.rendered(numbers.train) == ["3 | a/O b/?", "-1 | c"])
    #expect(
      partly.remarks(numbers) == [
        "train.jsonl:1: classes are numbers without names (label.names beside the file would name them)."
      ])
  }

  @Test func singleFilesOfAnyForm() throws {
    let folder = try TemporaryFolder([
      "a/seq.in": "x", "a/label": "k", "b.data": "\u{FEFF}\n {\"text\":\"x\",\"label\":\"k\"}",
      "c.data": "# class=k\nx\n",
    ])
    let data = try TextDataset.load(
      DataOptions(
        source: .files(train: [folder.path + "/a"], dev: [folder.path + "/b.data"], test: [folder.path + "/c.data"]),
        lowercase: false, minimumCount: 1, maxLength: 8))
    #expect(data.name == "a")
    #expect(data.rendered(data.train) == ["k | x"])
    #expect(data.dev.map(data.rendered) == ["k | x"])
    #expect(data.test.map(data.rendered) == ["k | x"])
    #expect(data.fingerprints.count == 4)
  }
}
