import Comparison
import LoggedRuns
import TerminalCanvas
import Themes

/// Puts curves, or groups of them, onto a plot's dots.
struct CurvePlotter {
  let model: ComparisonModel
  let curves: [DrawnCurve]
  /// What is drawn in the curves' place; empty for the curves themselves.
  let groups: [RunGroup]
  let range: ClosedRange<Double>
  let scale: PlotScale
  let palette: Palette

  /// A curve in the plot's columns.
  private struct LaidOut {
    var drawn: DrawnCurve
    var columns: [Curve.Column]
  }

  /// Plots on an empty surface. `known`: curves that are laid out in its columns already. Returns all that are now.
  func plot(
    _ plotted: inout PlottedCurves, on empty: PlotSurface, _ known: PlotCache.Columns
  ) -> PlotCache.Columns {
    var surface = empty
    let laidOut = curves.map { drawn in
      let columns =
        known[drawn.layout].map { $0.number == drawn.number ? $0.columns : drawn.curve.valued($0.columns) }
        ?? drawn.curve.columns(surface.columns, over: range)
      return LaidOut(drawn: drawn, columns: columns)
    }
    if groups.isEmpty {
      // What spreads behind the curves first, so that it covers none of them.
      for curve in laidOut { drawBand(curve, &surface) }
      for curve in laidOut { draw(curve, &surface) }
      for curve in laidOut where !curve.drawn.isReplaced { mark(curve, &surface, &plotted.ends) }
    } else {
      drawGroups(laidOut, &surface, &plotted.ends)
    }
    plotted.surface = surface
    return Dictionary(
      laidOut.map { ($0.drawn.layout, ($0.drawn.number, $0.columns)) }, uniquingKeysWith: { first, _ in first })
  }

  /// What smoothing hides, and what a column of many points spans.
  private func drawBand(_ curve: LaidOut, _ surface: inout PlotSurface) {
    let band = surface.addLayer(faint(curve.drawn), letter: ".", isShade: true)
    let least = model.smoothing > 0 ? 1 : 2
    for (index, column) in curve.columns.enumerated() where column.count >= least {
      guard let low = scale.row(column.minimum), let high = scale.row(column.maximum) else { continue }
      surface.vertical(band, index, from: low, to: high)
    }
  }

  private func faint(_ drawn: DrawnCurve) -> Style {
    palette.faint(RunColors.color(drawn.slot, model.theme))
  }

  private func draw(_ curve: LaidOut, _ surface: inout PlotSurface) {
    let drawn = curve.drawn
    let color = RunColors.color(drawn.slot, model.theme)
    let layer = surface.addLayer(
      drawn.isReplaced ? faint(drawn) : palette.style(color, drawn.isDashed ? [] : .bold),
      letter: DrawnCurve.letter(drawn.slot))
    var previous: (column: Int, row: Int)?
    for (index, column) in curve.columns.enumerated() where column.count > 0 {
      guard let row = scale.row(column.last) else { continue }
      if let previous {
        surface.line(layer, from: previous, to: (index, row), period: drawn.isDashed ? 3 : 1)
      } else {
        surface.dot(layer, index, row)
      }
      previous = (index, row)
    }
  }

  /// What must not be overlooked: values that are not finite, the best one, and at the end whose curve it is.
  private func mark(_ curve: LaidOut, _ surface: inout PlotSurface, _ ends: inout [PlottedCurves.End]) {
    let (drawn, columns) = (curve.drawn, curve.columns)
    for (index, column) in columns.enumerated() where column.broken > 0 {
      surface.mark(index, 0, "×", palette.style(.stateFailed, .bold))
    }
    let style = palette.style(RunColors.color(drawn.slot, model.theme), .bold)
    if !drawn.isDashed, let best = best(drawn), let place = drawn.curve.place(ofStep: best.step), range.contains(place),
      let row = scale.row(best.value)
    {
      surface.mark(scale.column(place), row, "★", style)
    }
    guard let end = columns.lastIndex(where: { $0.count > 0 }), let row = scale.row(columns[end].last) else { return }
    ends.append(
      PlottedCurves.End(column: end, row: row, letter: DrawnCurve.letter(drawn.slot), style: style)
    )
  }

  private func best(_ drawn: DrawnCurve) -> SeriesSummary.Place? {
    switch drawn.direction {
    case .up: drawn.summary.highest
    case .down: drawn.summary.lowest
    case .unknown: nil
    }
  }

  /// Each group as the mean of its runs, one standard deviation to both sides.
  private func drawGroups(_ laidOut: [LaidOut], _ surface: inout PlotSurface, _ ends: inout [PlottedCurves.End]) {
    for group in groups {
      let slot = model.slot(group.id)
      let color = RunColors.color(slot, model.theme)
      for metric in Set(laidOut.map(\.drawn.curve.metric)).sorted() {
        let members = laidOut.filter {
          group.members.contains($0.drawn.curve.run) && $0.drawn.curve.metric == metric && !$0.drawn.isReplaced
        }
        guard let first = members.first else { continue }
        let band = surface.addLayer(palette.faint(color), letter: ".", isShade: true)
        let layer = surface.addLayer(palette.style(color, .bold), letter: DrawnCurve.letter(slot))
        var previous: (column: Int, row: Int)?
        for index in 0..<surface.columns {
          let values = members.filter { $0.columns[index].count > 0 }.map { $0.columns[index].last }.filter(\.isFinite)
          guard let statistics = RunGroup.Statistics(values), let row = scale.row(statistics.mean) else { continue }
          if let deviation = statistics.deviation, let low = scale.row(statistics.mean - deviation),
            let high = scale.row(statistics.mean + deviation)
          {
            surface.vertical(band, index, from: low, to: high)
          }
          surface.line(layer, from: previous ?? (index, row), to: (index, row), period: first.drawn.isDashed ? 3 : 1)
          previous = (index, row)
        }
        guard let previous else { continue }
        ends.append(
          PlottedCurves.End(
            column: previous.column, row: previous.row, letter: DrawnCurve.letter(slot),
            style: palette.style(color, .bold)))
      }
    }
  }
}
