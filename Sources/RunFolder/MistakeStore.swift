public import TrainingEvents

/// What a run's evaluations on dev got wrong: `mistakes/step-0000400.json` and so on, of the newest evaluations.
///
/// The run's process writes them, each before its evaluation is announced; whoever shows the run reads them from the
/// folder. The socket of a live run lies in the same folder, so whoever can ask the process can read the files too.
public struct MistakeStore: Sendable {
  /// Evaluations whose mistakes are kept.
  static let keptEvaluations = 50
  /// The largest file read: far above what an evaluation keeps.
  private static let largestFile = 256 << 20

  private let path: String

  /// - Parameter folder: the run's.
  public init(runFolder folder: String) { path = absolutePath(folder) + "/mistakes" }

  private func file(_ step: Int) -> String { "\(path)/\(Checkpoint.name(step: step)).json" }

  /// Steps of the evaluations that are kept, ascending.
  public var steps: [Int] {
    FileSystem.names(in: path).compactMap { name in
      name.hasSuffix(".json") ? Checkpoint.step(name: name.dropLast(5)) : nil
    }.sorted()
  }

  /// Writes an evaluation's mistakes, whole or not at all, in place of those of its step. Those of later steps, which a
  /// resumed run goes through again, and those of too many evaluations go.
  public func write(_ mistakes: EvaluationMistakes) throws(RunFolderError) {
    // Where the run's own folder is gone, its owner makes it anew, with what belongs in it.
    try FileSystem.createFolder(path)
    try FileSystem.writeAtomically(RunJSON.encode(mistakes), to: file(mistakes.step))
    let steps = steps
    for step in steps where step > mistakes.step { FileSystem.remove(file(step)) }
    for step in steps.filter({ $0 <= mistakes.step }).dropLast(Self.keptEvaluations) { FileSystem.remove(file(step)) }
  }

  /// The mistakes of the evaluation after a step; nil where none are kept of it.
  public func read(step: Int) throws(RunFolderError) -> EvaluationMistakes? {
    let file = file(step)
    guard FileSystem.exists(file) else { return nil }
    return try RunJSON.decode(EvaluationMistakes.self, from: readFile(file, limit: Self.largestFile), path: file)
  }
}
