internal import RunFolder
public import TextData
internal import TrainingEvents

/// Why a run, an answer, an export or a benchmark cannot be had, or a run not go on.
public struct RunFailure: Error, CustomStringConvertible, Hashable, Sendable {
  /// 65 bad data; 66 no such input; 70 internal; 73 cannot write; 76 diverged.
  public var exitCode: Int32
  /// A sentence: which file, what was found, what to do.
  public var description: String

  public init(exitCode: Int32, _ description: String) {
    self.exitCode = exitCode
    self.description = description
  }

  init(_ error: RunFolderError) { self.init(exitCode: error.exitCode, error.description) }

  public init(_ error: DataError) {
    switch error.kind {
    case .missing: self.init(exitCode: 66, error.description)
    case .malformed: self.init(exitCode: 65, error.description)
    case .unwritable: self.init(exitCode: 73, error.description)
    }
  }

  /// The result of `body`, whose error becomes this one.
  static func converting<Result>(_ body: () throws(RunFolderError) -> Result) throws(RunFailure) -> Result {
    do throws(RunFolderError) {
      return try body()
    } catch {
      throw RunFailure(error)
    }
  }

  var outcome: RunOutcome { RunOutcome(exitCode: exitCode, message: description) }
}
