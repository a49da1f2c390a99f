import Formatting
import TerminalCanvas
import TextData
import Training

/// Answers as text in one of the formats.
struct AnswerWriter {
  private let format: PredictCommand.Format
  private let classes: [String]
  private let probabilities: Bool
  private let colours: Bool
  /// Each entity type's place among the model's.
  private let typePlaces: [String: Int]

  init(format: PredictCommand.Format, model: TrainedModel, probabilities: Bool, colours: Bool) {
    self.format = format
    self.probabilities = probabilities
    self.colours = colours
    classes = model.sentenceClasses
    var places: [String: Int] = [:]
    for tag in model.tags.map(Tag.init) where tag.prefix == .begin { places[tag.type] = places.count }
    typePlaces = places
  }

  func text(_ answer: Prediction) -> String {
    switch format {
    case .json: json(answer) + "\n"
    case .conll: Self.columns(answer)
    case .table: table(answer)
    }
  }

  // MARK: - For programs

  private func json(_ answer: Prediction) -> String {
    var text = "{\"text\":\(JSONText.quoted(answer.text))"
    text += ",\"class\":\(answer.sentenceClass.map(JSONText.quoted) ?? "null")"
    text += ",\"probability\":\(answer.sentenceClass == nil ? "null" : JSONText.number(answer.classProbability))"
    if let rejected = answer.rejectedClass {
      text += ",\"rejected\":{\"class\":\(JSONText.quoted(rejected))"
      text += ",\"probability\":\(JSONText.number(answer.classProbability))}"
    }
    let entities = answer.entities.map { entity in
      "{\"type\":\(JSONText.quoted(entity.type)),\"text\":\(JSONText.quoted(entity.text))"
        + ",\"start_word\":\(entity.words.lowerBound),\"end_word\":\(entity.words.upperBound)"
        + ",\"start\":\(entity.characters.lowerBound),\"end\":\(entity.characters.upperBound)"
        + ",\"confidence\":\(JSONText.number(entity.confidence))}"
    }
    text += ",\"entities\":[\(entities.joined(separator: ","))]"
    if probabilities {
      let all = zip(classes, answer.classProbabilities).map { "\(JSONText.quoted($0)):\(JSONText.number($1))" }
      text += ",\"probabilities\":{\(all.joined(separator: ","))}"
    }
    if answer.cutWords > 0 { text += ",\"cut_words\":\(answer.cutWords)" }
    return text + "}"
  }

  /// One block of columns, which training reads again word for word; one without words for a text that has none.
  ///
  /// Words beyond the maximum length have no tag: `_`.
  private static func columns(_ answer: Prediction) -> String {
    guard !answer.words.isEmpty else { return "# text =\n\n" }
    // A class or the text before it says that -DOCSTART- is a word and not a mark between documents.
    var heading = answer.words.contains("-DOCSTART-") ? "# text = \(answer.words.joined(separator: " "))\n" : ""
    if let rejected = answer.rejectedClass {
      heading += "# rejected: \(rejected) \(JSONText.number(answer.classProbability))\n"
    }
    var text = answer.sentenceClass.map { "# intent: \($0)\n" } ?? heading
    let read = answer.words.count - answer.cutWords
    for (index, word) in answer.words.enumerated() {
      text += answer.tags.isEmpty ? "\(word)\n" : "\(word)\t\(index < read ? answer.tags[index] : "_")\n"
    }
    return text + "\n"
  }

  // MARK: - For people

  private func table(_ answer: Prediction) -> String {
    var text = marked(answer) + "\n"
    var rows: [(name: String, value: String, share: Double, style: String)] = []
    if let sentenceClass = answer.sentenceClass {
      rows.append(("class", Self.safe(sentenceClass), answer.classProbability, "1"))
    } else if let rejected = answer.rejectedClass {
      rows.append(("class", "none (rejected: \(Self.safe(rejected)))", answer.classProbability, "2"))
    }
    for entity in answer.entities {
      rows.append((Self.safe(entity.type), Self.safe(entity.text), entity.confidence, style(entity.type)))
    }
    let names = rows.map { CharacterWidth.columns(of: $0.name) }.max() ?? 0
    let values = rows.map { CharacterWidth.columns(of: $0.value) }.max() ?? 0
    for row in rows {
      let percent = Format.fixed(100 * row.share, decimals: 1)
      text += "  \(Self.pad(row.name, names))  \(coloured(row.value, row.style))"
      text += Self.pad("", values - CharacterWidth.columns(of: row.value))
      text += String(repeating: " ", count: max(0, 8 - percent.count)) + percent + " %\n"
    }
    if answer.cutWords > 0 { text += "  \(answer.cutWords) words beyond the maximum length were not read\n" }
    return text + "\n"
  }

  /// The words with their entities coloured, or in brackets with their types.
  private func marked(_ answer: Prediction) -> String {
    var parts: [String] = []
    var word = 0
    for entity in answer.entities {
      parts += answer.words[word..<entity.words.lowerBound].map(Self.safe)
      let text = answer.words[entity.words].map(Self.safe).joined(separator: " ")
      parts.append(colours ? coloured(text, style(entity.type)) : "[\(text)]")
      word = entity.words.upperBound
    }
    parts += answer.words[word...].map(Self.safe)
    return parts.joined(separator: " ")
  }

  /// The SGR codes of an entity type: six colours, underlined after the first six types.
  private func style(_ type: String) -> String {
    let place = typePlaces[type] ?? 0
    return "\(31 + place % 6);1\(place / 6 % 2 == 1 ? ";4" : "")"
  }

  private func coloured(_ text: String, _ style: String) -> String {
    colours ? "\u{1B}[\(style)m\(text)\u{1B}[0m" : text
  }

  private static func pad(_ text: String, _ width: Int) -> String {
    text + CharacterWidth.padding(text, to: width)
  }

  /// Without control characters, which a terminal would obey.
  private static func safe(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { $0.properties.generalCategory == .control ? "\u{FFFD}" : $0 }))
  }
}
