import Foundation
import Testing

@testable import TextData

/// WordPiece against ids that Hugging Face's tokenizers gave.
@Suite struct WordPieceTests {
  private struct Reference: Decodable {
    struct Case: Decodable {
      var text: String
      var ids: [Int32]
      var tokens: [String]
      var words: [String]?
      var firstSubword: [Int]?
    }
    var sentences: [Case]
    var edgeCases: [Case]
  }

  private static let lowercasing = TokenizerConfiguration(kind: .wordpiece, lowercase: true)

  private static let reference: Reference? = SharedData.path("reference/wordpiece.json").flatMap { path in
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return FileManager.default.contents(atPath: path).flatMap { try? decoder.decode(Reference.self, from: $0) }
  }

  /// The tokens the reference names, at the ids it gives them, and every smaller piece left empty: what the reference's
  /// vocabulary would answer with, as far as these cases show.
  private static func vocabulary(_ reference: Reference) -> [String] {
    let cases = reference.sentences + reference.edgeCases
    let size = 1 + Int(cases.flatMap(\.ids).max() ?? 0)
    var vocabulary = (0..<size).map { "[unused\($0)]" }
    for one in cases { for (id, token) in zip(one.ids, one.tokens) { vocabulary[Int(id)] = token } }
    return vocabulary
  }

  // The reference lies beside the checkout, not in it.
  @Test(.enabled(if: reference != nil)) func idsEqualTheReferenceOnEverySentenceAndEdgeCase() throws {
    let reference = try #require(Self.reference)
    let tokenizer = WordPieceTokenizer(vocabulary: Self.vocabulary(reference), configuration: Self.lowercasing)
    #expect(reference.sentences.count >= 88 && reference.edgeCases.count >= 42)
    for one in reference.sentences + reference.edgeCases {
      let ids = [tokenizer.special.cls] + tokenizer.pieces(of: one.text) + [tokenizer.special.sep]
      #expect(ids == one.ids, "\(one.text.debugDescription)")
    }
  }

  @Test(.enabled(if: reference != nil)) func everyWordsFirstPieceIsWhereTheReferenceHasIt() throws {
    let reference = try #require(Self.reference)
    let vocabulary = Self.vocabulary(reference)
    let encoding = TextEncoding(
      tokenizer: Self.lowercasing, vocabulary: vocabulary, sentenceClasses: [], tags: [], maxLength: 512)
    for one in reference.sentences {
      let words = try #require(one.words)
      let split = encoding.encode([words], with: encoding.makeTokenizer())
      let batch = padded(split, rows: [0], padTo: nil)
      #expect(batch.inputIDs == one.ids, "\(one.text.debugDescription)")
      #expect(split.wordPositions(of: 0).map(Int.init) == one.firstSubword, "\(one.text.debugDescription)")
    }
  }

  private static let small = ["[PAD]", "x", "[UNK]", "[CLS]", "[SEP]", "play", "##ing", "##in", "##g", "É", "e", "!"]

  private func tokens(_ text: String, _ configuration: TokenizerConfiguration) -> [String] {
    let tokenizer = WordPieceTokenizer(vocabulary: Self.small, configuration: configuration)
    return tokenizer.pieces(of: text).map { Self.small[Int($0)] }
  }

  @Test func aWordIsItsLongestPieces() {
    #expect(tokens("Playing!", Self.lowercasing) == ["play", "##ing", "!"])
    #expect(tokens("playin", Self.lowercasing) == ["play", "##in"])
    #expect(tokens("played x", Self.lowercasing) == ["[UNK]", "x"])
  }

  @Test func accentsFollowLowerCasingUnlessToldOtherwise() {
    var configuration = TokenizerConfiguration(kind: .wordpiece, lowercase: false)
    #expect(tokens("É", configuration) == ["É"])
    configuration.stripAccents = true
    #expect(tokens("É", configuration) == ["[UNK]"])
    #expect(tokens("é", configuration) == ["e"])
    #expect(tokens("É", Self.lowercasing) == ["e"])
  }

  @Test func noWordIsLost() {
    let tokenizer = WordPieceTokenizer(vocabulary: Self.small, configuration: Self.lowercasing)
    for word in ["\u{FE0F}", "\u{FFFD}", "\u{200B}", "", "\0"] {
      var ids: [Int32] = []
      var word = word
      word.withUTF8 { tokenizer.appendTokens(of: $0, to: &ids) }
      #expect(ids == [2])
    }
  }

  @Test func aHundredCharactersAreSplitAndOneMoreIsUnknown() {
    let vocabulary = Self.small + ["##x", "é", "##é"]
    var configuration = Self.lowercasing
    configuration.stripAccents = false
    let tokenizer = WordPieceTokenizer(vocabulary: vocabulary, configuration: configuration)
    #expect(tokenizer.pieces(of: String(repeating: "x", count: 100)).count == 100)
    #expect(tokenizer.pieces(of: String(repeating: "é", count: 100)).count == 100)
    #expect(tokenizer.pieces(of: String(repeating: "x", count: 101)) == [2])
  }
}

/// Vocabularies made from words, and tokenizers on disk.
@Suite struct WordPieceVocabularyTests {
  private static func vocabulary(_ words: [String: Int], size: Int) -> [String] {
    let sorted = words.sorted { $0.key < $1.key }
    return WordPieceTrainer.vocabulary(
      of: StringTable(sorted.map(\.key)), counts: sorted.map(\.value),
      configuration: TokenizerConfiguration(kind: .wordpiece, lowercase: true), size: size)
  }

  private static let special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]

  @Test func theMostFrequentPairIsJoinedFirstAndTiesGoByBytes() {
    // Pairs: h-u 15 + 5, u-g 15, u-n 12 + 4 + 5, p-u 12 ...: as counted by hand from these words.
    let words = ["hug": 10, "pug": 5, "pun": 12, "bun": 4, "hugs": 5]
    let vocabulary = Self.vocabulary(words, size: 14)
    #expect(vocabulary.prefix(5) == Self.special[...])
    #expect(vocabulary[5..<12] == ["##g", "##n", "##s", "##u", "b", "h", "p"])
    // ##u ##g: 10 + 5 + 5 = 20; p ##u: 17; ##u ##n: 16; h ##u: 15. Then p ##u is left with 12 and ##u ##n with 16.
    #expect(vocabulary[12..<14] == ["##ug", "##un"])
    #expect(Self.vocabulary(words, size: 15)[14] == "hug")
  }

  @Test func everyTrainingWordHasItsPieces() {
    let words = ["naïve": 3, "東京": 2, "don't": 4, "a": 1]
    let vocabulary = Self.vocabulary(words, size: 1_000)
    let tokenizer = WordPieceTokenizer(
      vocabulary: vocabulary, configuration: TokenizerConfiguration(kind: .wordpiece, lowercase: true))
    for word in words.keys { #expect(!tokenizer.pieces(of: word).contains(tokenizer.special.unknown)) }
    #expect(vocabulary.contains("naive"))
    #expect(Set(vocabulary).count == vocabulary.count)
  }

  @Test func aDataSetIsEncodedInPiecesOfItsOwnWords() throws {
    var options = DataOptions(source: .demo, lowercase: true, minimumCount: 1, maxLength: 64)
    options.tokenizer = .wordpiece
    options.vocabularySize = 300
    let dataset = try TextDataset.load(options)
    #expect(dataset.vocabulary.count == 300)
    #expect(dataset.tokenizer.kind == .wordpiece)
    let batch = padded(dataset.train, rows: [0, 1, 2], padTo: nil)
    for row in 0..<3 {
      let labelled = (0..<batch.length).filter { batch.taskBLabels[row * batch.length + $0] != ignoredLabel }
      #expect(labelled.map(Int32.init) == dataset.train.wordPositions(of: row))
    }
  }

  @Test(arguments: [TokenizerConfiguration.Kind.words, .wordpiece])
  func whatIsWrittenIsReadBack(_ kind: TokenizerConfiguration.Kind) throws {
    let folder = try TemporaryFolder()
    var configuration = TokenizerConfiguration(kind: kind, lowercase: true)
    configuration.stripAccents = false
    let written = TokenizerFolder(
      configuration: configuration, vocabulary: Self.special + ["a\"b", "e\u{301}", "é", "\\", "##x"])
    try folder.write(TokenizerFolder.jsonFile, written.jsonFileContent)
    try folder.write(TokenizerFolder.vocabularyFile, written.vocabularyFileContent)
    try folder.write(
      TokenizerFolder.configurationFile,
      Array(#"{"mtt_tokenizer":"\#(kind.rawValue)","do_lower_case":true,"strip_accents":false}"#.utf8))
    let read = try TokenizerFolder(reading: folder.path)
    #expect(read == written)
    #expect(read.vocabulary.map { Array($0.utf8) } == written.vocabulary.map { Array($0.utf8) })
  }

  @Test(arguments: [
    (#"{"model":{"type":"BPE","vocab":{}}}"#, "tokenizer.json:1: the tokenizer model is \"BPE\""),
    (#"{"model":{"type":"WordPiece","vocab":{"[PAD]":0,"b":2}}}"#, "\"b\" has id 2, but there are 2 tokens"),
    (#"{"model":{"type":"WordPiece","vocab":{"[PAD]":0,"b":0}}}"#, "both have id 0"),
    (#"{"model":{"type":"WordPiece","vocab":{"[PAD]":0,"[UNK]":1}}}"#, "lacks [CLS], [SEP]"),
    (#"{"model":{"type":"WordPiece","vocab":{"[PAD]":0"#, "tokenizer.json:1: expected"),
    (#"{"normalizer":{"type":"NFC"}}"#, "the normalizer is \"NFC\""),
    (#"{}"#, "has no vocabulary"),
  ])
  func aTokenizerThatCannotBeUsedIsRefusedWithTheReason(_ json: String, _ reason: String) throws {
    let folder = try TemporaryFolder()
    try folder.write(TokenizerFolder.jsonFile, Array(json.utf8))
    let error = #expect(throws: DataError.self) { try TokenizerFolder(reading: folder.path) }
    #expect(error?.description.contains(reason) == true, "\(error?.description ?? "nothing")")
  }

  private static let vocabularyJSON =
    #""model":{"type":"WordPiece","vocab":{"[PAD]":0,"[UNK]":1,"[CLS]":2,"[SEP]":3,"a":4}}"#

  private static func normalizer(_ members: String) -> String { #""normalizer":{"type":"BertNormalizer",\#(members)}"# }

  /// transformers follows tokenizer_config.json or tokenizer.json by what else is in them: where the two disagree nobody
  /// knows what an encoder was trained with.
  @Test(arguments: [
    (#""lowercase":false"#, #""do_lower_case":true"#, "do_lower_case is true here, but lowercase false"),
    (#""lowercase":true"#, #""do_lower_case":false"#, "do_lower_case is false here, but lowercase true"),
    (#""lowercase":false,"strip_accents":null"#, #""strip_accents":true"#, "strip_accents is true here"),
    (
      #""lowercase":true,"strip_accents":false"#, #""do_lower_case":true,"strip_accents":null"#,
      "strip_accents is true here, but strip_accents false"
    ),
    (
      #""lowercase":true,"handle_chinese_chars":false"#, #""tokenize_chinese_chars":true"#,
      "tokenize_chinese_chars is true here, but handle_chinese_chars false"
    ),
    (#""lowercase":true"#, #""cls_token":{"content":"<s>"}"#, "in the place of [CLS] is \"<s>\""),
  ])
  func settingsThatContradictTheTokenizerAreRefused(_ stored: String, _ said: String, _ reason: String) throws {
    let folder = try TemporaryFolder()
    try folder.write(TokenizerFolder.jsonFile, Array("{\(Self.normalizer(stored)),\(Self.vocabularyJSON)}".utf8))
    try folder.write(TokenizerFolder.configurationFile, Array("{\(said)}".utf8))
    let error = #expect(throws: DataError.self) { try TokenizerFolder(reading: folder.path) }
    #expect(error?.description.contains("tokenizer_config.json") == true)
    #expect(error?.description.contains(reason) == true, "\(error?.description ?? "nothing")")
  }

  @Test(arguments: [
    (#""lowercase":true,"strip_accents":null"#, #""do_lower_case":true,"strip_accents":null"#),
    (#""lowercase":true,"strip_accents":true"#, #""do_lower_case":true"#),
    (#""lowercase":false"#, #""do_lower_case":false,"strip_accents":false,"cls_token":"[CLS]","pad_token":null"#),
  ])
  func settingsThatSayTheSameAreNoContradiction(_ stored: String, _ said: String) throws {
    let folder = try TemporaryFolder()
    try folder.write(TokenizerFolder.jsonFile, Array("{\(Self.normalizer(stored)),\(Self.vocabularyJSON)}".utf8))
    try folder.write(TokenizerFolder.configurationFile, Array("{\(said)}".utf8))
    let read = try TokenizerFolder(reading: folder.path)
    #expect(read.configuration.lowercase == stored.contains("\"lowercase\":true") && read.remarks.isEmpty)
  }

  @Test func vocabulariesThatDifferAreRefused() throws {
    let folder = try TemporaryFolder()
    try folder.write(TokenizerFolder.jsonFile, Array("{\(Self.vocabularyJSON)}".utf8))
    for (lines, reason) in [
      ("[PAD]\n[UNK]\n[CLS]\n[SEP]\nb\n", "vocab.txt:5: the token of id 4 is \"b\", but \"a\" in tokenizer.json"),
      ("[PAD]\n[UNK]\n[CLS]\n[SEP]\na\nb\n", "vocab.txt: has 6 tokens, but tokenizer.json 5"),
    ] {
      try folder.write(TokenizerFolder.vocabularyFile, Array(lines.utf8))
      let error = #expect(throws: DataError.self) { try TokenizerFolder(reading: folder.path) }
      #expect(error?.description.contains(reason) == true, "\(error?.description ?? "nothing")")
    }
    // Empty lines at the end are no tokens.
    try folder.write(TokenizerFolder.vocabularyFile, Array("[PAD]\n[UNK]\n[CLS]\n[SEP]\na\n\n\n".utf8))
    #expect(try TokenizerFolder(reading: folder.path).vocabulary.count == 5)
  }

  @Test func whatIsNotFollowedIsSaid() throws {
    let folder = try TemporaryFolder()
    let added = #""added_tokens":[{"id":0,"content":"[PAD]"},{"id":5,"content":"<user>","lstrip":false}]"#
    try folder.write(TokenizerFolder.jsonFile, Array("{\(added),\(Self.vocabularyJSON)}".utf8))
    let remarks = try TokenizerFolder(reading: folder.path).remarks
    #expect(remarks.count == 1 && remarks.first?.contains("\"<user>\"") == true)
    let plain = try TemporaryFolder()
    try plain.write(TokenizerFolder.vocabularyFile, Array("[PAD]\n[UNK]\n[CLS]\n[SEP]\na\n".utf8))
    let read = try TokenizerFolder(reading: plain.path)
    #expect(read.remarks.first?.contains("do_lower_case") == true && read.configuration.lowercase)
  }

  /// Of two spellings of one token text could only become one.
  @Test func aTokenHasOneID() throws {
    let folder = try TemporaryFolder()
    try folder.write(TokenizerFolder.vocabularyFile, Array("[PAD]\n[UNK]\na\n[CLS]\n[SEP]\ne\u{301}\na\n".utf8))
    let error = #expect(throws: DataError.self) { try TokenizerFolder(reading: folder.path) }
    #expect(error?.description.contains("vocab.txt: the token \"a\" has two ids, 2 and 6") == true)
    // Equal to Swift, but not to a tokenizer.
    try folder.write(TokenizerFolder.vocabularyFile, Array("[PAD]\n[UNK]\n[CLS]\n[SEP]\ne\u{301}\n\u{e9}\n".utf8))
    #expect(try TokenizerFolder(reading: folder.path).vocabulary.count == 6)
  }

  @Test func aFolderWithoutVocabularySaysSo() throws {
    let folder = try TemporaryFolder()
    let error = #expect(throws: DataError.self) { try TokenizerFolder(reading: folder.path) }
    #expect(error?.description.contains("neither tokenizer.json nor vocab.txt") == true)
  }
}

/// Against Hugging Face's tokenizers, by a Python that has them, named by `MTT_PYTHON`.
@Suite struct WordPiecePeerTests {
  private static let python = ProcessInfo.processInfo.environment["MTT_PYTHON"]

  private func check(_ arguments: [String]) throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(Self.python))
    process.arguments = [root.appendingPathComponent("Benchmarks/check_wordpiece.py").path] + arguments
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
  }

  @Test(.enabled(if: python != nil)) func everyCharacterIsTreatedAsTheReferenceDoes() throws {
    let folder = try TemporaryFolder()
    let normalizer = BERTNormalizer(TokenizerConfiguration(kind: .wordpiece, lowercase: true))
    var lines: [UInt8] = []
    for value in UInt32(0)...0x10FFFF {
      guard let scalar = Unicode.Scalar(value) else { continue }
      var units: [String] = []
      var text = "a\(scalar)b"
      text.withUTF8 { bytes in
        normalizer.forEachUnit(bytes) { unit in
          units.append(unit.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())
        }
      }
      lines += Array("\(String(value, radix: 16))\t\(units.joined(separator: ","))\n".utf8)
    }
    try folder.write("units.txt", lines)
    try check(["units", folder.path + "/units.txt"])
  }

  @Test(.enabled(if: python != nil), arguments: [TokenizerConfiguration.Kind.words, .wordpiece])
  func tokenizersReadWhatWasTrainedWithEqualIDs(_ kind: TokenizerConfiguration.Kind) throws {
    var options = DataOptions(source: .demo, lowercase: true, minimumCount: 2, maxLength: 512)
    options.tokenizer = kind
    options.vocabularySize = 400
    let dataset = try TextDataset.load(options)
    let folder = try TemporaryFolder()
    let written = TokenizerFolder(configuration: dataset.tokenizer, vocabulary: dataset.vocabulary)
    try folder.write(TokenizerFolder.jsonFile, written.jsonFileContent)
    let tokenizer = dataset.encoding.makeTokenizer()
    var lines: [UInt8] = []
    var report = ReadReport()
    try openSplit(SharedData.path("snips/dev") ?? "demo").read(&report) { (sentence) throws(DataError) in
      let words = (0..<sentence.words.count).map { sentence.words.string($0) }
      var ids = [tokenizer.special.cls]
      for var word in words { word.withUTF8 { tokenizer.appendTokens(of: $0, to: &ids) } }
      ids.append(tokenizer.special.sep)
      lines += Array("\(words.joined(separator: " "))\t\(ids.map { "\($0)" }.joined(separator: " "))\n".utf8)
    }
    try folder.write("ids.txt", lines)
    try check(["ids", folder.path, folder.path + "/ids.txt"])
  }
}
