import Formatting
import RunModel
import TerminalCanvas
import Themes
import TrainingEvents

/// What happened on the way, in a lane at the lower edge of a plot; ends of epochs as lines through it.
struct ChartMarks {
  private let hasBest: Bool
  private let plot: Rect
  /// Whether an epoch ends in a column of cells.
  private var epochColumns: [Bool]
  /// What the lane shows, by its columns: where several share a place, the most informative one.
  private var lane: [RunMark.Kind?]
  private var kinds: [RunMark.Kind] = []

  init(run: RunState, steps: StepAxis, plot: Rect) {
    hasBest = run.best != nil
    self.plot = plot
    lane = Array(repeating: nil, count: max(0, plot.width))
    epochColumns = Array(repeating: false, count: lane.count)
    var isSeen = Array(repeating: false, count: RunMark.Kind.allCases.count)
    let axis = AxisPlaces(steps.axis)
    let marks = run.marks.all
    // There may be thousands: their words stay untouched.
    for index in marks.indices {
      let (kind, step) = (marks[index].kind, marks[index].step)
      guard Double(marks[index].lastStep) >= steps.steps.lowerBound, Double(step) <= steps.steps.upperBound,
        let place = axis.position(of: steps.value(Double(step)))
      else { continue }
      let column = Int((min(max(place, 0), 1) * Double(plot.width - 1)).rounded())
      guard lane.indices.contains(column) else { continue }
      if kind == .epoch {
        epochColumns[column] = true
      } else {
        isSeen[kind.rawValue] = true
        if lane[column].map({ $0 < kind }) ?? true { lane[column] = kind }
      }
    }
    kinds = RunMark.Kind.allCases.filter { isSeen[$0.rawValue] }
  }

  /// Lines where epochs end, unless there are so many that nothing else could be seen.
  func drawEpochs(with painter: inout Painter) {
    guard epochColumns.count(where: \.self) <= plot.width / 5 else { return }
    for column in epochColumns.indices where epochColumns[column] {
      for row in plot.y..<plot.bottom {
        painter.canvas.put(plot.x + column, row, RunMark.Kind.epoch.glyph, painter.palette.grid)
      }
    }
  }

  func draw(with painter: inout Painter) {
    guard plot.height >= 6 else { return }
    var styles: [RunMark.Kind: Style] = [:]
    for kind in kinds { styles[kind] = painter.palette.style(kind.color, .bold) }
    for (column, kind) in lane.enumerated() {
      guard let kind, let style = styles[kind] else { continue }
      painter.canvas.put(plot.x + column, plot.bottom - 1, kind.glyph, style)
    }
  }

  /// What the glyphs mean, of those that are shown, in the upper right corner: losses fall, so it is empty there.
  func drawLegend(with painter: inout Painter) {
    guard plot.width >= 50, plot.height >= 9 else { return }
    let palette = painter.palette
    var pieces: [(String, Style)] = []
    for kind in kinds {
      pieces += [("\(Character(kind.glyph)) ", palette.style(kind.color, .bold)), (kind.word + "  ", palette.label)]
    }
    if hasBest { pieces += [("★ ", palette.best), ("best dev  ", palette.label)] }
    let width = columns(of: pieces)
    guard width > 0, width <= plot.width * 3 / 4 else { return }
    painter.pieces(plot.right - width, plot.y, width: width, pieces)
  }
}

/// A line through the curves at one step, and every series' value there.
struct ChartCursor {
  let step: Int
  let run: RunState
  let curves: [LossChart.Curve]
  let steps: StepAxis
  let plot: Rect

  func draw(with painter: inout Painter) {
    let palette = painter.palette
    guard let place = steps.axis.position(of: steps.value(Double(step))), place >= 0, place <= 1 else { return }
    let column = plot.x + Int((place * Double(plot.width - 1)).rounded())
    let style = palette.style(.highlight)
    for row in plot.y..<plot.bottom {
      let scalar = painter.canvas[column, row].scalar
      if scalar == 32 || scalar == 0xB7 || scalar == RunMark.Kind.epoch.glyph.value {
        painter.canvas.put(column, row, "│", style)
      }
    }
    let label = " \(NumberText.grouped(step)) "
    let start = min(max(plot.x, column - label.count / 2), plot.right - label.count)
    painter.text(start, plot.bottom, label, palette.selected)
    drawReadout(beside: column, with: &painter)
  }

  private func drawReadout(beside column: Int, with painter: inout Painter) {
    let lines = lines(painter.palette)
    let width = min(plot.width - 2, (lines.map { columns(of: $0) }.max() ?? 0) + 4)
    let height = min(plot.height, lines.count + 2)
    guard width >= 20, height >= 4 else { return }
    let onLeft = column > plot.x + plot.width / 2
    let box = Rect(x: onLeft ? plot.x + 1 : plot.right - width - 1, y: plot.y, width: width, height: height)
    painter.canvas.fill(box, " ", painter.palette.text)
    let inner = painter.panel(box, title, painter.palette.style(.highlight))
    for (index, line) in lines.prefix(inner.height).enumerated() {
      painter.pieces(inner.x, inner.y + index, width: inner.width, line)
    }
  }

  private var title: String {
    let perEpoch = max(1, run.description?.stepsPerEpoch ?? 1)
    return "step \(NumberText.grouped(step)), epoch \(max(0, step - 1) / perEpoch), "
      + NumberText.duration(run.stepClock.seconds(at: Double(step)))
  }

  private func lines(_ palette: Palette) -> [[(String, Style)]] {
    var lines: [[(String, Style)]] = []
    for curve in curves {
      var line: [(String, Style)] = [
        (pad(curve.name, 6), palette.style(curve.color, .bold)), (pad(text(curve.series.raw), 9), palette.value),
        ("~" + pad(text(curve.series.smooth), 9), palette.text),
      ]
      if let dev = curve.dev.last(where: { $0.step <= step }) {
        line.append(("dev " + NumberText.short(dev.value), palette.label))
      }
      lines.append(line)
    }
    let rate = run.learningRate.bucket(at: step).map { NumberText.scientific($0.mean, decimals: 2) } ?? "–"
    lines.append([
      (pad("rate", 6), palette.label), (pad(rate, 9), palette.value), ("norm ", palette.label),
      (text(run.gradientNorm), palette.value),
    ])
    let reach = max(1, Int((steps.steps.upperBound - steps.steps.lowerBound) / Double(max(1, plot.width)) / 2))
    for mark in run.marks.last(4, near: step - reach...step + reach) {
      lines.append([
        ("\(Character(mark.kind.glyph)) ", palette.style(mark.kind.color, .bold)), (mark.text, palette.text),
      ])
    }
    if let best = run.best, abs(best.step - step) <= reach {
      lines.append([("★ ", palette.best), ("best dev, epoch \(best.epoch)", palette.text)])
    }
    return lines
  }

  /// A series at the step; where steps are kept together, their mean.
  private func text(_ series: SeriesHistory) -> String {
    guard let bucket = series.bucket(at: step) else { return "-" }
    return bucket.count > 0 ? NumberText.short(bucket.mean) : "NaN"
  }

  private func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}
