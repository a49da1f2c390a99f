internal import LoggedRuns
internal import Paths
internal import Yams

/// A run in MLflow's file store: `meta.yaml`, `metrics/NAME` with a line `time value step` a point, `params/NAME`,
/// `tags/NAME`.
struct MLflowLog: LogReader {
  private let folder: String
  private var files: [String: GrowingLines] = [:]
  private var meta: GrowingFile
  private static let smallFile = 1 << 20
  private static let noYAML = "cannot be read as YAML"

  init(folder: String) {
    self.folder = folder
    meta = GrowingFile(path: folder + "/meta.yaml")
  }

  mutating func read(into sink: inout LogSink, within budget: ReadBudget) -> Bool {
    switch meta.look() {
    case .grown, .replaced: readMeta(&sink)
    case .unchanged, .gone: break
    }
    meta.report(&sink)
    for path in Self.files(below: folder + "/params") {
      let name = String(path.dropFirst(folder.count + "/params/".count))
      guard sink.run.configuration[name] == nil, let bytes = GrowingFile.contents(path, limit: Self.smallFile) else {
        continue
      }
      sink.run.configuration[name] = ConfigurationValue(text: String(decoding: bytes, as: UTF8.self).trimmed)
    }
    var more = false
    // Those that were there before say why they are not.
    for path in Set(Self.files(below: folder + "/metrics")).union(files.keys).sorted() {
      more = read(path, &sink, budget) || more
      if budget.isSpent { return true }
    }
    sink.run.files = max(1, files.count)
    sink.run.bytes = files.values.reduce(0) { $0 + $1.size }
    sink.run.lastWrite = (files.values.compactMap(\.modified) + [meta.modified].compactMap(\.self)).max()
    return more
  }

  private mutating func read(_ path: String, _ sink: inout LogSink, _ budget: ReadBudget) -> Bool {
    var file = files[path] ?? GrowingLines(path: path)
    let metric = sink.run.place(of: String(path.dropFirst(folder.count + "/metrics/".count)))
    let reading = file.read(within: budget) { line, number in
      let parts = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: true).map { part in
        NumberBytes.value(UnsafeRawBufferPointer(rebasing: part))
      }
      let step = parts.count == 3 ? parts[2].flatMap { Int64(exactly: $0.rounded()) } : 0
      guard parts.count == 2 || parts.count == 3, let time = parts[0], let value = parts[1], let step else {
        let finding = "a line is not 'time value step' and is left out"
        return sink.run.note(LogProblem(file: path, place: .line(number), finding: finding))
      }
      sink.add(metric, step: step, time: time / 1000, value: value)
    }
    file.report(&sink)
    files[path] = file
    if case .replaced = reading {
      // All files share one number: the run is read anew.
      for path in files.keys { sink.run.remove(file: 0, path: path) }
      files = [:]
      return true
    }
    if case .lines(let more) = reading { return more }
    return false
  }

  private func readMeta(_ sink: inout LogSink) {
    guard let bytes = GrowingFile.contents(meta.path, limit: Self.smallFile),
      let fields = try? Yams.load(yaml: String(decoding: bytes, as: UTF8.self)) as? [String: Any]
    else { return sink.run.noteOnce(LogProblem(file: meta.path, finding: Self.noYAML)) }
    sink.run.withdraw(Self.noYAML, in: meta.path)
    if let name = fields["run_name"] as? String, !name.isEmpty { sink.run.name = name }
    if let start = fields["start_time"] as? Int { sink.run.created = Double(start) / 1000 }
    switch fields["status"] as? Int {
    case 3: sink.run.declaredState = .finished
    case 4: sink.run.declaredState = .failed
    case 5: sink.run.declaredState = .stopped
    default: sink.run.declaredState = nil
    }
  }

  /// Every file below a folder, as metrics' names may have slashes.
  private static func files(below folder: String, depth: Int = 0) -> [String] {
    FolderEntry.all(in: folder).flatMap { entry -> [String] in
      let path = folder + "/" + entry.name
      if !entry.isFolder(in: folder) { return [path] }
      return depth < 8 ? files(below: path, depth: depth + 1) : []
    }
  }
}

extension String {
  /// Without white space at both ends.
  var trimmed: String {
    String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
  }
}
