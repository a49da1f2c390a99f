import Formatting
import RunModel
import TerminalCanvas
import Themes
import TrainingEvents

/// The tasks' accuracies as bars: train beside dev, the best on dev marked.
struct AccuracyPanel {
  /// Rows that show everything, the frame included.
  static let fullHeight = 10

  let run: RunState

  func draw(in area: Rect, with painter: inout Painter) {
    guard area.height >= 3, area.width >= 24 else { return }
    var inner = painter.panel(area, title(columns: area.width - 6), painter.palette.line(.memoryBox))
    let airy = inner.height >= 8
    for task in run.tasks {
      draw(task, in: inner.takeTop(2), with: &painter)
      if airy { _ = inner.takeTop(1) }
    }
    drawDevFigures(in: inner, with: &painter)
  }

  /// What A and B are, in the numbers of the data.
  private func title(columns: Int) -> String {
    guard let description = run.description else { return "Accuracy" }
    let about = run.tasks.map { task in
      "\(task.rawValue): \(description.labels(task).count) \(task.labelNoun) of \(task == .sentence ? "sentences" : "words")"
    }
    let short = run.tasks.map { "\($0.rawValue): \(description.labels($0).count) \($0.labelNoun)" }
    return [about, short].map { "Accuracy, " + $0.joined(separator: ", ") }
      .first { CharacterWidth.columns(of: $0) <= columns } ?? "Accuracy"
  }

  private func draw(_ task: ModelTask, in area: Rect, with painter: inout Painter) {
    let train = run.trainCounts?.accuracy(task)
    let dev = run.evaluations.last?.counts.accuracy(task)
    painter.text(area.x, area.y, task.rawValue, painter.palette.style(task.color, .bold))
    // Beside the running epoch's figure where the last one ended; beside dev's last figure its best.
    let lastEpoch = run.epochCounts.accuracy(task) == nil ? nil : run.epochs.last?.counts.accuracy(task)
    drawBar(.train, train, mark: lastEpoch, task, row: area.y, in: area, with: &painter)
    let best = dev.flatMap { dev in run.bestAccuracies[task].flatMap { $0 > dev ? $0 : nil } }
    if area.height > 1 { drawBar(.dev, dev, mark: best, task, row: area.y + 1, in: area, with: &painter) }
  }

  private func drawBar(
    _ split: DataSplit, _ value: Double?, mark: Double?, _ task: ModelTask, row: Int, in area: Rect,
    with painter: inout Painter
  ) {
    let palette = painter.palette
    let isDev = split == .dev
    painter.text(area.x + 2, row, split.rawValue, isDev ? palette.text : palette.label)
    let x = area.x + 8
    let width = area.width - 8 - 8
    guard width > 0 else { return }
    let look = palette.gradient(task.gradient)
    if value != nil || isDev == false {
      painter.thinBar(x, row, width: width, value: value ?? 0, style: look)
    } else {
      painter.text(x, row, width: width, devHint, palette.quiet)
    }
    if let mark, let value {
      func cell(_ share: Double) -> Int { min(width - 1, max(0, Int(share * Double(width)))) }
      if isDev || cell(mark) != cell(value) {
        painter.canvas.put(x + cell(mark), row, isDev ? "┃" : "╎", isDev ? palette.best : palette.value)
      }
    }
    painter.text(
      area.right - 8, row, width: 7, NumberText.percent(value), isDev ? palette.value : palette.text, .right)
    if isDev, mark == nil, value != nil { painter.text(area.right - 1, row, "★", palette.best) }
  }

  /// When dev's first figures come.
  private var devHint: String {
    guard let run = run.description, run.devSentences > 0 else { return "there are no dev sentences" }
    return "first after epoch 0"
  }

  private func drawDevFigures(in area: Rect, with painter: inout Painter) {
    let palette = painter.palette
    guard area.height >= 1, let last = run.evaluations.last else { return }
    var pieces: [(String, Style)] = []
    if let f1 = last.entityF1 { pieces += [("dev F1 ", palette.label), (NumberText.percent(f1), palette.value)] }
    if pieces.isEmpty || area.width >= 30 {
      pieces += [
        (pieces.isEmpty ? "dev exact " : "  exact ", palette.label),
        (NumberText.percent(last.exactMatch), palette.value),
      ]
    }
    painter.pieces(area.x, area.y, width: area.width, pieces)
    guard area.height >= 2, let best = run.best else { return }
    var words: [(String, Style)] = [("★ ", palette.best), ("best epoch \(best.epoch)  ", palette.label)]
    let figures = run.tasks.compactMap { task in
      best.counts.accuracy(task).map { "\(task.rawValue) \(NumberText.percent($0))" }
    }
    words.append((figures.joined(separator: "  "), palette.text))
    painter.pieces(area.x, area.y + 1, width: area.width, words)
  }
}

/// How a task looks.
extension ModelTask {
  var color: ThemeKey { self == .sentence ? .lossA : .lossB }
  var gradient: ThemeGradient { self == .sentence ? .taskA : .taskB }
  var marker: Unicode.Scalar { self == .sentence ? "▲" : "■" }
  var letter: Unicode.Scalar { self == .sentence ? "a" : "b" }
  var labelNoun: String { self == .sentence ? "classes" : "tags" }
}
