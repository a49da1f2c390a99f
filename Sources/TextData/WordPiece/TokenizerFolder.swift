import Paths

/// A tokenizer as a folder holds it: `tokenizer.json`, or `vocab.txt` with `tokenizer_config.json`.
public struct TokenizerFolder: Hashable, Sendable {
  public static let jsonFile = "tokenizer.json"
  public static let vocabularyFile = "vocab.txt"
  public static let configurationFile = "tokenizer_config.json"

  public var configuration: TokenizerConfiguration
  /// Token strings by id, no two alike.
  public var vocabulary: [String]
  /// Sentences on what the files say that is not followed here.
  public var remarks: [String] = []

  public init(configuration: TokenizerConfiguration, vocabulary: [String]) {
    self.configuration = configuration
    self.vocabulary = vocabulary
  }

  /// Reads a folder that Hugging Face or this program has written.
  ///
  /// Throws a sentence where the files are missing or wrong or contradict each other, or the tokenizer is another than
  /// WordPiece as BERT has it (or this program's words). Stored padding and truncation are not looked at.
  public init(reading folder: String) throws(DataError) {
    let json = join(folder, Self.jsonFile)
    let text = join(folder, Self.vocabularyFile)
    let settings = try TokenizerSettings(reading: join(folder, Self.configurationFile))
    if settings.kind == .wordpiece, pathKind(json) != .nothing {
      let file = try TokenizerJSON(reading: json)
      self.init(configuration: file.configuration, vocabulary: try file.vocabulary(path: json))
      remarks = file.remarks
      try settings.checkAgreement(with: configuration)
      try check(path: json)
      if pathKind(text) != .nothing { try compare(with: try Self.lines(text), path: text) }
    } else if pathKind(text) != .nothing {
      self.init(configuration: settings.configuration, vocabulary: try Self.lines(text))
      if settings.kind == .wordpiece, settings.lowercase == nil {
        remarks = ["\(folder) does not say do_lower_case: text is lower-cased, as BERT's tokenizer does by itself."]
      }
      try check(path: text)
    } else {
      throw .missing(
        folder, "has neither tokenizer.json nor vocab.txt: an encoder needs the vocabulary it was trained with")
    }
  }

  private func check(path: String) throws(DataError) {
    let missing = SpecialToken.allCases.map(\.rawValue).filter { !vocabulary.contains($0) }
    guard missing.isEmpty else {
      throw .malformed(path, "the vocabulary lacks \(missing.joined(separator: ", ")), which every sentence needs")
    }
    var table = StringTable()
    for (id, token) in vocabulary.enumerated() {
      let first = Int(table.intern(token))
      guard first == id else {
        throw .malformed(
          path,
          "the token \(quoted(token)) has two ids, \(first) and \(id), of which text can only become one: give the one"
            + " that is never meant another name, such as [unused\(id)]")
      }
    }
  }

  /// vocab.txt beside a tokenizer.json must say the same.
  private func compare(with lines: [String], path: String) throws(DataError) {
    // By bytes: strings that look alike are equal to Swift.
    for (id, (token, line)) in zip(vocabulary, lines).enumerated() where !token.utf8.elementsEqual(line.utf8) {
      throw .malformed(
        path, line: id + 1,
        "the token of id \(id) is \(quoted(line)), but \(quoted(token)) in tokenizer.json: take away the file that is not"
          + " of this model")
    }
    guard lines.count == vocabulary.count else {
      throw .malformed(
        path,
        "has \(lines.count) tokens, but tokenizer.json \(vocabulary.count): take away the file that is not of this"
          + " model")
    }
  }

  private static func lines(_ path: String) throws(DataError) -> [String] {
    try withFileBytes(path) { (bytes) throws(DataError) in
      try checkText(bytes, path: path)
      var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      // Empty lines at the end are no tokens.
      while lines.last?.isEmpty == true { lines.removeLast() }
      return lines.map { String(decoding: $0.last == 0x0D ? $0.dropLast() : $0, as: UTF8.self) }
    }
  }
}

/// Calls `body` with each member of a file's JSON object.
private func readMembers(
  ofFile path: String, _ body: (inout JSONCursor, [UInt8]) throws(JSONProblem) -> Void
) throws(DataError) {
  try withFileBytes(path) { (bytes) throws(DataError) in
    try checkText(bytes, path: path)
    var cursor = JSONCursor(bytes, 0..<bytes.count)
    do throws(JSONProblem) {
      try cursor.readObject(body)
    } catch {
      let line = bytes[..<min(error.position, bytes.count)].count { $0 == 0x0A } + 1
      throw .malformed(path, line: line, error.sentence)
    }
  }
}

/// What is read of tokenizer_config.json: nil for what it leaves open.
private struct TokenizerSettings {
  private let path: String
  private(set) var kind = TokenizerConfiguration.Kind.wordpiece
  private(set) var lowercase: Bool?
  /// The inner nil: as lower-casing.
  private var stripAccents: Bool??
  private var separateChinese: Bool?

  /// A file that is not there leaves everything open.
  init(reading path: String) throws(DataError) {
    self.path = path
    guard pathKind(path) != .nothing else { return }
    try readMembers(ofFile: path) { (cursor, key) throws(JSONProblem) in try readMember(&cursor, key) }
  }

  private mutating func readMember(_ cursor: inout JSONCursor, _ key: [UInt8]) throws(JSONProblem) {
    switch String(decoding: key, as: UTF8.self) {
    case "do_lower_case": lowercase = try cursor.readFlag()
    case "strip_accents": stripAccents = .some(try cursor.readFlag())
    case "tokenize_chinese_chars": separateChinese = try cursor.readFlag()
    case "cls_token": try cursor.requireToken(.cls)
    case "sep_token": try cursor.requireToken(.sep)
    case "pad_token": try cursor.requireToken(.pad)
    case "unk_token": try cursor.requireToken(.unknown)
    case "mtt_tokenizer":
      let name = try cursor.readText()
      guard let kind = TokenizerConfiguration.Kind(rawValue: name) else {
        throw cursor.problem("the tokenizer \(quoted(name)) is not known")
      }
      self.kind = kind
    default: try cursor.skipValue()
    }
  }

  /// The tokenizer that the settings alone describe, with BERT's own choices for what they leave open.
  var configuration: TokenizerConfiguration {
    var configuration = TokenizerConfiguration(kind: kind, lowercase: lowercase ?? true)
    configuration.stripAccents = stripAccents ?? nil
    configuration.separateChinese = separateChinese ?? true
    return configuration
  }

  /// Throws a sentence where tokenizer.json treats text otherwise than these settings: which of the two the encoder was
  /// trained with is not known, and the wrong one spoils its answers without a sign.
  func checkAgreement(with stored: TokenizerConfiguration) throws(DataError) {
    let accents = stripAccents.map { $0 ?? lowercase ?? stored.lowercase }
    let pairs: [(key: String, said: Bool?, name: String, stored: Bool)] = [
      ("do_lower_case", lowercase, "lowercase", stored.lowercase),
      ("strip_accents", accents, "strip_accents", stored.stripAccents ?? stored.lowercase),
      ("tokenize_chinese_chars", separateChinese, "handle_chinese_chars", stored.separateChinese),
    ]
    for (key, said, name, stored) in pairs {
      guard let said, said != stored else { continue }
      throw .malformed(
        path,
        "\(key) is \(said) here, but \(name) \(stored) in tokenizer.json's normalizer: make both say what the encoder was"
          + " trained with")
    }
  }
}

/// What is read of tokenizer.json.
private struct TokenizerJSON {
  private(set) var configuration = TokenizerConfiguration(kind: .wordpiece, lowercase: true)
  private var tokens: [(id: Int, token: String)] = []
  /// Tokens that Hugging Face's tokenizers look for in text before anything else.
  private var addedTokens: [String] = []

  init(reading path: String) throws(DataError) {
    try readMembers(ofFile: path) { (cursor, key) throws(JSONProblem) in try readMember(&cursor, key) }
  }

  /// Sentences on what is not followed here.
  var remarks: [String] {
    let known = SpecialToken.allCases.map(\.rawValue) + ["[MASK]"]
    let others = addedTokens.filter { !known.contains($0) }
    guard !others.isEmpty else { return [] }
    let shown = others.prefix(4).map { quoted($0) }.joined(separator: ", ")
    return [
      "The tokenizer's added tokens \(shown)\(others.count > 4 ? " and \(others.count - 4) more" : "") are not looked for"
        + " in text: it is split as if they were ordinary words."
    ]
  }

  private mutating func readMember(_ cursor: inout JSONCursor, _ key: [UInt8]) throws(JSONProblem) {
    switch String(decoding: key, as: UTF8.self) {
    case "model": try readModel(&cursor)
    case "normalizer": try readNormalizer(&cursor)
    case "pre_tokenizer":
      try cursor.readObject { (cursor, key) throws(JSONProblem) in
        guard key.elementsEqual("type".utf8) else { return try cursor.skipValue() }
        try cursor.require("BertPreTokenizer", "pre-tokenizer")
      }
    case "added_tokens":
      try cursor.readArray { (cursor) throws(JSONProblem) in
        try cursor.readObject { (cursor, key) throws(JSONProblem) in
          guard key.elementsEqual("content".utf8) else { return try cursor.skipValue() }
          addedTokens.append(try cursor.readText())
        }
      }
    default: try cursor.skipValue()
    }
  }

  private mutating func readModel(_ cursor: inout JSONCursor) throws(JSONProblem) {
    var tokens: [(id: Int, token: String)] = []
    try cursor.readObject { (cursor, key) throws(JSONProblem) in
      switch String(decoding: key, as: UTF8.self) {
      case "type": try cursor.require("WordPiece", "tokenizer model")
      case "unk_token": try cursor.require("[UNK]", "unknown token")
      case "continuing_subword_prefix": try cursor.require("##", "prefix of later pieces")
      case "max_input_chars_per_word":
        let number = try cursor.readScalar()
        guard number == String(WordPieceTokenizer.longestUnit) else {
          throw cursor.problem("max_input_chars_per_word is \(number): only 100 is known")
        }
      case "vocab":
        guard cursor.peek() == UInt8(ascii: "{") else { throw cursor.problem("the vocabulary is not one of WordPiece") }
        try cursor.readObject { (cursor, token) throws(JSONProblem) in
          let text = try cursor.readScalar()
          guard let id = Int(text), id >= 0 else { throw cursor.problem("\(text) is no token id") }
          tokens.append((id, String(decoding: token, as: UTF8.self)))
        }
      default: try cursor.skipValue()
      }
    }
    self.tokens = tokens
  }

  private mutating func readNormalizer(_ cursor: inout JSONCursor) throws(JSONProblem) {
    var configuration = configuration
    try cursor.readObject { (cursor, key) throws(JSONProblem) in
      switch String(decoding: key, as: UTF8.self) {
      case "type": try cursor.require("BertNormalizer", "normalizer")
      case "clean_text": configuration.cleanText = try cursor.readFlag() ?? true
      case "handle_chinese_chars": configuration.separateChinese = try cursor.readFlag() ?? true
      case "strip_accents": configuration.stripAccents = try cursor.readFlag()
      case "lowercase": configuration.lowercase = try cursor.readFlag() ?? true
      default: try cursor.skipValue()
      }
    }
    self.configuration = configuration
  }

  /// The tokens by id, once every id from 0 is there once.
  func vocabulary(path: String) throws(DataError) -> [String] {
    guard !tokens.isEmpty else { throw .malformed(path, "has no vocabulary") }
    var vocabulary = [String?](repeating: nil, count: tokens.count)
    for (id, token) in tokens {
      guard id < tokens.count else {
        throw .malformed(path, "the token \(quoted(token)) has id \(id), but there are \(tokens.count) tokens")
      }
      if let other = vocabulary[id] {
        throw .malformed(path, "the tokens \(quoted(other)) and \(quoted(token)) both have id \(id)")
      }
      vocabulary[id] = token
    }
    return vocabulary.compactMap { $0 }
  }
}

extension JSONCursor {
  /// `true`, `false`, or nil for `null`.
  fileprivate mutating func readFlag() throws(JSONProblem) -> Bool? {
    let text = try readScalar()
    guard ["true", "false", "null"].contains(text) else { throw problem("expected true, false or null, not \(text)") }
    return text == "null" ? nil : text == "true"
  }

  fileprivate mutating func readText() throws(JSONProblem) -> String {
    var text: [UInt8] = []
    try readString(into: &text)
    return String(decoding: text, as: UTF8.self)
  }

  /// Takes the string `expected`; throws a sentence for another.
  fileprivate mutating func require(_ expected: String, _ what: String) throws(JSONProblem) {
    let found = try readText()
    guard found == expected else {
      throw problem("the \(what) is \(quoted(found)): only \(quoted(expected)), as BERT has it, can be used")
    }
  }

  /// Takes the name of a special token, as a string or in an object's `content`, or null; throws a sentence for a name
  /// other than BERT's.
  fileprivate mutating func requireToken(_ token: SpecialToken) throws(JSONProblem) {
    func require(_ cursor: inout JSONCursor) throws(JSONProblem) {
      try cursor.require(token.rawValue, "token in the place of \(token.rawValue)")
    }
    switch peek() {
    case UInt8(ascii: "\""): try require(&self)
    case UInt8(ascii: "{"):
      try readObject { (cursor, key) throws(JSONProblem) in
        if key.elementsEqual("content".utf8) { try require(&cursor) } else { try cursor.skipValue() }
      }
    default: try skipValue()
    }
  }
}
