import Comparison
import TerminalCanvas

/// Curves as dots, and where they end.
struct PlottedCurves: Sendable {
  /// Where a curve ends, and whose it is.
  struct End: Sendable {
    var column: Int
    var row: Int
    var letter: Unicode.Scalar
    var style: Style
  }

  let vertical: Axis
  /// nil until there are dots.
  var surface: PlotSurface?
  var ends: [End] = []

  init(vertical: Axis) { self.vertical = vertical }
}

/// What the last frame plotted: a frame in which only the cursor, the table or a notice is another one takes it over, and
/// one in which some curves are others lays out those alone. Where the chart has another size, as on the other page, its
/// former columns are kept besides.
struct PlotCache: Sendable {
  struct Key: Hashable, Sendable {
    var family: String
    var isMain: Bool
    var range: ClosedRange<Double>
    /// Of the space inside the chart's frame.
    var width: Int
    var height: Int
  }

  /// Curves in the plot's columns, by their layouts, and which curves they are.
  typealias Columns = [Int: (number: Int, columns: [Curve.Column])]

  private struct Entry: Sendable {
    var key: Key
    var plotted: PlottedCurves
    var columns: Columns
  }

  /// By family.
  private var entries: [String: Entry] = [:]
  private var before: [String: Entry] = [:]
  /// The shown family's, as it was before it got another size.
  private var aside: Entry?
  private var generation = -1
  private var isCurrent = false

  /// Begins a frame. `generation`: another one where curves, or anything of how they look, have changed.
  mutating func begin(generation: Int) {
    (before, entries) = (entries, [:])
    isCurrent = generation == self.generation
    self.generation = generation
  }

  /// What was plotted in the last frame, if it would be the same now.
  func plotted(_ key: Key) -> PlottedCurves? {
    guard isCurrent, let known = before[key.family], known.key == key else { return nil }
    return known.plotted
  }

  /// The curves in the same columns as now, as far as they were laid out before.
  func columns(_ key: Key, count: Int) -> Columns {
    [before[key.family], aside].lazy.compactMap(\.self)
      .first { $0.key.family == key.family && $0.key.range == key.range && $0.plotted.surface?.columns == count }?
      .columns ?? [:]
  }

  /// Keeps what was plotted for the next frame; without columns, those of the last frame.
  mutating func keep(_ plotted: PlottedCurves, _ columns: Columns?, for key: Key) {
    let former = before[key.family]
    if key.isMain, let former, former.key.isMain, former.plotted.surface?.columns != plotted.surface?.columns {
      aside = former
    }
    entries[key.family] = Entry(key: key, plotted: plotted, columns: columns ?? former?.columns ?? [:])
  }
}
