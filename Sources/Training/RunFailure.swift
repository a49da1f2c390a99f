internal import RunFolder
internal import TextData
internal import TrainingEvents

/// Why a run cannot begin or go on.
struct RunFailure: Error, CustomStringConvertible, Hashable {
  /// 65 bad data; 66 no such input; 70 internal; 73 cannot write; 76 diverged.
  var exitCode: Int32
  /// A sentence: what was found, where, what to do.
  var description: String

  init(exitCode: Int32, _ description: String) {
    self.exitCode = exitCode
    self.description = description
  }

  init(_ error: RunFolderError) {
    self.init(exitCode: error.exitCode, error.description)
  }

  init(_ error: DataError) {
    self.init(exitCode: error.kind == .missing ? 66 : 65, error.description)
  }

  var outcome: RunOutcome { RunOutcome(exitCode: exitCode, message: description) }
}
