import ArgumentParser
import Glibc
import Paths
import Training

/// How commands report a failure, and write a result that may not be lost unnoticed.
enum Failures {
  /// Runs `body`; its failure goes to standard error as a sentence and becomes the exit code.
  static func reporting<Result>(_ body: () throws(RunFailure) -> Result) throws -> Result {
    do throws(RunFailure) {
      return try body()
    } catch {
      StandardStreams.writeError("mtt-tui: \(error)\n")
      throw ExitCode(error.exitCode)
    }
  }

  /// Writes a result to standard output. A reader that has gone ends the process quietly, a full disk with exit code 73.
  static func output(_ text: String) throws {
    if StandardStreams.writeOutput(text) { return }
    let code = errno
    if code == EPIPE { throw ExitCode.success }
    StandardStreams.writeError("mtt-tui: \(SystemMessage.writing("standard output", code: code))\n")
    throw ExitCode(73)
  }
}
