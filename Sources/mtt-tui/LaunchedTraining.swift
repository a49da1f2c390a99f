import ArgumentParser
import Distributed
import Glibc
import Machine
import Training

/// `mtt-tui train` in each of the processes that a launcher started: rank 0 is the run as anybody sees it, the others
/// compute.
enum LaunchedTraining {
  /// Seconds in which rank 0, which has the log, may say first what went wrong.
  private static let grace: UInt32 = 3

  /// Trains to the run's end; the process's exit code.
  ///
  /// - Parameter ranks: of the command line.
  @MainActor
  static func run(_ launcher: Launcher, _ ranks: RankOptions) async -> Int32 {
    signal(SIGPIPE, SIG_IGN)
    let link: MPITransport
    do throws(DistributedError) {
      link = try MPITransport(launcher, library: ranks.mpi)
    } catch {
      say("\(error)", rank: launcher.rank)
      return 69
    }
    func group(_ ranks: RankOptions) -> RankGroup {
      RankGroup(
        link, limit: ranks.secondsToWait, localCount: launcher.localCount, transportName: MPITransport.libraryName)
    }
    return link.rank == 0 ? await lead(group, link) : await follow(group(ranks), link)
  }

  /// Rank 0.
  @MainActor
  private static func lead(_ group: (RankOptions) -> RankGroup, _ link: MPITransport) async -> Int32 {
    do {
      let options = try TrainCommand.resolvedOptions()
      guard options.display.ui != true else {
        throw ValidationError(
          "--ui is for a run of one process: leave it out, and watch this one with 'mtt-tui attach RUN'.")
      }
      let group = group(options.ranks)
      let code = await TrainCommand.trainInLines(options, ranks: group)
      // Where the others wait for something that never comes, MPI can only be ended for all.
      if group.hasEnded { link.end() } else { link.abort(code: code) }
      return code
    } catch {
      // A configuration file's error is said already.
      if !(error is ExitCode) { StandardStreams.writeError("mtt-tui: \(TrainCommand.message(for: error))\n") }
      let code = TrainCommand.exitCode(for: error).rawValue
      link.abort(code: code)
      return code
    }
  }

  /// Any other rank.
  @MainActor
  private static func follow(_ group: RankGroup, _ link: MPITransport) async -> Int32 {
    // Rank 0's standard output is the run's; what a library has to say goes where errors go.
    dup2(STDERR_FILENO, STDOUT_FILENO)
    let signals = SignalSources([SIGINT, SIGTERM, SIGUSR2, SIGUSR1, SIGHUP]) { number in
      // Launchers send signals to all: what a checkpoint is worth to rank 0, it has heard itself.
      if number != SIGUSR1, number != SIGHUP { RankNotice.stop.send(over: link) }
    }
    let failure = await withCheckedContinuation { continuation in
      RankWorker.start(group) { continuation.resume(returning: $0) }
    }
    withExtendedLifetime(signals) {}
    guard let failure else {
      link.end()
      return 0
    }
    sleep(grace)
    say(failure.description, rank: link.rank)
    link.abort(code: failure.exitCode)
    return failure.exitCode
  }

  /// A sentence with who says it.
  private static func say(_ sentence: String, rank: Int) {
    StandardStreams.writeError("mtt-tui: rank \(rank) on \(hostName): \(sentence)\n")
  }
}
