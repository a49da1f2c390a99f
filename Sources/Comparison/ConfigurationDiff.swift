public import LoggedRuns

/// What runs were configured differently in.
public struct ConfigurationDiff: Sendable {
  /// Keys whose values differ, a missing one counting as a value, sorted; not those that say where a run lies.
  public let differing: [String]
  /// Keys of any of the runs.
  public let total: Int

  public init(_ runs: [LoggedRun]) {
    var keys: Set<String> = []
    for run in runs { keys.formUnion(run.configuration.keys) }
    total = keys.count
    // A run whose log says nothing of its configuration shows no difference.
    let telling = runs.filter { !$0.configuration.isEmpty }
    differing = keys.filter { key in
      guard !RunTable.saysWhere(key), let first = telling.first else { return false }
      return telling.contains { $0.configuration[key] != first.configuration[key] }
    }.sorted()
  }
}

/// Runs that differ in nothing but their seed, or where they lie.
public struct RunGroup: Sendable, Identifiable {
  /// Statistics of a figure over a group.
  public struct Statistics: Hashable, Sendable {
    public var mean: Double
    /// Of a sample: n − 1 in the denominator; nil for one value.
    public var deviation: Double?
    public var count: Int

    public init?(_ values: [Double]) {
      guard !values.isEmpty else { return nil }
      count = values.count
      let mean = values.reduce(0, +) / Double(values.count)
      self.mean = mean
      deviation =
        values.count > 1
        ? (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)).squareRoot() : nil
    }
  }

  /// The first run's id.
  public let id: String
  public let name: String
  /// Ids of the runs, in their order.
  public let members: [String]

  private static let seedKeys: Set<String> = ["seed", "random_seed", "data_seed", "rng_seed", "manual_seed"]

  /// The groups of runs; one whose configuration is not known is a group of its own.
  public static func groups(of runs: [LoggedRun]) -> [RunGroup] {
    var order: [[String: ConfigurationValue]] = []
    var members: [[String: ConfigurationValue]: [LoggedRun]] = [:]
    var groups: [RunGroup] = []
    for run in runs {
      guard !run.configuration.isEmpty else {
        groups.append(RunGroup(id: run.id, name: run.name, members: [run.id]))
        continue
      }
      let key = run.configuration.filter { entry in
        let last = entry.key.split(separator: "/").last.map(String.init) ?? entry.key
        return !seedKeys.contains(last) && !RunTable.saysWhere(entry.key)
      }
      if members[key] == nil { order.append(key) }
      members[key, default: []].append(run)
    }
    for key in order {
      guard let runs = members[key], let first = runs.first else { continue }
      groups.append(RunGroup(id: first.id, name: commonName(runs.map(\.name)), members: runs.map(\.id)))
    }
    let places = Dictionary(uniqueKeysWithValues: runs.enumerated().map { ($0.element.id, $0.offset) })
    return groups.sorted { places[$0.id] ?? 0 < places[$1.id] ?? 0 }
  }

  public func statistics(_ runs: [LoggedRun], _ metric: String) -> Statistics? {
    Statistics(runs.filter { members.contains($0.id) }.compactMap { RunTable.figure($0, metric)?.value })
  }

  /// What names have in common at their beginning, without a cut-off separator.
  private static func commonName(_ names: [String]) -> String {
    guard var common = names.first, names.count > 1 else { return names.first ?? "" }
    for name in names.dropFirst() { common = String(zip(common, name).prefix { $0 == $1 }.map(\.0)) }
    while let last = common.last, "-_./ s".contains(last) { common.removeLast() }
    return common.isEmpty ? names[0] : common
  }
}
