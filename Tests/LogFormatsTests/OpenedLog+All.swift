import LoggedRuns

@testable import LogFormats

extension OpenedLog {
  init(_ path: String, _ format: LogFormat) { self.init(LogLocation(path: path, format: format, name: "run")) }

  /// Reads all that is there now.
  mutating func readAll() {
    repeat { read(within: ReadBudget(seconds: .infinity)) } while hasMore
  }

  static func run(_ path: String, _ format: LogFormat) -> LoggedRun {
    var log = OpenedLog(path, format)
    log.readAll()
    return log.run
  }
}

extension LoggedRun {
  /// The steps and last values of a metric's buckets.
  func points(_ name: String) -> [Int64: Float] {
    Dictionary(uniqueKeysWithValues: (metric(name)?.buckets ?? []).map { ($0.step, $0.last) })
  }

  func steps(_ name: String) -> [Int64] { metric(name)?.buckets.map(\.step) ?? [] }

  var metricNames: Set<String> { Set(metrics.filter { !$0.buckets.isEmpty }.map(\.name)) }
}
