public import LoggedRuns

extension RunTable {
  private static let figureCount = 4
  private static let configurationCount = 3
  /// Configuration keys that say where a run lies rather than what it is.
  private static let placeKeys: Set<String> = [
    "runDirectory", "run_dir", "name", "run_name", "output_dir", "logging_dir", "save_dir", "log_dir", "dir",
  ]

  /// Whether a configuration key says where a run lies rather than what it is.
  static func saysWhere(_ key: String) -> Bool {
    placeKeys.contains(key.split(separator: "/").last.map(String.init) ?? key)
  }

  /// The columns that distinguish these runs: figures that most of them have, those on held-out data first, and
  /// configuration that differs.
  public static func columns(for runs: [LoggedRun], hasBaseline: Bool = false) -> [Column] {
    var columns: [Column] = [.name, .state, .epoch, .step]
    let figures = figures(of: runs)
    columns += figures.map(Column.metric)
    if hasBaseline, let first = figures.first { columns.insert(.delta(first), at: 5) }
    columns += ConfigurationDiff(runs).differing
      .sorted { (rank($0), $0) < (rank($1), $1) }.prefix(configurationCount).map(Column.configuration)
    return columns + [.age]
  }

  /// The metrics that runs are judged by, the most informative first.
  public static func figures(of runs: [LoggedRun]) -> [String] {
    var counts: [String: Int] = [:]
    for run in runs {
      for metric in run.metrics where !metric.isEmpty { counts[metric.name, default: 0] += 1 }
    }
    let ranked = counts.keys.filter { MetricName.direction($0) != .unknown }.sorted { left, right in
      let first = (MetricName.isEvaluation(left) ? 0 : 1, -(counts[left] ?? 0), importance(left), left)
      let second = (MetricName.isEvaluation(right) ? 0 : 1, -(counts[right] ?? 0), importance(right), right)
      return first < second
    }
    return Array(ranked.prefix(figureCount))
  }

  /// Figures that one looks at first come first.
  private static func importance(_ name: String) -> Int {
    let order = ["exact_match", "entity_f1", "f1", "accuracy_a", "accuracy_b", "accuracy", "acc"]
    let family = MetricName.family(name)
    if let place = order.firstIndex(of: family) { return place }
    // What is aimed at says more than the loss by which it is.
    return MetricName.direction(name) == .up ? order.count : family == "loss" ? order.count + 1 : order.count + 2
  }

  private static func rank(_ key: String) -> Int {
    let order = ["preset", "lr", "learningRate", "learning_rate", "batchSize", "batch_size", "epochs", "seed"]
    return order.firstIndex(of: key.split(separator: "/").last.map(String.init) ?? key) ?? order.count
  }

  /// A column by its name: a fixed one, a metric, or a configuration key; of the last two the last part is enough.
  public static func column(named name: String, in runs: [LoggedRun]) -> Column? {
    let fixed: [String: Column] = [
      "run": .name, "name": .name, "state": .state, "kind": .format, "format": .format, "epoch": .epoch, "step": .step,
      "points": .points, "age": .age,
    ]
    if let column = fixed[name] { return column }
    if name == "best" { return figures(of: runs).first.map(Column.metric) }
    if let metric = match(name, Set(runs.flatMap { $0.metrics.map(\.name) })) { return .metric(metric) }
    return match(name, Set(runs.flatMap { $0.configuration.keys })).map(Column.configuration)
  }

  /// The one of some names that is meant: the same, the same last part, or the same letters.
  static func match(_ name: String, _ candidates: Set<String>) -> String? {
    if candidates.contains(name) { return name }
    func plain(_ text: some StringProtocol) -> String {
      let letters = text.lowercased().filter { $0.isLetter || $0.isNumber }
      return letters == "lr" ? "learningrate" : letters
    }
    func last(_ text: String) -> Substring { text.split { $0 == "/" || $0 == "." }.last ?? Substring(text) }
    let sorted = candidates.sorted { left, right in
      (MetricName.isEvaluation(left) ? 0 : 1, left.count, left) < (
        MetricName.isEvaluation(right) ? 0 : 1, right.count, right
      )
    }
    return sorted.first { last($0) == name[...] } ?? sorted.first { plain($0) == plain(name) }
      ?? sorted.first { plain(last($0)) == plain(name) } ?? sorted.first { plain(last($0)).hasSuffix(plain(name)) }
  }
}

extension SeriesSummary {
  /// Whether there is no point at all.
  public var isEmpty: Bool { count + broken == 0 }
}
