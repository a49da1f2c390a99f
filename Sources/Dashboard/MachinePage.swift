import TerminalCanvas
import Themes
import TrainingEvents

/// How busy the machine is: every core, this process's memory, and how fast training goes on it.
struct MachinePage {
  let machine: MachineHistory
  let run: RunState

  func draw(in area: Rect, with painter: inout Painter) {
    var rest = area
    let cores = machine.latest?.cores.count ?? 1
    let columns = area.width >= 120 ? 2 : 1
    let height = min(max(5, (cores + columns - 1) / columns + 2), max(5, area.height - 14))
    let top = rest.takeTop(height)
    painter.panel(.cores, in: top) { drawCores(in: top, columns: columns, with: &$0) }
    let memory = rest.takeTop(min(7, rest.height))
    painter.panel(.memory, in: memory) { drawMemory(in: memory, with: &$0) }
    painter.panel(.speed, in: rest) { drawSpeed(in: rest, with: &$0) }
  }

  func drawCores(in area: Rect, columns: Int = 1, with painter: inout Painter) {
    guard area.height >= 3, area.width >= 24 else { return }
    let palette = painter.palette
    let inner = painter.panel(area, "Cores", palette.style(.cpuBox))
    guard let latest = machine.latest else {
      painter.text(inner.x, inner.y, width: inner.width, "not measured yet", palette.quiet)
      return
    }
    let width = inner.width / columns
    let gradient = palette.gradient(.cpu)
    for (index, load) in latest.cores.enumerated() {
      let (row, column) = (index % inner.height, index / inner.height)
      guard column < columns else { break }
      let x = inner.x + column * width
      let y = inner.y + row
      painter.text(x, y, width: 4, "\(index)", palette.label, .right)
      let bar = min(24, max(6, width / 3))
      painter.bar(x + 5, y, width: bar, value: load, style: gradient)
      painter.text(x + 6 + bar, y, width: 5, NumberText.fixed(load * 100, decimals: 0) + "%", palette.value, .right)
      let line = width - bar - 14
      guard line > 4 else { continue }
      painter.canvas.sparkline(
        x + 12 + bar, y, width: line,
        values: machine.samples.suffix(line).map { index < $0.cores.count ? $0.cores[index] : .nan },
        glyphs: painter.glyphs, style: gradient)
    }
  }

  func drawMemory(in area: Rect, with painter: inout Painter) {
    guard area.height >= 3, area.width >= 24 else { return }
    let palette = painter.palette
    var inner = painter.panel(area, "Memory and threads", palette.style(.memoryBox))
    guard let latest = machine.latest else {
      painter.text(inner.x, inner.y, width: inner.width, "not measured yet", palette.quiet)
      return
    }
    let total = Double(max(1, latest.totalBytes))
    let used = Double(latest.totalBytes - latest.availableBytes)
    let rows: [(String, Double, String)] = [
      ("this run", Double(latest.residentBytes) / total, bytes(latest.residentBytes)),
      ("machine", used / total, bytes(latest.totalBytes - latest.availableBytes) + " of " + bytes(latest.totalBytes)),
    ]
    for (label, share, text) in rows {
      let row = inner.takeTop(1)
      guard !row.isEmpty else { return }
      painter.text(row.x, row.y, label, palette.label)
      let bar = max(4, row.width - 32)
      painter.bar(row.x + 10, row.y, width: bar, value: share, style: palette.gradient(.used))
      painter.text(row.x + 11 + bar, row.y, width: row.width - 11 - bar, text, palette.value)
    }
    let row = inner.takeTop(1)
    guard !row.isEmpty else { return }
    var pieces: [(String, Style)] = [
      ("threads   ", palette.label), ("\(latest.threads)", palette.value), ("   this run on ", palette.label),
      (NumberText.fixed(latest.processCores, decimals: 2), palette.value), (" cores", palette.label),
    ]
    if let temperature = latest.temperature {
      pieces += [
        ("   temperature ", palette.label), (NumberText.fixed(temperature, decimals: 0) + " °C", palette.value),
      ]
    }
    painter.pieces(row.x, row.y, width: row.width, pieces)
    let line = inner.takeTop(inner.height >= 2 ? 2 : 1)
    guard !line.isEmpty else { return }
    let lowest = line.bottom - 1
    painter.text(line.x, lowest, "memory", palette.label)
    let gradient = palette.gradient(.used)
    let values = machine.samples.suffix(line.width - 10).map { Double($0.residentBytes) }
    let top = values.max() ?? 1
    painter.canvas.sparkline(
      line.x + 10, lowest, width: line.width - 10, values: values.map { $0 / max(top, 1) * 0.85 },
      glyphs: painter.glyphs, style: { gradient($0 * 0.6) })
  }

  func drawSpeed(in area: Rect, with painter: inout Painter) {
    guard area.height >= 3, area.width >= 24 else { return }
    let palette = painter.palette
    let inner = painter.panel(area, "Speed", palette.style(.networkBox))
    let samples = run.throughput.samples
    guard samples.count > 1 else {
      painter.text(inner.x, inner.y, width: inner.width, "not measured yet", palette.quiet)
      return
    }
    let shown = samples.suffix(max(8, inner.width * 2)).map(\.tokensPerSecond)
    SmallChart(
      title: "tokens/s", xs: shown.indices.map(Double.init),
      curves: [SmallChart.Curve(name: "tokens/s", letter: "t", color: .progressEnd, ys: Array(shown))],
      fixed: 0...max(1, shown.max() ?? 1) * 1.05, scale: .linear, unit: "recent"
    ).draw(in: inner, with: &painter)
  }

  private func bytes(_ count: Int) -> String { NumberText.compact(Double(max(0, count))) + "B" }
}
