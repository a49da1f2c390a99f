/// A tokenizer as a folder holds it: `tokenizer.json`, or `vocab.txt` with `tokenizer_config.json`.
public struct TokenizerFolder: Hashable, Sendable {
  public static let jsonFile = "tokenizer.json"
  public static let vocabularyFile = "vocab.txt"
  public static let configurationFile = "tokenizer_config.json"

  public var configuration: TokenizerConfiguration
  /// Token strings by id.
  public var vocabulary: [String]

  public init(configuration: TokenizerConfiguration, vocabulary: [String]) {
    self.configuration = configuration
    self.vocabulary = vocabulary
  }

  /// Reads a folder that Hugging Face or this program has written.
  ///
  /// Throws a sentence where the files are missing or wrong, or the tokenizer is another than WordPiece as BERT has it
  /// (or this program's words). Stored padding and truncation are not looked at.
  public init(reading folder: String) throws(DataError) {
    let json = join(folder, Self.jsonFile)
    let text = join(folder, Self.vocabularyFile)
    let settings = join(folder, Self.configurationFile)
    var configuration = TokenizerConfiguration(kind: .wordpiece, lowercase: true)
    if pathKind(settings) != .nothing {
      try Self.read(settings) { (cursor, key) throws(JSONProblem) in
        try Self.readSetting(&cursor, key, into: &configuration)
      }
    }
    if configuration.kind == .wordpiece, pathKind(json) != .nothing {
      var file = TokenizerFile()
      try Self.read(json) { (cursor, key) throws(JSONProblem) in try file.readMember(&cursor, key) }
      self.init(configuration: file.configuration, vocabulary: try file.vocabulary(path: json))
      try check(path: json)
    } else if pathKind(text) != .nothing {
      self.init(configuration: configuration, vocabulary: try Self.lines(text))
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
  }

  private static func lines(_ path: String) throws(DataError) -> [String] {
    try withFileBytes(path) { (bytes) throws(DataError) in
      try checkText(bytes, path: path)
      var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      if lines.last?.isEmpty == true { lines.removeLast() }
      return lines.map { String(decoding: $0.last == 0x0D ? $0.dropLast() : $0, as: UTF8.self) }
    }
  }

  /// Calls `body` with each member of the file's object.
  private static func read(
    _ path: String, _ body: (inout JSONCursor, [UInt8]) throws(JSONProblem) -> Void
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

  /// A member of tokenizer_config.json.
  private static func readSetting(
    _ cursor: inout JSONCursor, _ key: [UInt8], into configuration: inout TokenizerConfiguration
  ) throws(JSONProblem) {
    switch String(decoding: key, as: UTF8.self) {
    case "do_lower_case": configuration.lowercase = try cursor.readFlag() ?? true
    case "strip_accents": configuration.stripAccents = try cursor.readFlag()
    case "tokenize_chinese_chars": configuration.separateChinese = try cursor.readFlag() ?? true
    case "mtt_tokenizer":
      let name = try cursor.readText()
      guard let kind = TokenizerConfiguration.Kind(rawValue: name) else {
        throw cursor.problem("the tokenizer \(quoted(name)) is not known")
      }
      configuration.kind = kind
    default: try cursor.skipValue()
    }
  }
}

/// What is read of tokenizer.json.
private struct TokenizerFile {
  var configuration = TokenizerConfiguration(kind: .wordpiece, lowercase: true)
  private var tokens: [(id: Int, token: String)] = []

  mutating func readMember(_ cursor: inout JSONCursor, _ key: [UInt8]) throws(JSONProblem) {
    switch String(decoding: key, as: UTF8.self) {
    case "model": try readModel(&cursor)
    case "normalizer": try readNormalizer(&cursor)
    case "pre_tokenizer":
      try cursor.readObject { (cursor, key) throws(JSONProblem) in
        guard key.elementsEqual("type".utf8) else { return try cursor.skipValue() }
        try cursor.require("BertPreTokenizer", "pre-tokenizer")
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
}
