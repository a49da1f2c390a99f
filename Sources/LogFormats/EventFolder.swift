internal import LoggedRuns
internal import Paths

/// The event files of a folder: one run, as TensorBoard has it. Any of them may grow.
struct EventFolder: LogReader {
  private let path: String
  private let isFile: Bool
  private var files: [EventFile] = []
  private var current = 0

  /// `path`: a folder, or a single event file.
  init(path: String) {
    self.path = path
    isFile = pathKind(path) == .file
  }

  mutating func read(into sink: inout LogSink, within budget: ReadBudget) -> Bool {
    lookForFiles(&sink)
    for _ in files.indices {
      if files[current].read(into: &sink, within: budget) { return true }
      current = (current + 1) % files.count
      if budget.isSpent {
        note(&sink)
        return current != 0
      }
    }
    current = 0
    note(&sink)
    return false
  }

  private func note(_ sink: inout LogSink) {
    sink.run.files = files.count
    sink.run.bytes = files.reduce(0) { $0 + $1.size }
    sink.run.lastWrite = files.compactMap(\.modified).max()
  }

  /// New files are read, in the order of their names. One that comes before others is rare: all is read anew. Where there
  /// are none any more, those that were there say so.
  private mutating func lookForFiles(_ sink: inout LogSink) {
    let paths = isFile ? [path] : Self.paths(in: path)
    guard !paths.isEmpty, paths != files.map(\.path) else { return }
    let known = files.map(\.path).filter(paths.contains)
    if !paths.starts(with: known) || known.count < files.count {
      for file in files { sink.run.remove(file: file.number, path: file.path) }
      files = []
      sink.run.declaredState = nil
    }
    for path in paths.dropFirst(files.count) { files.append(EventFile(path: path, number: files.count)) }
    current = 0
  }

  /// The folder's event files, and those of the folders that PyTorch's `add_hparams` makes below it, named by a time.
  static func paths(in folder: String) -> [String] {
    var paths: [String] = []
    for entry in FolderEntry.all(in: folder) {
      if entry.isFolder(in: folder) {
        guard isHParamsFolder(entry.name) else { continue }
        let below = folder + "/" + entry.name
        paths += FolderEntry.all(in: below).filter { isEventFile($0.name) }.map { below + "/" + $0.name }
      } else if isEventFile(entry.name) {
        paths.append(folder + "/" + entry.name)
      }
    }
    return paths.sorted { name($0) < name($1) }
  }

  private static func name(_ path: String) -> Substring { path.split(separator: "/").last ?? "" }

  static func isEventFile(_ name: String) -> Bool {
    name.contains("tfevents") && !name.hasSuffix(".profile-empty") && !name.hasSuffix(".sagemaker-uploaded")
  }

  /// Whether a name is a time in seconds with a fraction.
  static func isHParamsFolder(_ name: String) -> Bool {
    name.contains(".") && name.allSatisfy { $0.isASCII && ($0.isNumber || $0 == ".") } && (Double(name) ?? 0) > 1e9
  }
}
