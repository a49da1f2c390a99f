import Formatting

/// The files that Hugging Face's tokenizers read, giving the same ids.
extension TokenizerFolder {
  /// vocab.txt: a token a line.
  public var vocabularyFileContent: [UInt8] { vocabulary.flatMap { Array($0.utf8) + [UInt8(ascii: "\n")] } }

  /// tokenizer.json.
  ///
  /// Words: white space separates them, as in this program; WordPiece: BERT's normalizer, pre-tokenizer and model.
  public var jsonFileContent: [UInt8] {
    let tokenizer = configuration.makeTokenizer(vocabulary: vocabulary)
    let special = tokenizer.special
    let named: [(SpecialToken, Int32)] = [
      (.pad, special.pad), (.unknown, special.unknown), (.cls, special.cls), (.sep, special.sep),
    ]
    var added = named.map { ($0.rawValue, Int($1)) }
    if configuration.kind == .wordpiece, let mask = vocabulary.firstIndex(of: "[MASK]") {
      added.append(("[MASK]", mask))
    }
    let addedTokens = added.sorted { $0.1 < $1.1 }.map { token, id in
      #"{"id":\#(id),"content":"\#(token)","single_word":\#(configuration.kind == .words),"lstrip":false,"#
        + #""rstrip":false,"normalized":false,"special":true}"#
    }
    var seen = Set<[UInt8]>()
    let vocabularyMembers = vocabulary.enumerated().compactMap { id, token in
      seen.insert(Array(token.utf8)).inserted ? "\(JSONText.quoted(token)):\(id)" : nil
    }
    let template =
      #"{"type":"TemplateProcessing","single":[\#(part("[CLS]", 0)),\#(sequence("A", 0)),\#(part("[SEP]", 0))],"#
      + #""pair":[\#(part("[CLS]", 0)),\#(sequence("A", 0)),\#(part("[SEP]", 0)),\#(sequence("B", 1)),"#
      + #"\#(part("[SEP]", 1))],"special_tokens":{\#(token("[CLS]", special.cls)),\#(token("[SEP]", special.sep))}}"#
    let parts = [
      #""version":"1.0""#, #""truncation":null"#, #""padding":null"#,
      #""added_tokens":[\#(addedTokens.joined(separator: ","))]"#, #""normalizer":\#(normalizer)"#,
      #""pre_tokenizer":{"type":"\#(configuration.kind == .words ? "WhitespaceSplit" : "BertPreTokenizer")"}"#,
      #""post_processor":\#(template)"#, #""decoder":\#(decoder)"#,
      #""model":{\#(model)"vocab":{\#(vocabularyMembers.joined(separator: ","))}}"#,
    ]
    return Array("{\(parts.joined(separator: ","))}\n".utf8)
  }

  private var normalizer: String {
    switch configuration.kind {
    case .words: return configuration.lowercase ? #"{"type":"Lowercase"}"# : "null"
    case .wordpiece:
      let accents = configuration.stripAccents.map { String($0) } ?? "null"
      return #"{"type":"BertNormalizer","clean_text":\#(configuration.cleanText),"#
        + #""handle_chinese_chars":\#(configuration.separateChinese),"strip_accents":\#(accents),"#
        + #""lowercase":\#(configuration.lowercase)}"#
    }
  }

  private var model: String {
    switch configuration.kind {
    case .words: #""type":"WordLevel","unk_token":"[UNK]","#
    case .wordpiece:
      #""type":"WordPiece","unk_token":"[UNK]","continuing_subword_prefix":"\#(WordPieceTokenizer.continuation)","#
        + #""max_input_chars_per_word":\#(WordPieceTokenizer.longestUnit),"#
    }
  }

  private var decoder: String {
    configuration.kind == .words
      ? "null" : #"{"type":"WordPiece","prefix":"\#(WordPieceTokenizer.continuation)","cleanup":true}"#
  }
}

private func part(_ token: String, _ type: Int) -> String { #"{"SpecialToken":{"id":"\#(token)","type_id":\#(type)}}"# }

private func sequence(_ name: String, _ type: Int) -> String { #"{"Sequence":{"id":"\#(name)","type_id":\#(type)}}"# }

private func token(_ token: String, _ id: Int32) -> String {
  #""\#(token)":{"id":"\#(token)","ids":[\#(id)],"tokens":["\#(token)"]}"#
}
