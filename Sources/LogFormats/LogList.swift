internal import LoggedRuns

/// Logs that were found, each once and under a name of its own.
struct LogList: Sendable {
  /// What another look around brought.
  struct Change {
    var new: [LoggedRun] = []
    /// What lies in folders that could not be read before, by the folders' ids.
    var opened: [String: [LoggedRun]] = [:]

    var isEmpty: Bool { new.isEmpty && opened.isEmpty }
  }

  var logs: [OpenedLog] = []
  private var known: Set<String> = []
  private var names: Set<String> = []
  private let cache: CurveCache?

  /// `cache`: where large logs are looked up, and kept.
  init(cache: CurveCache? = nil) { self.cache = cache }

  /// Whether a folder that could not be read can be read by now.
  var hasOpened: Bool { logs.contains(where: \.isOpened) }

  /// Takes in what lies where logs were looked for: new ones come last, those in a folder that can be read at last in that
  /// folder's place.
  mutating func update(with found: [LogLocation]) -> Change {
    var change = Change()
    for folder in logs.filter(\.isOpened).map(\.location) {
      guard let place = logs.firstIndex(where: { $0.location == folder }) else { continue }
      logs.remove(at: place)
      known.remove(folder.id)
      names.remove(folder.name)
      change.opened[folder.id] = add(found.filter { $0.lies(in: folder.path) }, at: place)
    }
    change.new = add(found)
    return change
  }

  /// Adds those that are new, at a place or at the end, and returns their runs. `descriptor`: what a pipe is read from.
  @discardableResult
  mutating func add(_ found: [LogLocation], at place: Int? = nil, descriptor: Int32 = 0) -> [LoggedRun] {
    var added: [OpenedLog] = []
    for var location in found where !known.contains(location.id) {
      // A folder that is closed after logs were found in it: each of them says so itself.
      let isKnown = location.format == .closedFolder && logs.contains { $0.location.lies(in: location.path) }
      guard !isKnown else { continue }
      known.insert(location.id)
      // The same name below another path: the path distinguishes them. In the same folder: the kind of log does.
      if !names.insert(location.name).inserted {
        if [logs, added].contains(where: { $0.contains { $0.location.path == location.path } }) {
          location.name += " (\(location.format.rawValue))"
        } else {
          location.name = location.path.split(separator: "/").suffix(3).joined(separator: "/")
        }
        names.insert(location.name)
      }
      added.append(OpenedLog(location, descriptor: descriptor, cache: cache))
    }
    logs.insert(contentsOf: added, at: place ?? logs.count)
    return added.map(\.run)
  }
}

extension OpenedLog {
  /// Whether it is a folder that could not be read and can be by now.
  var isOpened: Bool { location.format == .closedFolder && ClosedFolder.trouble(location.path) == nil }
}

extension LogLocation {
  /// Whether it is a folder, or lies in it or below it.
  func lies(in folder: String) -> Bool { path == folder || path.hasPrefix(folder == "/" ? folder : folder + "/") }
}
