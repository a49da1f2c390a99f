import Comparison

/// Families of metrics that the user has put into one chart.
extension ComparisonModel {
  /// What joined families are called together.
  private static func name(_ families: [String]) -> String { families.joined(separator: " + ") }

  /// The metric that the tree's cursor is on.
  var treeMetric: String? {
    guard tree.rows.indices.contains(treeRow), !tree.rows[treeRow].isGroup else { return nil }
    return tree.rows[treeRow].id
  }

  /// The family of the tree's metric; nil for a group, and for what is a place on an axis and has no chart.
  var treeFamily: String? {
    treeMetric.flatMap { metric in
      families.contains { $0.metrics.contains(metric) } ? MetricName.family(metric) : nil
    }
  }

  /// The chart that a metric is in.
  func family(of metric: String) -> String {
    let family = MetricName.family(metric)
    return joined.first { $0.contains(family) }.map(Self.name) ?? family
  }

  func isJoined(_ family: String) -> Bool { joined.contains { Self.name($0) == family } }

  /// The families with those that are joined as one, in the place of their first.
  func joinedFamilies(_ families: [(family: String, metrics: [String])]) -> [(family: String, metrics: [String])] {
    var result: [(family: String, metrics: [String])] = []
    for (family, metrics) in families {
      guard let group = joined.first(where: { $0.contains(family) }) else {
        result.append((family, metrics))
        continue
      }
      let name = Self.name(group)
      guard !result.contains(where: { $0.family == name }) else { continue }
      result.append((name, group.flatMap { part in families.first { $0.family == part }?.metrics ?? [] }))
    }
    return result
  }

  /// Those of a chart's metrics that are dashed: of joined ones all but the first's, else what is trained on.
  func dashedMetrics(_ family: String, _ metrics: [String]) -> Set<String> {
    guard metrics.count > 1 else { return [] }
    guard let first = joined.first(where: { Self.name($0) == family })?.first else {
      return Set(metrics.filter { !MetricName.isEvaluation($0) })
    }
    return Set(metrics.filter { MetricName.family($0) != first })
  }

  /// Joins the chart of the tree's metric with the one that was chosen before; on a joined one, takes them apart.
  mutating func join() {
    guard let family = treeFamily else { return }
    if let place = joined.firstIndex(where: { $0.contains(family) }), joining == nil {
      joined.remove(at: place)
      chosenFamily = family
    } else if let chosen = joining {
      joining = nil
      guard chosen != family, !joined.contains(where: { $0.contains(chosen) && $0.contains(family) }) else { return }
      let group = parts(of: chosen) + parts(of: family)
      joined.removeAll { $0.contains(chosen) || $0.contains(family) }
      joined.append(group)
      chosenFamily = Self.name(group)
    } else {
      joining = family
    }
  }

  private func parts(of family: String) -> [String] { joined.first { $0.contains(family) } ?? [family] }
}
