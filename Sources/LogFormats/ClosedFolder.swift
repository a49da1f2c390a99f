internal import Glibc
internal import LoggedRuns
internal import Paths

/// A folder that cannot be read: a row that says why, in place of whatever lies in it.
struct ClosedFolder: LogReader {
  let path: String
  private var reported: String?

  init(path: String) { self.path = path }

  /// Once it can be read its logs take its place; until then its reason stands.
  mutating func read(into sink: inout LogSink, within budget: ReadBudget) -> Bool {
    guard let trouble = Self.trouble(path) else { return false }
    if let reported, reported != trouble { sink.run.withdraw(reported, in: path) }
    sink.run.noteOnce(LogProblem(file: path, finding: trouble))
    reported = trouble
    return false
  }

  /// Why a folder cannot be looked into, as the end of a sentence; nil where it can.
  static func trouble(_ path: String) -> String? {
    let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { return "cannot be read: " + SystemMessage.text() }
    close(folder)
    // The names in it may be listed and what they name still be out of reach.
    var status = stat()
    return stat(path + "/.", &status) == 0 ? nil : "cannot be read: " + SystemMessage.text()
  }
}
