internal import Formatting
internal import TrainingEvents

/// How wrong sentences are written: a head, one sentence after the other, a foot.
protocol ErrorFormat: Sendable {
  func head(_ heading: String) -> String
  /// - Parameter place: where it stands: `line 3 of a.conll`.
  func sentence(_ mistake: Mistake, place: String) -> String
  var foot: String { get }
}

extension ErrorFormat {
  func percent(_ share: Double) -> String { NumberText.fixed(share * 100, decimals: 1) + " %" }
}

/// Wrong sentences as plain text.
struct ErrorText: ErrorFormat {
  func head(_ heading: String) -> String {
    "# \(heading).\n# Columns: word, gold tag, predicted tag; * marks wrong ones.\n\n"
  }

  var foot: String { "" }

  func sentence(_ mistake: Mistake, place: String) -> String {
    var text = "# \(percent(mistake.confidence)) sure of a mistake\n# sentence \(mistake.number), \(place)\n"
    if let gold = mistake.goldClass, let predicted = mistake.predictedClass, let probability = mistake.probability {
      let sure = percent(probability)
      text +=
        mistake.isClassWrong
        ? "# class: \(gold), predicted: \(predicted) (\(sure))\n" : "# class: \(gold) (right, \(sure))\n"
    }
    let rows = mistake.words.enumerated().map { index, word -> [String] in
      guard !mistake.goldTags.isEmpty else { return [" ", word] }
      return [
        mistake.isWrong(word: index) ? "*" : " ", word, mistake.goldTags[index] ?? "-", mistake.predictedTags[index],
      ]
    }
    return text + Self.aligned(rows) + "\n"
  }

  /// Columns as wide as their longest text, two spaces apart.
  private static func aligned(_ rows: [[String]]) -> String {
    var widths: [Int] = []
    for row in rows {
      for (column, text) in row.enumerated() {
        if column == widths.count { widths.append(0) }
        widths[column] = max(widths[column], CharacterWidth.columns(of: text))
      }
    }
    return rows.map { row in
      var line = ""
      for (column, text) in row.enumerated() {
        line += text
        if column + 1 < row.count { line += CharacterWidth.padding(text, to: widths[column] + 2) }
      }
      return line + "\n"
    }
    .joined()
  }
}
