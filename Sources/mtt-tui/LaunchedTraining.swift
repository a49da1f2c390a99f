import ArgumentParser
import Dashboard
import Distributed
import Glibc
import Machine
import RunSession
import Training

/// `mtt-tui train` in each of the processes that a launcher started: rank 0 is the run as anybody sees it, the others
/// compute.
enum LaunchedTraining {
  /// Seconds in which rank 0, which has the log, may say first what went wrong.
  private static let grace: UInt32 = 3

  /// Where rank 0 learns what is to be trained.
  enum Origin {
    case commandLine(TrainOptions)
    /// The folder where a dashboard waits to say it.
    case dashboard(String)
  }

  /// Trains to the run's end; the process's exit code.
  ///
  /// - Parameters:
  ///   - peers: of the command line.
  ///   - origin: where rank 0 learns what is to be trained.
  @MainActor
  static func run(_ launcher: Launcher, _ peers: PeerOptions, _ origin: Origin) async -> Int32 {
    signal(SIGPIPE, SIG_IGN)
    let link: MPITransport
    do throws(DistributedError) {
      link = try MPITransport(launcher, library: peers.mpi)
    } catch {
      say("\(error)", rank: launcher.rank)
      return 69
    }
    func group(_ peers: PeerOptions) -> RankGroup {
      RankGroup(
        link, limit: peers.secondsToWait, localCount: launcher.localCount, transportName: MPITransport.libraryName)
    }
    guard link.rank == 0 else { return await follow(group(peers), link) }
    return await lead(link) {
      switch origin {
      case .dashboard(let folder):
        let group = group(peers)
        return (try await EngineCommand.train(try connect(with: folder), ranks: group), group)
      case .commandLine(let given):
        let options = try TrainCommand.withConfigurationFile(given)
        try checkLaunched(options)
        let group = group(options.ranks.peers)
        return (await TrainCommand.trainInLines(options, ranks: group), group)
      }
    }
  }

  /// Throws a sentence where options do not go with a launcher.
  private static func checkLaunched(_ options: TrainOptions) throws {
    guard options.ranks.hosts == nil else {
      throw ValidationError(
        "--hosts starts the processes, but a launcher has started this one already: leave out the one or the other.")
    }
    guard options.display.ui != true else {
      throw ValidationError(
        "--ui is for a run of one process: leave it out, and watch this one with 'mtt-tui attach RUN'.")
    }
    guard !options.trainsFolds else {
      throw ValidationError("--folds trains its runs one after another in one process: start it without a launcher.")
    }
  }

  /// Rank 0, which trains with a group and gives its exit code.
  @MainActor
  private static func lead(
    _ link: MPITransport, _ train: @MainActor () async throws -> (code: Int32, group: RankGroup)
  ) async -> Int32 {
    do {
      let (code, group) = try await train()
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

  private static func connect(with folder: String) throws -> Int32 {
    do throws(SessionError) {
      return try Socket.connect(in: folder)
    } catch {
      say("The dashboard is on another machine: the first of --hosts must be the one on which it is started.", rank: 0)
      throw ExitCode(69)
    }
  }

  /// Any other rank.
  @MainActor
  private static func follow(_ group: RankGroup, _ link: MPITransport) async -> Int32 {
    // Rank 0's standard output is the run's; what a library has to say goes where errors go.
    dup2(STDERR_FILENO, STDOUT_FILENO)
    let signals = SignalSources(SessionRole.owner.signals) { number in
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
