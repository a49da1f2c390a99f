import Formatting
import RunModel
import TerminalCanvas
import Themes
import TrainingEvents

/// How the two tasks share the model: is one drowning, do they pull against each other?
struct BalancePage {
  let run: RunState

  private var balance: BalanceHistory { run.balance }

  func drawWeights(in area: Rect, with painter: inout Painter) {
    guard area.height >= 3, area.width >= 40 else { return }
    let palette = painter.palette
    var inner = painter.panel(area, "Balance of A and B", palette.line(.cpuBox))
    let latest = balance.latest
    row("weight", balance.weights.map { $0 }, &inner, &painter)
    row("loss", PerTask { task in run.series(task).latest.map { $0 * balance.weights[task] } }, &inner, &painter)
    row("gradient", PerTask { latest?.norms[$0] }, &inner, &painter)
    let verdict = verdict
    let line = inner.takeTop(inner.height >= 3 ? 2 : 1)
    guard !line.isEmpty else { return }
    painter.pieces(
      line.x, line.bottom - 1, width: line.width,
      [
        ("cosine    ", palette.label),
        (latest?.cosine.map { NumberText.fixed($0, decimals: 2) } ?? "–", palette.value), ("   ", palette.label),
        (verdict.text, palette.style(verdict.isWarning ? .logWarning : .mainForeground)),
      ])
    let hint = inner.takeTop(1)
    guard !hint.isEmpty else { return }
    var pieces = [(":weight A 0.5", palette.key), (" changes a weight between two steps", palette.label)]
    if let latest {
      pieces.append((", measured at step \(NumberText.grouped(latest.step))", palette.quiet))
      if columns(of: pieces) > hint.width { pieces.removeLast() }
    }
    painter.pieces(hint.x, hint.y, width: hint.width, pieces)
  }

  /// What the last samples say, as a sentence.
  private var verdict: (text: String, isWarning: Bool) {
    guard !balance.samples.isEmpty else { return ("each task's gradient is measured every few hundred steps", false) }
    let recent = balance.samples.suffix(5)
    let cosines = recent.compactMap(\.cosine)
    let sums = PerTask { task in recent.reduce(0) { $0 + $1.norms[task] } }
    let (a, b) = (sums.sentence, sums.words)
    guard a.isFinite, b.isFinite, a + b > 0 else { return ("the encoder gets no gradient", true) }
    if a < b / 10 { return ("B drowns A: more than ten times its gradient", true) }
    if b < a / 10 { return ("A drowns B: more than ten times its gradient", true) }
    let mean = cosines.reduce(0, +) / Double(max(1, cosines.count))
    let lately = ", lately " + NumberText.fixed(mean, decimals: 2)
    if !cosines.isEmpty, mean < -0.2 { return ("the tasks pull against each other" + lately, true) }
    if mean > 0.2 { return ("the tasks help each other" + lately, false) }
    return ("the tasks hardly touch each other" + lately, false)
  }

  /// One figure of both tasks, and how they share it: the first from the left, the second from the right.
  private func row(_ label: String, _ values: PerTask<Double?>, _ inner: inout Rect, _ painter: inout Painter) {
    let line = inner.takeTop(1)
    guard !line.isEmpty else { return }
    let palette = painter.palette
    painter.text(line.x, line.y, label, palette.label)
    for (task, place, number) in [
      (ModelTask.sentence, line.x + 10, line.x + 12), (.words, line.right - 1, line.right - 10),
    ] {
      painter.text(place, line.y, task.rawValue, palette.style(task.color, .bold))
      painter.text(
        number, line.y, width: 8, NumberText.short(values[task]), palette.value, task == .words ? .right : .left)
    }
    let (x, width) = (line.x + 21, line.width - 32)
    guard width >= 8, let first = values.sentence, let second = values.words else { return }
    let share = first / (first + second)
    guard share.isFinite else { return }
    let cells = Int((min(max(share, 0), 1) * Double(width)).rounded())
    // A gap between both, as there may be no colours.
    for cell in 0..<width where cell != cells || cells == 0 {
      let task: ModelTask = cell < cells ? .sentence : .words
      let glyph = painter.glyphs == .ascii ? task.letter : "▄"
      painter.canvas.put(x + cell, line.y, glyph, palette.style(task.color, task == .sentence ? .bold : []))
    }
  }

  // MARK: - Curves

  private var xs: [Double] { balance.samples.map { Double($0.step) } }

  func drawNorms(in area: Rect, with painter: inout Painter) {
    guard area.height >= 5, area.width >= 30 else { return }
    let palette = painter.palette
    _ = painter.panel(area, "Gradient on the encoder", palette.line(.memoryBox))
    legend(ModelTask.allCases.map { ($0.rawValue, $0.color) }, from: area.x + 28, in: area, with: &painter)
    SmallChart(
      title: "", xs: xs,
      curves: ModelTask.allCases.map { task in
        SmallChart.Curve(
          name: task.rawValue, letter: task.letter, color: task.color, ys: balance.samples.map { $0.norms[task] })
      }, scale: .logarithmic, unit: "step"
    ).draw(in: area.inset(1, 1), with: &painter)
  }

  func drawCosine(in area: Rect, with painter: inout Painter) {
    guard area.height >= 5, area.width >= 30 else { return }
    _ = painter.panel(area, "Cosine of both gradients", painter.palette.line(.networkBox))
    SmallChart(
      title: "", xs: xs,
      curves: [
        SmallChart.Curve(
          name: "cosine", letter: "c", color: .lossTotal, ys: balance.samples.map { $0.cosine ?? .nan })
      ], fixed: -1...1, scale: .linear, unit: "step", line: 0
    ).draw(in: area.inset(1, 1), with: &painter)
  }

  /// The rate over the whole run: what it was, what it will be, and where the run is.
  func drawSchedule(in area: Rect, with painter: inout Painter) {
    guard area.height >= 5, area.width >= 30 else { return }
    let palette = painter.palette
    _ = painter.panel(area, "Learning rate", palette.line(.processBox))
    let inner = area.inset(1, 1)
    guard let rates = run.rates(columns: inner.width), let plan = run.plan else {
      painter.text(inner.x + 1, inner.y, width: inner.width - 1, "after the first step", palette.quiet)
      return
    }
    let now = Double(max(1, run.step))
    let end = Double(max(plan.totalSteps, run.newestStep))
    let xs = rates.values.indices.map { (Double($0) + 0.5) / Double(rates.values.count) * end }
    let current = run.lastStep?.learningRate ?? plan.rate(step: run.step)
    let text = " now \(NumberText.scientific(current, decimals: 2)) "
    if area.width >= 24 + text.count { painter.text(area.right - 2 - text.count, area.y, text, palette.value) }
    let past = xs.prefix { $0 < now }
    SmallChart(
      title: "", xs: [1, end],
      curves: [
        SmallChart.Curve(
          name: "rate", letter: "r", color: .progressEnd, ys: rates.values.prefix(past.count) + [current],
          xs: past + [now]),
        SmallChart.Curve(
          name: "to come", letter: ".", color: .progressEnd, ys: [current] + rates.values.dropFirst(past.count),
          xs: [now] + xs.dropFirst(past.count), isQuiet: true),
      ], scale: .linear, unit: "step", point: (now, current), verticalLabels: Self.rateLabels
    ).draw(in: inner, with: &painter)
  }

  /// Rates as people write them: 1e-3, 7.5e-4.
  private static func rateLabels(_ values: [Double], _ step: Double?) -> [String] {
    values.map { $0 == 0 ? "0" : NumberText.scientific($0, decimals: 1).replacing(".0e", with: "e") }
  }

  private func legend(_ names: [(String, ThemeKey)], from x: Int, in area: Rect, with painter: inout Painter) {
    let palette = painter.palette
    var pieces: [(String, Style)] = []
    for (name, color) in names { pieces += [(" ━ ", palette.style(color, .bold)), (name + " ", palette.label)] }
    if x + columns(of: pieces) < area.right - 1 { painter.pieces(x, area.y, width: area.right - 2 - x, pieces) }
  }
}
