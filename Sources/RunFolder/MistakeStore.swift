import Paths
public import TrainingEvents

/// What a run's evaluations on dev got wrong: `mistakes/step-0000400.json` and so on, of the newest evaluations. Beside
/// them, `mistakes/suspects.json`: the sentences of train that training has believed least.
///
/// The run's process writes them, each before its evaluation is announced; whoever shows the run reads them from the
/// folder. The socket of a live run lies in the same folder, so whoever can ask the process can read the files too.
public struct MistakeStore: Sendable {
  /// Evaluations whose mistakes are kept, and the bytes of all their files: the oldest go.
  static let keptEvaluations = 50
  private let keptBytes: Int
  /// The largest file read: far above what an evaluation keeps.
  private static let largestFile = 256 << 20

  private let path: String

  /// - Parameter folder: the run's.
  public init(runFolder folder: String) { self.init(runFolder: folder, keptBytes: 64 << 20) }

  init(runFolder folder: String, keptBytes: Int) {
    path = absolutePath(folder) + "/mistakes"
    self.keptBytes = keptBytes
  }

  private var suspectsFile: String { path + "/suspects.json" }

  private func file(_ step: Int) -> String { "\(path)/\(Checkpoint.name(step: step)).json" }

  /// Steps of the evaluations that are kept, ascending.
  public var steps: [Int] { FileSystem.names(in: path).compactMap(Self.step).sorted() }

  private static func step(name: String) -> Int? {
    name.hasSuffix(".json") ? Checkpoint.step(name: name.dropLast(5)) : nil
  }

  /// Takes a run up after a step: what its evaluations after that step got wrong, which it makes again, goes, and so does
  /// what a process that was killed left half written.
  public func begin(after step: Int) {
    for name in FileSystem.names(in: path) {
      let goes = Self.step(name: name).map { $0 > step } ?? name.contains(".json.tmp-")
      if goes { FileSystem.remove(path + "/" + name) }
    }
    let suspects = try? readSuspects()
    if suspects.map({ $0.step > step }) ?? true { FileSystem.remove(suspectsFile) }
  }

  /// Writes an evaluation's mistakes, whole or not at all, in place of those of its step; the oldest go where they are too
  /// many. Does not wait for the disk: what a power cut takes, `evaluate` finds again.
  public func write(_ mistakes: EvaluationMistakes) throws(RunFolderError) {
    // Where the run's own folder is gone, its owner makes it anew, with what belongs in it.
    try FileSystem.createFolder(path)
    try FileSystem.writeAtomically(RunJSON.encode(mistakes), to: file(mistakes.step), isDurable: false)
    var bytes = 0
    for (age, step) in steps.reversed().enumerated() {
      bytes += FileSystem.size(file(step)) ?? 0
      if age >= Self.keptEvaluations || (age > 0 && bytes > keptBytes) { FileSystem.remove(file(step)) }
    }
  }

  /// Writes the suspects in place of older ones, as `write` does mistakes.
  public func write(suspects: EvaluationMistakes) throws(RunFolderError) {
    try FileSystem.createFolder(path)
    try FileSystem.writeAtomically(RunJSON.encode(suspects), to: suspectsFile, isDurable: false)
  }

  /// The newest suspects; nil where there are none, as no epoch is done, or an earlier version trained.
  public func readSuspects() throws(RunFolderError) -> EvaluationMistakes? { try read(suspectsFile) }

  /// The mistakes of the evaluation after a step; nil where none are kept of it.
  public func read(step: Int) throws(RunFolderError) -> EvaluationMistakes? { try read(file(step)) }

  private func read(_ file: String) throws(RunFolderError) -> EvaluationMistakes? {
    guard FileSystem.exists(file) else { return nil }
    return try RunJSON.decode(EvaluationMistakes.self, from: readFile(file, limit: Self.largestFile), path: file)
  }
}
