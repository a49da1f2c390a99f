public import LoggedRuns

/// The metrics of runs as a tree over `/`.
public struct MetricTree: Sendable {
  public struct Row: Hashable, Sendable, Identifiable {
    /// A group's path ends in `/`.
    public var id: String
    public var title: String
    public var depth: Int
    public var isGroup: Bool
    /// Metrics below a group; for a metric its points over all runs.
    public var count: Int
    public var runs: Int
  }

  /// The rows that are in sight, groups before metrics.
  public let rows: [Row]

  private final class Node {
    var children: [String: Node] = [:]
    var points = 0
    var runs = 0
    var isMetric = false
    var metrics: Int { (isMetric ? 1 : 0) + children.values.reduce(0) { $0 + $1.metrics } }
    var mostRuns: Int { max(runs, children.values.map(\.mostRuns).max() ?? 0) }
  }

  /// `closed`: ids of groups whose rows are not shown. `search`: words that a metric's name must have.
  public init(_ runs: [LoggedRun], closed: Set<String> = [], search: String = "") {
    let root = Node()
    for run in runs {
      for metric in run.metrics where Self.isFound(metric.name, by: search) {
        let summary = metric.summary
        guard !summary.isEmpty else { continue }
        var node = root
        for part in metric.name.split(separator: "/") {
          let next = node.children[String(part)] ?? Node()
          node.children[String(part)] = next
          node = next
        }
        node.isMetric = true
        node.points += summary.count + summary.broken
        node.runs += 1
      }
    }
    var rows: [Row] = []
    Self.list(root, "", 0, closed, &rows)
    self.rows = rows
  }

  /// Whether a name has every word of a search in it, in any case.
  public static func isFound(_ name: String, by search: String) -> Bool {
    guard !search.isEmpty else { return true }
    let name = name.lowercased()
    return search.lowercased().split(separator: " ").allSatisfy { name.contains($0) }
  }

  private static func list(_ node: Node, _ path: String, _ depth: Int, _ closed: Set<String>, _ rows: inout [Row]) {
    let names = node.children.keys.sorted { $0.lowercased() < $1.lowercased() }
    for name in names {
      guard let child = node.children[name] else { continue }
      let id = path + name
      if !child.children.isEmpty {
        let group = id + "/"
        rows.append(
          Row(id: group, title: name, depth: depth, isGroup: true, count: child.metrics, runs: child.mostRuns))
        if !closed.contains(group) { list(child, group, depth + 1, closed, &rows) }
      }
      if child.isMetric {
        rows.append(Row(id: id, title: name, depth: depth, isGroup: false, count: child.points, runs: child.runs))
      }
    }
  }

  /// The families of metrics in runs: those that differ in their split alone are one. The ones with a direction, on
  /// held-out data, come first.
  public static func families(of runs: [LoggedRun]) -> [(family: String, metrics: [String])] {
    var names: Set<String> = []
    for run in runs { for metric in run.metrics where !metric.isEmpty { names.insert(metric.name) } }
    let members = Dictionary(grouping: names.subtracting(PlainAxis.names), by: MetricName.family)
    let figures = RunTable.figures(of: runs).map(MetricName.family)
    func rank(_ family: String) -> Int {
      if let place = figures.firstIndex(of: family) { return place }
      return MetricName.direction(family) == .unknown ? 1000 : 100
    }
    return members.keys.sorted { (rank($0), $0) < (rank($1), $1) }.map { ($0, members[$0]?.sorted() ?? []) }
  }
}

/// Metrics that are places on an axis rather than figures.
enum PlainAxis {
  static let epochs = ["epoch", "train/epoch"]
  /// Seconds of training up to a step, as this program's runs count them.
  static let elapsed = "elapsed"
  static let names = Set(epochs + [elapsed, "step", "global_step"])
}
