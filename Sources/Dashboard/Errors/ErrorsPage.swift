import Formatting
import TerminalCanvas
import Themes
import TrainingEvents

/// The dev sentences that the last evaluation got wrong, or those of train that were believed least: a list, and the
/// selected one with gold beside predicted.
struct ErrorsPage {
  let view: MistakeView
  /// Whether they are suspects.
  let isSuspects: Bool
  /// Lines scrolled down, of the list or of the sentence.
  let offset: Int
  let devSentences: Int?
  /// Whether there is something that is not read yet, if nothing is.
  let isReading: Bool

  // MARK: - The list

  func drawList(in area: Rect, with painter: inout Painter) {
    guard area.height >= 3, area.width >= 24 else { return }
    let palette = painter.palette
    let inner = painter.panel(area, title, palette.line(.networkBox))
    var edge = Rect(x: area.x + 2, y: area.bottom - 1, width: area.width - 4, height: 1)
    let hidden = view.shown.count - inner.height
    if hidden > 0 {
      let text = " \(offset + 1)-\(offset + inner.height) of \(view.shown.count) "
      let place = edge.takeRight(text.count)
      painter.text(place.x, place.y, text, palette.quiet)
    }
    if !choice.isEmpty, edge.width > 4 {
      let words = " \(choice) "
      let place = edge.takeLeft(min(edge.width, CharacterWidth.columns(of: words)))
      painter.text(place.x, place.y, width: place.width, words, palette.value)
    }
    if !view.shown.isEmpty, CharacterWidth.columns(of: legend) + 4 <= edge.width {
      painter.text(edge.x, edge.y, legend, palette.label)
    }
    guard !view.shown.isEmpty else {
      for (index, line) in CharacterWidth.lines(of: hint, columns: inner.width).prefix(inner.height).enumerated() {
        painter.text(inner.x, inner.y + index, width: inner.width, line, palette.quiet)
      }
      return
    }
    let number = max(2, String(view.found?.sentences.map(\.number).max() ?? 0).count)
    for (index, mistake) in view.shown.dropFirst(offset).prefix(inner.height).enumerated() {
      let row = Rect(x: inner.x - 1, y: inner.y + index, width: inner.width + 2, height: 1)
      draw(mistake, isSelected: offset + index == view.selection, number, in: row, with: &painter)
      painter.regions.append(HitRegion(rect: row, target: .row(.mistakes, offset + index)))
    }
  }

  private var title: String {
    guard let found = view.found else { return isSuspects ? "Suspects" : "Errors" }
    if isSuspects {
      let (below, judged) = (NumberText.grouped(found.wrong), NumberText.grouped(found.judged))
      return "Suspects, train, epoch \(found.epoch): margin below 0 in \(below) of \(judged) sentences"
    }
    var title = "Errors, dev, epoch \(found.epoch): "
    title += "\(NumberText.grouped(found.wrong)) of \(NumberText.grouped(found.judged)) sentences"
    if !found.isComplete { title += ", the \(NumberText.grouped(found.sentences.count)) surest kept" }
    return title
  }

  /// What stands before each sentence.
  private var legend: String {
    let first = isSuspects ? "margin of the label" : "how sure the model was"
    return " \(first), \(isSuspects ? "doubtful" : "wrong") task, number "
  }

  /// Which of them are shown, and how.
  private var choice: String {
    var parts = view.filter.isEmpty ? [] : [view.filter.words]
    if view.order != .surest { parts.append(view.order.words(isSuspects: isSuspects)) }
    if view.markCount > 0 { parts.append("\(view.markCount) marked") }
    return parts.joined(separator: "; ")
  }

  /// Why there is nothing to show.
  private var hint: String {
    if !isSuspects, devSentences == 0 { return "there are no dev sentences; s shows the suspects among train's" }
    if let found = view.found {
      guard found.sentences.isEmpty && view.filter.isEmpty else {
        return "no \(isSuspects ? "suspect" : "wrong sentence") is \(view.filter.words); Esc shows all again"
      }
      return isSuspects ? "there are no suspects" : "nothing is wrong"
    }
    if let problem = view.problem { return problem }
    if isReading { return "reading …" }
    return isSuspects ? "train sentences with doubtful labels, after epoch 0" : "wrong dev sentences, after epoch 0"
  }

  /// A mark, how sure the mistake is, which task is wrong, the sentence with its wrong words in colour.
  private func draw(
    _ mistake: Mistake, isSelected: Bool, _ number: Int, in row: Rect, with painter: inout Painter
  ) {
    let palette = painter.palette
    func style(_ style: Style) -> Style { isSelected ? palette.selected : style }
    if isSelected { painter.canvas.fill(row, " ", palette.selected) }
    let mark = painter.glyphs == .ascii ? "*" : "●"
    painter.text(row.x, row.y, view.isMarked(mistake) ? mark : " ", style(palette.best))
    painter.text(row.x + 2, row.y, width: 4, sureness(of: mistake), style(palette.value), .right)
    painter.text(row.x + 7, row.y, mistake.isClassWrong ? "A" : " ", style(palette.style(.lossA, .bold)))
    painter.text(row.x + 8, row.y, mistake.pairs.isEmpty ? " " : "B", style(palette.style(.lossB, .bold)))
    painter.text(row.x + 10, row.y, width: number, "\(mistake.number)", style(palette.quiet), .right)
    let x = row.x + 11 + number
    var pieces: [(String, Style)] = []
    var columns = 0
    for (index, word) in mistake.words.enumerated() where columns < row.width {
      let isWrong = mistake.isWrong(word: index)
      pieces.append((word, style(isWrong ? palette.style(.logWarning, .bold) : palette.text)))
      pieces.append((" ", style(palette.text)))
      columns += CharacterWidth.columns(of: word) + 1
    }
    painter.pieces(x, row.y, width: row.right - x, pieces)
    if columns - 1 > row.right - x { painter.text(row.right - 1, row.y, "…", style(palette.quiet)) }
  }

  /// How sure a mistake is, or how far a suspect's label is believed.
  private func sureness(of mistake: Mistake) -> String {
    guard isSuspects else { return Self.percent(mistake.confidence) }
    let part = view.filter.part
    let own = part == .sentenceClass ? mistake.classMargin : part == .tags ? mistake.tagMargin : nil
    return Self.margin(own ?? mistake.leastMargin)
  }

  /// A margin in at most four columns.
  private static func margin(_ value: Double) -> String {
    NumberText.fixed(value, decimals: abs(value) < 9.95 ? 1 : 0)
  }

  /// A share in whole percent; 0 and 100 only where it is that.
  static func percent(_ share: Double) -> String {
    guard share.isFinite else { return "–" }
    let rounded = Int((min(max(share, 0), 1) * 100).rounded())
    if rounded == 0, share > 0 { return "<1%" }
    return "\(rounded == 100 && share < 1 ? 99 : rounded)%"
  }

  // MARK: - One sentence

  func drawSentence(in area: Rect, with painter: inout Painter) {
    guard area.height >= 3, area.width >= 24 else { return }
    let palette = painter.palette
    let title =
      view.selected.map { "Sentence \(NumberText.grouped($0.number)) of \(isSuspects ? "train" : "dev")" } ?? "Sentence"
    let inner = painter.panel(area, title, palette.line(.dividerLine))
    guard let mistake = view.selected else {
      return painter.text(inner.x, inner.y, width: inner.width, "none is selected", palette.quiet)
    }
    let lines = lines(of: mistake, columns: inner.width, palette)
    for (index, line) in lines.dropFirst(offset).prefix(inner.height).enumerated() {
      painter.pieces(inner.x, inner.y + index, width: inner.width, line)
    }
    let hidden = lines.count - inner.height
    if hidden > 0 {
      let text = " \(offset + 1)-\(min(lines.count, offset + inner.height)) of \(lines.count) lines "
      if text.count + 4 <= area.width {
        painter.text(area.right - text.count - 2, area.bottom - 1, text, palette.quiet)
      }
    }
  }

  typealias Line = [(String, Style)]

  /// How many lines the selected sentence takes.
  func lineCount(columns: Int, _ palette: Palette) -> Int {
    view.selected.map { lines(of: $0, columns: columns, palette).count } ?? 0
  }

  private func lines(of mistake: Mistake, columns: Int, _ palette: Palette) -> [Line] {
    var lines = classLines(mistake, palette)
    if !lines.isEmpty { lines.append([]) }
    lines += wordLines(mistake, columns: columns, palette)
    let history = isSuspects ? [] : historyLines(mistake, palette)
    if !history.isEmpty { lines += [[], [("over the epochs", palette.label)]] + history }
    return lines
  }

  private func classLines(_ mistake: Mistake, _ palette: Palette) -> [Line] {
    if isSuspects { return suspectLines(mistake, palette) }
    guard let predicted = mistake.predictedClass else { return [] }
    let sure = mistake.probability.map { " " + Self.percent($0) } ?? ""
    guard let gold = mistake.goldClass, mistake.isClassWrong else {
      let word = mistake.goldClass == nil ? "class not labelled, predicted " : "class right      "
      return [[(word, palette.label), (predicted, palette.text), (sure, palette.quiet)]]
    }
    let goldSure = mistake.goldProbability.map { " " + Self.percent($0) } ?? ""
    return [
      [("class gold       ", palette.label), (gold, palette.style(.lossA, .bold)), (goldSure, palette.quiet)],
      [
        ("class predicted  ", palette.label), (predicted, palette.style(.logWarning, .bold)), (sure, palette.value),
      ],
    ]
  }

  /// The class of a suspect, what it was rather believed to be, and the margins.
  private func suspectLines(_ mistake: Mistake, _ palette: Palette) -> [Line] {
    func margin(_ value: Double?) -> (String, Style) {
      (value.map { "  margin \(Self.margin($0))" } ?? "", palette.value)
    }
    var lines: [Line] = []
    if let gold = mistake.goldClass {
      let style = mistake.isClassWrong ? palette.style(.lossA, .bold) : palette.text
      lines.append([("class gold      ", palette.label), (gold, style)])
    }
    if mistake.isClassWrong, let rival = mistake.predictedClass {
      let style = palette.style(.logWarning, .bold)
      lines.append([("class believed  ", palette.label), (rival, style), margin(mistake.classMargin)])
    }
    if mistake.tagMargin != nil { lines.append([("least believed tag", palette.label), margin(mistake.tagMargin)]) }
    return lines
  }

  /// The words, below them the gold tags, below these what was predicted where it is another.
  private func wordLines(_ mistake: Mistake, columns: Int, _ palette: Palette) -> [Line] {
    guard !mistake.goldTags.isEmpty else {
      return CharacterWidth.lines(of: mistake.words.joined(separator: " "), columns: columns).map {
        [($0, palette.text)]
      }
    }
    let label = 10
    var lines: [Line] = []
    var rows: [Line] = []
    var used = 0
    func begin() {
      rows = [
        [("", palette.text)], [("gold", palette.label)], [(isSuspects ? "believed" : "predicted", palette.label)],
      ].map {
        row in
        [(Self.padded(row[0].0, label), row[0].1)]
      }
      used = label
    }
    begin()
    for (index, word) in mistake.words.enumerated() {
      let isWrong = mistake.isWrong(word: index)
      let gold = (mistake.goldTags.indices.contains(index) ? mistake.goldTags[index] : nil) ?? "-"
      let predicted = isWrong && mistake.predictedTags.indices.contains(index) ? mistake.predictedTags[index] : ""
      let width = [word, gold, predicted].map { CharacterWidth.columns(of: $0) }.max() ?? 0
      if used + width + 1 > columns, used > label {
        lines += rows
        begin()
      }
      let wrong = palette.style(.logWarning, .bold)
      let texts = [
        (word, isWrong ? wrong : palette.text),
        (gold, isWrong ? palette.style(.lossB, .bold) : gold == "O" ? palette.quiet : palette.label),
        (predicted, wrong),
      ]
      for (row, text) in texts.enumerated() { rows[row].append((Self.padded(text.0, width + 1), text.1)) }
      used += width + 1
    }
    return lines + rows
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text + CharacterWidth.padding(text, to: width)
  }

  /// What became of it in each evaluation, the newest first.
  private func historyLines(_ mistake: Mistake, _ palette: Palette) -> [Line] {
    let history = view.history(ofSentence: mistake.number)
    let widest = history.map { "\($0.epoch)".count }.max() ?? 0
    return history.reversed().map { outcome in
      let place = (Self.padded("epoch \(outcome.epoch)", "epoch   ".count + widest), palette.quiet)
      switch outcome.verdict {
      case .right: return [place, ("right", palette.style(.stateRunning))]
      case .unknown: return [place, ("not among the mistakes kept", palette.quiet)]
      case .wrong:
        var line = [place, ("wrong", palette.style(.logWarning))]
        if let predicted = outcome.predictedClass {
          line.append((": \(predicted) \(outcome.probability.map(Self.percent) ?? "")", palette.text))
        }
        if outcome.wrongWords > 0 {
          line.append((", \(outcome.wrongWords) \(outcome.wrongWords == 1 ? "word" : "words")", palette.text))
        }
        return line
      }
    }
  }
}
