import Formatting
import RunModel
import TerminalCanvas
import Themes
import TrainingEvents

/// How busy the machine is: every core, this process's memory, and how fast training goes on it.
struct MachinePage {
  let machine: MachineHistory
  let run: RunState

  /// Columns that a core takes at least: its number, bar and load.
  private static let narrowest = 18

  /// Several rows for each of a few cores, else one for each of them, in columns if need be.
  func coresHeight(_ area: Rect) -> Int {
    let cores = max(1, machine.latest?.cores.count ?? 1)
    let room = max(5, area.height - 7 - 10)
    guard cores > room - 2 else { return cores * min(4, (room - 2) / cores) + 2 }
    let columns = max(1, (area.width - 4) / Self.narrowest)
    return min(room, max(3, (cores + columns - 1) / columns) + 2)
  }

  func drawCores(in area: Rect, with painter: inout Painter) {
    guard area.height >= 3, area.width >= 24 else { return }
    let palette = painter.palette
    let inner = painter.panel(area, "Cores", palette.line(.cpuBox))
    guard let latest = machine.latest, !latest.cores.isEmpty else {
      painter.text(inner.x, inner.y, width: inner.width, "not measured yet", palette.quiet)
      return
    }
    let columns = min(max(1, inner.width / Self.narrowest), (latest.cores.count + inner.height - 1) / inner.height)
    let perColumn = (latest.cores.count + columns - 1) / columns
    let height = min(4, max(1, inner.height / perColumn))
    let width = inner.width / columns
    for (index, load) in latest.cores.enumerated() {
      let row = index % perColumn
      guard (row + 1) * height <= inner.height else { continue }
      let cell = Rect(
        x: inner.x + index / perColumn * width, y: inner.y + row * height, width: width, height: height)
      draw(core: index, load, in: cell, with: &painter)
    }
    let mean = latest.cores.reduce(0, +) / Double(latest.cores.count)
    var text = " all \(NumberText.fixed(mean * 100, decimals: 0))% "
    let shown = min(latest.cores.count, columns * inner.height)
    if shown < latest.cores.count { text = " \(shown) of \(latest.cores.count) shown," + text }
    painter.text(area.right - 2 - text.count, area.y, text, palette.label)
  }

  private func draw(core index: Int, _ load: Double, in cell: Rect, with painter: inout Painter) {
    let palette = painter.palette
    let gradient = palette.gradient(.cpu)
    painter.text(cell.x, cell.y, width: 4, "\(index)", palette.label, .right)
    let bar = min(24, max(6, cell.width / 3))
    painter.bar(cell.x + 5, cell.y, width: bar, value: load, style: gradient)
    painter.text(
      cell.x + 6 + bar, cell.y, width: 5, NumberText.fixed(load * 100, decimals: 0) + "%", palette.value, .right)
    let line = cell.width - bar - 14
    guard line > 4 else { return }
    painter.canvas.sparkline(
      cell.x + 12 + bar, cell.y, width: line, height: cell.height,
      values: machine.samples.suffix(line).map { index < $0.cores.count ? $0.cores[index] : .nan },
      glyphs: painter.glyphs, style: gradient)
  }

  func drawMemory(in area: Rect, with painter: inout Painter) {
    guard area.height >= 3, area.width >= 24 else { return }
    let palette = painter.palette
    var inner = painter.panel(area, "Memory and threads", palette.line(.memoryBox))
    guard let latest = machine.latest else {
      painter.text(inner.x, inner.y, width: inner.width, "not measured yet", palette.quiet)
      return
    }
    // In a container the rest of the machine's memory is not to be had.
    let total = max(1, latest.limits.memory ?? latest.totalBytes)
    let used = latest.limits.memory == nil ? latest.totalBytes - latest.availableBytes : latest.limits.memoryInUse
    let isGone = latest.residentBytes <= 0
    let rows: [(String, Double, String)] = [
      (
        "this run", Double(latest.residentBytes) / Double(total),
        isGone ? "has ended" : bytes(latest.residentBytes)
      ),
      (
        latest.limits.memory == nil ? "machine" : "limit", Double(used ?? 0) / Double(total),
        (used.map { bytes($0) + " of " } ?? "") + bytes(total)
      ),
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
    var pieces: [(String, Style)] = []
    if !isGone {
      pieces += [
        ("threads   ", palette.label), ("\(latest.threads)", palette.value), ("   this run on ", palette.label),
        (NumberText.fixed(latest.processCores, decimals: 2), palette.value),
      ]
      if let granted = latest.limits.processors {
        let count = NumberText.fixed(granted, decimals: granted == granted.rounded() ? 0 : 1)
        pieces += [(" of ", palette.label), (count, palette.value)]
      }
      pieces += [(" cores   ", palette.label)]
    }
    if let temperature = latest.temperature {
      pieces += [
        ("temperature ", palette.label), (NumberText.fixed(temperature, decimals: 0) + " °C", palette.value),
      ]
    }
    painter.pieces(row.x, row.y, width: row.width, pieces)
    let line = inner.takeTop(inner.height >= 2 ? 2 : 1)
    guard !line.isEmpty else { return }
    let lowest = line.bottom - 1
    painter.text(line.x, lowest, "memory", palette.label)
    let gradient = palette.gradient(.used)
    let values = machine.samples.map { Double($0.residentBytes) }.filter { $0 > 0 }.suffix(line.width - 10)
    let top = values.max() ?? 1
    painter.canvas.sparkline(
      line.x + 10, lowest, width: line.width - 10, values: values.map { $0 / max(top, 1) * 0.85 },
      glyphs: painter.glyphs, style: { gradient($0 * 0.6) })
  }

  func drawSpeed(in area: Rect, with painter: inout Painter) {
    guard area.height >= 3, area.width >= 24 else { return }
    let palette = painter.palette
    let inner = painter.panel(area, "Tokens a second", palette.line(.networkBox))
    let samples = run.throughput.samples
    guard samples.count > 1 else {
      painter.text(inner.x, inner.y, width: inner.width, "not measured yet", palette.quiet)
      return
    }
    let shown = samples.suffix(max(8, inner.width * 2))
    // Training time before now: pauses and evaluations are left out.
    var ago = -shown.reduce(0) { $0 + $1.seconds }
    let xs = shown.map { sample in
      ago += sample.seconds
      return min(0, ago)
    }
    let speeds = shown.map(\.tokensPerSecond)
    let current = run.throughput.current
    let text =
      " \(NumberText.compact(current.stepsPerSecond)) steps/s  \(NumberText.compact(current.sentencesPerSecond))"
      + " sentences/s  \(NumberText.compact(current.tokensPerSecond)) tokens/s "
    if area.width >= 24 + text.count { painter.text(area.right - 2 - text.count, area.y, text, palette.label) }
    SmallChart(
      title: "", xs: xs,
      curves: [SmallChart.Curve(name: "tokens/s", letter: "t", color: .progressEnd, ys: speeds)],
      fixed: 0...max(1, speeds.max() ?? 1) * 1.05, scale: .linear, unit: "ago", verticalLabels: Axis.countLabels,
      horizontalLabels: { values, _ in values.map { $0 >= -0.5 ? "now" : NumberText.duration(-$0) } }
    ).draw(in: inner, with: &painter)
  }

  private func bytes(_ count: Int) -> String { NumberText.compact(Double(max(0, count))) + "B" }
}
