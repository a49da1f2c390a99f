import TerminalCanvas

/// Where everything of the comparison stands, at a size.
struct ComparisonLayout: Hashable {
  static let minimumWidth = 40
  static let minimumHeight = 10
  /// From here on the configurations' differences lie beside the curves; below it, in their place.
  static let widthForDiff = 110

  var header = Rect(x: 0, y: 0, width: 0, height: 0)
  var keys = Rect(x: 0, y: 0, width: 0, height: 0)
  var table = Rect(x: 0, y: 0, width: 0, height: 0)
  var side = Rect(x: 0, y: 0, width: 0, height: 0)
  var charts: [Rect] = []

  /// `rows`: runs in the table. `charts`: families of metrics there are.
  init(_ page: ComparisonModel.Page, width: Int, height: Int, rows: Int, charts: Int, showsDiff: Bool) {
    var rest = Rect(x: 0, y: 0, width: width, height: height)
    header = rest.takeTop(1)
    keys = rest.takeBottom(1)
    switch page {
    case .runs: layOutRuns(&rest, rows: rows, showsDiff: showsDiff)
    case .metrics: layOutMetrics(&rest, charts: charts)
    }
  }

  private mutating func layOutRuns(_ rest: inout Rect, rows: Int, showsDiff: Bool) {
    table = rest.takeTop(min(rows + 3, max(6, rest.height * 2 / 5)))
    if showsDiff {
      let isBeside = rest.width >= Self.widthForDiff
      side = isBeside ? rest.takeRight(min(60, rest.width * 36 / 100)) : rest.takeBottom(rest.height)
    }
    if !rest.isEmpty { charts = [rest] }
  }

  private mutating func layOutMetrics(_ rest: inout Rect, charts count: Int) {
    side = rest.takeLeft(min(36, max(22, rest.width * 3 / 10)))
    guard count > 0 else { return }
    let across = min(count, max(1, rest.width / 44))
    let down = min((count + across - 1) / across, max(1, rest.height / 10))
    for row in 0..<down {
      var line = Rect(
        x: rest.x, y: rest.y + row * rest.height / down, width: rest.width,
        height: (row + 1) * rest.height / down - row * rest.height / down)
      for column in 0..<across where charts.count < count {
        charts.append(line.takeLeft(line.width / (across - column)))
      }
    }
  }
}
