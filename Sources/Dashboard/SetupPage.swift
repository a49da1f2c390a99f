import Formatting
import RunModel
import RunOptions
import TerminalCanvas
import Themes
import TrainingEvents

/// What is being trained, where it lies, and every option it is trained with.
struct SetupPage {
  let run: RunState
  var offset = 0

  // MARK: - The run

  /// Rows that show everything of the run, the frame included.
  func runHeight(width: Int) -> Int { runLines(width: width - 4).count + 2 }

  func drawRun(in area: Rect, with painter: inout Painter) {
    guard area.height >= 3, area.width >= 24 else { return }
    let palette = painter.palette
    let inner = painter.panel(area, "Run", palette.line(.networkBox))
    guard run.description != nil else {
      return painter.text(inner.x, inner.y, width: inner.width, "nothing is known of it yet", palette.quiet)
    }
    for (row, line) in runLines(width: inner.width).prefix(inner.height).enumerated() {
      painter.text(inner.x, inner.y + row, width: Self.labels, line.label, palette.label)
      painter.text(
        inner.x + Self.labels, inner.y + row, width: inner.width - Self.labels, line.text,
        line.isCommand ? palette.key : palette.value)
    }
  }

  private static let labels = 12

  private struct Line {
    var label: String
    var text: String
    var isCommand = false
  }

  /// What there is to say of the run, long texts in several lines.
  private func runLines(width: Int) -> [Line] {
    guard let run = run.description else { return [] }
    var facts: [Line] = [
      Line(label: "name", text: run.name), Line(label: "folder", text: run.directory),
      Line(
        label: "data",
        text: "\(run.dataName): "
          + counts([(run.trainSentences, "train"), (run.devSentences, "dev"), (run.testSentences, "test")])
          + " sentences"),
      Line(
        label: "labels",
        text: counts([(run.sentenceClasses.count, "classes (A)"), (run.tags.count, "tags (B)")])),
      Line(
        label: "model",
        text:
          "\(NumberText.grouped(run.parameterCount)) parameters, vocabulary of \(NumberText.grouped(run.vocabularySize))"
      ),
      Line(label: "losses", text: run.lossDescription),
      Line(
        label: "steps",
        text: "\(NumberText.grouped(run.stepsPerEpoch)) an epoch, \(NumberText.grouped(run.totalSteps)) in all"),
      Line(label: "threads", text: "\(run.threads)"),
    ]
    if let resumed = run.resumedFrom { facts.append(Line(label: "resumed from", text: resumed)) }
    if let checkpoint = self.run.bestCheckpoint { facts.append(Line(label: "best model", text: name(checkpoint))) }
    if let checkpoint = self.run.checkpoint { facts.append(Line(label: "last model", text: name(checkpoint))) }
    facts += commands(run).map { Line(label: $0.label, text: $0.text, isCommand: true) }
    return facts.flatMap { fact in
      CharacterWidth.brokenLines(of: fact.text, columns: width - Self.labels).enumerated().map { index, text in
        Line(label: index == 0 ? fact.label : "", text: text, isCommand: fact.isCommand)
      }
    }
  }

  private func counts(_ parts: [(count: Int, name: String)]) -> String {
    parts.filter { $0.count > 0 }.map { "\(NumberText.grouped($0.count)) \($0.name)" }.joined(separator: ", ")
  }

  private func name(_ checkpoint: CheckpointRecord) -> String {
    checkpoint.path.split(separator: "/").last.map(String.init) ?? checkpoint.path
  }

  /// What to type to come back, or to use what was trained.
  private func commands(_ run: RunDescription) -> [(label: String, text: String)] {
    let folder = ShellWord.quoted(run.directory)
    guard self.run.hasEnded else {
      return [("come back", "mtt-tui \(self.run.takesCommands ? "attach" : "view") \(folder)")]
    }
    guard self.run.checkpoint != nil else { return [] }
    return [("evaluate", "mtt-tui evaluate \(folder)"), ("predict", "mtt-tui predict \(folder)")]
  }

  // MARK: - Its options

  private var options: [ConfigurationRow] { run.description.map { ConfigurationRow.all(of: $0.configuration) } ?? [] }

  /// Columns of the longest name and the gap behind it.
  private static let names = (RunOption.all.map(\.name.count).max() ?? 0) + 1

  /// Columns of options, and rows of each column, that a place has room for.
  private static func grid(_ area: Rect) -> (columns: Int, rows: Int) {
    (max(1, (area.width - 4) / 40), max(0, area.height - 2))
  }

  /// Rows that a place has no room for.
  func hiddenRows(in area: Rect) -> Int {
    let grid = Self.grid(area)
    return max(0, (options.count + grid.columns - 1) / grid.columns - grid.rows)
  }

  func drawConfiguration(in area: Rect, with painter: inout Painter) {
    guard area.height >= 3, area.width >= 24 else { return }
    let palette = painter.palette
    let options = options
    let changed = options.filter(\.isChanged).count
    let preset = run.description?.configuration.preset?.rawValue
    let title = "Configuration" + (preset.map { ", preset \($0)" } ?? "")
    let inner = painter.panel(area, title, palette.line(.memoryBox))
    if changed > 0 {
      let note = " \(changed) set otherwise, in bold "
      if area.width >= title.count + note.count + 8 {
        painter.text(area.right - 2 - note.count, area.y, note, palette.label)
      }
    }
    let grid = Self.grid(area)
    let rows = (options.count + grid.columns - 1) / grid.columns
    let width = inner.width / grid.columns
    let first = min(offset, hiddenRows(in: area))
    for column in 0..<grid.columns {
      let part = options.dropFirst(column * rows).prefix(rows).dropFirst(first).prefix(grid.rows)
      for (row, option) in part.enumerated() {
        let x = inner.x + column * width
        let name = min(Self.names, width - 10)
        painter.text(x, inner.y + row, width: name - 1, option.name, palette.label)
        painter.text(
          x + name, inner.y + row, width: width - name - 1, option.value,
          option.isChanged ? palette.best : palette.text)
      }
    }
    guard rows > grid.rows else { return }
    let text = " \(first + 1)-\(first + grid.rows) of \(rows) rows "
    painter.text(area.right - 2 - text.count, area.bottom - 1, text, palette.label)
  }
}
