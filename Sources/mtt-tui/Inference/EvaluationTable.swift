import Formatting
import TerminalCanvas
import Training
import TrainingEvents

/// An evaluation as tables to read.
enum EvaluationTable {
  /// Confusions that are shown of each task.
  private static let shownMistakes = 10

  /// - Parameter errors: the file that the wrong sentences went to, if any.
  static func text(_ report: EvaluationReport, errors: String?) -> String {
    var text = "\(report.model)\non \(report.data) (\(report.split))\n\n" + figures(report)
    if !report.classes.isEmpty { text += "\n" + table("class", report.classes) }
    if let entities = report.entities {
      text += "\n" + table("entity type", entities.types, averages: entities)
      if let strict = report.strictEntities { text += "\n" + modes(entities, strict) }
    } else if !report.tags.isEmpty {
      text += "\n" + table("tag", report.tags)
    }
    text += mistakes("Classes most often mistaken", report.classMistakes)
    text += mistakes("Tags most often mistaken (decoded)", report.tagMistakes)
    for (noun, labels) in [("Classes", report.unseenClasses), ("Tags", report.unseenTags)] where !labels.isEmpty {
      text += "\n\(noun) the model does not know, counted as wrong: \(labels.joined(separator: ", "))\n"
    }
    if let errors { text += "\n\(report.wrong) wrong sentences: \(errors)\n" }
    return safe(text)
  }

  private static func figures(_ report: EvaluationReport) -> String {
    var rows = [
      ["sentences", String(report.sentences), "\(report.words) words"]
    ]
    if let loss = report.loss {
      let parts = ModelTask.allCases.compactMap { task in
        report.losses[task].map { "loss_\(task.suffix) \(Format.fixed($0))" }
      }
      rows.append(["loss", Format.fixed(loss), parts.joined(separator: ", ")])
    }
    let areTagged = report.counts.accuracy(.words) != nil
    let decoded = report.decodedAccuracy.map { "; decoded tags: \(Format.fixed($0))" } ?? ""
    for task in ModelTask.allCases {
      guard let accuracy = report.counts.accuracy(task) else { continue }
      rows.append([
        "Acc\(task.rawValue)", Format.fixed(accuracy),
        "\(report.counts.correct[task]) of \(report.counts.total[task]) "
          + (task == .sentence ? "classes" : "tags, each word's best by itself\(decoded)"),
      ])
    }
    if let micro = report.entities?.micro {
      rows.append([
        "entity F1", Format.fixed(micro.f1),
        "precision \(Format.fixed(micro.precision)), recall \(Format.fixed(micro.recall)); decoded tags",
      ])
    }
    if let exact = report.exactMatch {
      rows.append([
        "exact match", Format.fixed(exact),
        "\(report.exact) of \(report.judged) sentences" + (areTagged ? "; decoded tags" : ""),
      ])
    }
    for (name, noun, figures) in [
      ("ECE A", "classes", report.calibration[.sentence]), ("ECE B", "decoded tags", report.calibration[.words]),
    ] {
      guard let figures else { continue }
      let temperature = figures.temperature.map {
        "; temperature \(Format.fixed($0)), without it \(Format.fixed(figures.errorBefore))"
      }
      rows.append([name, Format.fixed(figures.error), "calibration error of the \(noun), 15 bins\(temperature ?? "")"])
    }
    if let reject = report.rejection {
      rows.append([
        "reject", Format.fixed(reject.threshold),
        "predict --reject \(reject.threshold): \(reject.answered) of \(reject.sentences) classes answered,"
          + " \(Format.fixed(100 * reject.precision, decimals: 1)) % of them right",
      ])
    }
    if report.unknownWords > 0 {
      let share = Format.fixed(100 * Double(report.unknownWords) / Double(max(report.words, 1)), decimals: 1)
      rows.append(["unknown", "\(share) %", "\(report.unknownWords) words that are not in the vocabulary"])
    }
    if report.wordsCut > 0 {
      let fate = areTagged ? "predicted O" : "not read"
      rows.append(["cut words", String(report.wordsCut), "beyond the maximum length: \(fate)"])
    }
    var text = rows.map { row in pad(row[0], 13) + padLeft(row[1], 8) + "  " + row[2] + "\n" }.joined()
    if areTagged { text += "Decoded tags: the \(report.decoding).\n" }
    return text
  }

  private static func table(_ title: String, _ rows: [LabelFigures], averages: EntityFigures? = nil) -> String {
    var lines = rows.map { ($0.name, $0.figures, $0.support) }
    if let averages {
      let support = rows.reduce(0) { $0 + $1.support }
      lines += [
        ("all (micro)", averages.micro, support), ("mean of types (macro)", averages.macro, support),
        ("mean by support (weighted)", averages.weighted, support),
      ]
    }
    let width = max(displayWidth(title), lines.map { displayWidth($0.0) }.max() ?? 0) + 2
    var text = pad(title, width) + "precision   recall       F1  support\n"
    for (index, line) in lines.enumerated() {
      if averages != nil, index == rows.count { text += "\n" }
      text +=
        pad(line.0, width) + padLeft(Format.fixed(line.1.precision), 9) + padLeft(Format.fixed(line.1.recall), 9)
        + padLeft(Format.fixed(line.1.f1), 9) + padLeft(String(line.2), 9) + "\n"
    }
    return text
  }

  private static func modes(_ normal: EntityFigures, _ strict: EntityFigures) -> String {
    func row(_ name: String, _ figures: EntityFigures) -> String {
      pad(name, 28) + padLeft(Format.fixed(figures.micro.f1), 8) + padLeft(Format.fixed(figures.macro.f1), 9)
        + padLeft(Format.fixed(figures.weighted.f1), 10) + "\n"
    }
    return pad("entity F1", 28) + "   micro    macro  weighted\n" + row("seqeval's default mode", normal)
      + row("seqeval's strict mode, IOB2", strict)
  }

  private static func mistakes(_ title: String, _ mistakes: [LabelMistake]) -> String {
    guard !mistakes.isEmpty else { return "" }
    let shown = mistakes.prefix(shownMistakes)
    let width = shown.map { displayWidth($0.gold) }.max() ?? 0
    var text = "\n\(title)\n"
    for mistake in shown {
      text += padLeft(String(mistake.count), 7) + "  " + pad(mistake.gold, width) + " taken for \(mistake.predicted)\n"
    }
    if mistakes.count > shownMistakes { text += "         and \(mistakes.count - shownMistakes) kinds more\n" }
    return text
  }

  private static func displayWidth(_ text: String) -> Int { CharacterWidth.columns(of: text) }

  private static func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - displayWidth(text)))
  }

  private static func padLeft(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }

  /// Without control characters, which a terminal would obey.
  private static func safe(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { $0 != "\n" && $0.properties.generalCategory == .control ? "\u{FFFD}" : $0 }))
  }
}
