internal import Glibc
public import LoggedRuns
import Paths
internal import RunFolder

/// A log that was found: where, of which kind, and what to call it.
public struct LogLocation: Hashable, Sendable {
  /// Absolute: a folder, a file, or `-`.
  public var path: String
  public var format: LogFormat
  public var name: String

  /// What its run is known by: a folder may hold event files, and what a trainer says of itself besides.
  public var id: String { format == .trainerState ? path + "/trainer_state.json" : path }

  public init(path: String, format: LogFormat, name: String) {
    self.path = path
    self.format = format
    self.name = name
  }
}

/// Why nothing can be opened at a path, as a sentence.
public struct LogError: Error, CustomStringConvertible, Hashable {
  public var description: String
}

/// Finds logs of every known kind.
public enum LogDiscovery {
  private static let deepest = 16
  private static let sniffed = 1 << 16

  /// What is looked for, for messages.
  public static let kinds = """
    run folders of mtt-tui (run.json), TensorBoard event files (*tfevents*), Hugging Face's trainer_state.json, \
    JSON lines (*.jsonl, *.log, metrics.json), tables (*.csv, *.tsv, *.log with a column step or epoch), MLflow runs \
    (meta.yaml with metrics/) and W&B's *.wandb
    """

  /// The logs at a path: the file's own, or all in a folder and below it.
  public static func logs(at path: String) throws(LogError) -> [LogLocation] {
    let path = absolutePath(path)
    guard pathKind(path) == .folder else { return [try file(path)] }
    if let trouble = ClosedFolder.trouble(path) { throw LogError(description: "\(path): \(trouble)") }
    let found = search(path)
    guard found.contains(where: { $0.format != .closedFolder }) else {
      let closed = found.first.flatMap { folder in ClosedFolder.trouble(folder.path).map { folder.path + ": " + $0 } }
      let rest = closed.map { " that can be read: \($0)" } ?? "; looked for \(kinds)"
      throw LogError(description: "\(path): no logs in it or below it\(rest)")
    }
    return found
  }

  /// The logs in a folder and below it, by path.
  public static func search(_ root: String) -> [LogLocation] {
    var found: [LogLocation] = []
    // A link to a folder above is no reason to look at what lies beside this one.
    var visited: Set<[UInt64]> = []
    var above = root
    while above != parent(above) {
      above = parent(above)
      if let identity = identity(above) { visited.insert(identity) }
    }
    search(root, root, 0, &visited, &found)
    return withoutDoubles(found).sorted { ($0.path, $0.format.rawValue) < ($1.path, $1.format.rawValue) }
  }

  /// A single file, whatever its name says.
  private static func file(_ path: String) throws(LogError) -> LogLocation {
    guard isRegularFile(path) else {
      let reason = access(path, F_OK) == 0 ? "is neither a file nor a folder" : "there is no such file or folder"
      throw LogError(description: "\(path): \(reason)")
    }
    guard access(path, R_OK) == 0 else {
      throw LogError(description: SystemMessage.reading(path))
    }
    let name = last(path)
    if EventFolder.isEventFile(name) { return LogLocation(path: path, format: .tensorBoard, name: name) }
    if name == "trainer_state.json" {
      return LogLocation(path: parent(path), format: .trainerState, name: last(parent(path)))
    }
    if name == "run.json" { return LogLocation(path: parent(path), format: .run, name: last(parent(path))) }
    if name.hasSuffix(".wandb") { return LogLocation(path: path, format: .wandb, name: name) }
    guard let format = sniff(path) else {
      throw LogError(description: "\(path): is no log of a known kind; known are \(kinds)")
    }
    return LogLocation(path: path, format: format, name: name)
  }

  // MARK: - Searching

  private static func search(
    _ folder: String, _ root: String, _ depth: Int, _ visited: inout Set<[UInt64]>, _ found: inout [LogLocation]
  ) {
    guard depth < deepest, let identity = identity(folder), visited.insert(identity).inserted else { return }
    func add(_ path: String, _ format: LogFormat) {
      found.append(LogLocation(path: path, format: format, name: name(path, root: root)))
    }
    guard ClosedFolder.trouble(folder) == nil else { return add(folder, .closedFolder) }
    let entries = FolderEntry.all(in: folder)
    let folders = Set(entries.lazy.filter { $0.isFolder(in: folder) }.map(\.name))
    let files = Set(entries.lazy.map(\.name)).subtracting(folders)
    let ownFiles = ["run.log", "metrics.jsonl"]
    if files.contains("run.json"), ownFiles.contains(where: files.contains) || folders.contains("checkpoints") {
      return add(folder, .run)
    }
    if files.contains("meta.yaml"), folders.contains("metrics") { return add(folder, .mlflow) }
    if files.contains(where: EventFolder.isEventFile) { add(folder, .tensorBoard) }
    if files.contains("trainer_state.json") || folders.contains(where: { TrainerStateLog.checkpointStep($0) != nil }),
      TrainerStateLog.isThere(in: folder)
    {
      add(folder, .trainerState)
    }
    for name in files.sorted() {
      let path = folder + "/" + name
      if name.hasSuffix(".wandb") {
        add(path, .wandb)
      } else if isCandidate(name), let format = sniff(path) ?? kindOfUnseen(path) {
        add(path, format)
      }
    }
    let holdsEvents = files.contains(where: EventFolder.isEventFile)
    for name in folders.sorted() where !name.hasPrefix(".") && TrainerStateLog.checkpointStep(name) == nil {
      if holdsEvents, EventFolder.isHParamsFolder(name) { continue }
      search(folder + "/" + name, root, depth + 1, &visited, &found)
    }
  }

  /// The device and the number of what a path names, by which a folder is recognized that was seen before.
  private static func identity(_ path: String) -> [UInt64]? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    return [UInt64(status.st_dev), UInt64(status.st_ino)]
  }

  /// Hugging Face's event files tell more, and earlier, than its `trainer_state.json`; W&B's log folder holds copies.
  private static func withoutDoubles(_ found: [LogLocation]) -> [LogLocation] {
    let events = found.filter { $0.format == .tensorBoard }.map(\.path)
    return found.filter { log in
      log.format != .trainerState || !events.contains { $0.hasPrefix(log.path + "/runs/") }
    }
  }

  /// Whether a file found in a folder may be a log by its name.
  private static func isCandidate(_ name: String) -> Bool {
    [".jsonl", ".csv", ".tsv", ".log"].contains { name.hasSuffix($0) }
      || ["metrics.json", "scalars.json", "log.txt"].contains(name)
  }

  /// The kind of a text file by its first line.
  private static func sniff(_ path: String) -> LogFormat? {
    GrowingFile.beginning(path, count: sniffed).withUnsafeBytes { all in
      let line = UnsafeRawBufferPointer(rebasing: all[..<(all.firstIndex(of: 10) ?? all.count)])
      if line.first == UInt8(ascii: "{") { return isMetricsObject(line) ? .jsonLines : nil }
      return TableLog.isHeader(line) ? .table : nil
    }
  }

  /// The kind that the name of a file says of which nothing can be seen: one that is empty yet, or cannot be read.
  private static func kindOfUnseen(_ path: String) -> LogFormat? {
    guard isRegularFile(path), GrowingFile.beginning(path, count: 1).isEmpty else { return nil }
    if [".csv", ".tsv"].contains(where: path.hasSuffix) { return .table }
    return path.hasSuffix(".jsonl") ? .jsonLines : nil
  }

  /// Whether a line is a JSON object with a step and a number besides.
  private static func isMetricsObject(_ line: UnsafeRawBufferPointer) -> Bool {
    var names: [String] = []
    do throws(JSONProblem) {
      try JSONFields.read(line) { name, value in
        if value.number != nil { names.append(String(decoding: name, as: UTF8.self)) }
      }
    } catch {
      return false
    }
    return names.count > 1 && PointFields.namesStep(names)
  }

  // MARK: - Names

  /// Names of files that every run has: the folder's says more.
  private static let commonNames = [
    "metrics.csv", "results.csv", "progress.csv", "log.csv", "metrics.jsonl", "metrics.json", "scalars.json",
    "trainer_log.jsonl", "log.jsonl", "log.txt", "training.log", "train.log",
  ]

  /// What to call a log that was found below a root.
  private static func name(_ path: String, root: String) -> String {
    let shown = commonNames.contains(last(path)) ? parent(path) : path
    guard shown != root else { return last(root) }
    return root == "/" ? String(shown.dropFirst()) : String(shown.dropFirst(root.count + 1))
  }

  static func last(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

  static func parent(_ path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
