import ArgumentParser
import Distributed
import Formatting
import Foundation
import Glibc
import Paths
import RunSession
import Training

/// Starts the engine as several processes, on several machines, by `mpirun`, `mpiexec` or `srun`.
///
/// The launcher has a session of its own, as the engine's process of a run on one machine has. Rank 0, on this machine,
/// comes to a socket in a folder that is this user's alone, and is followed from there on like any other engine.
@MainActor
enum LaunchedEngine {
  /// How long a launcher may take to end whose rank 0 is gone, or one of whose processes cannot begin.
  private nonisolated static let patience: Duration = .seconds(20)
  /// Of what a launcher prints; Open MPI says in some thirty lines that a machine cannot be reached.
  private nonisolated static let mostLines = 60

  /// Returns when all processes have begun.
  static func start(
    _ start: TrainingEngine.Start, on hosts: HostList, _ options: RankOptions
  ) async throws(RunFailure) -> RemoteSession {
    let environment = ProcessInfo.processInfo.environment
    let launcher = try launcher(options.launcher, environment: environment)
    let place = try MeetingPlace()
    defer { place.remove() }
    let engine = [program, EngineCommand.name, "--dashboard", place.folder] + options.peers.arguments
    let command: [String]
    do throws(DistributedError) {
      command = try launcher.command(engine, on: hosts, environment: environment)
    } catch {
      throw RunFailure(exitCode: 64, "--hosts: \(error)")
    }
    let settings = launcher.settings(environment: environment).map { "\($0.key)=\($0.value)" }
    let console = makeUnnamedFile()
    let (process, code) = DetachedProcess.spawn(
      launcher.path, command, environment: Arguments.environment + settings.sorted(), output: console)
    guard code == 0 else {
      throw RunFailure(exitCode: 69, "\(launcher.path) could not be started: \(SystemMessage.text(code)).")
    }
    StandardStreams.writeError(
      "mtt-tui: Starting \(hosts.processCount) processes on \(hosts.names.joined(separator: ", ")) by \(launcher.path).\n"
    )
    guard let socket = try await firstProcess(at: place, of: process, console: console) else {
      let ending = LastWords.ending(launcher.path, status: DetachedProcess.wait(for: process))
      throw RunFailure(exitCode: 69, sentence(ending, console))
    }
    EngineProcess.send(start, to: socket)
    return RemoteSession(descriptor: socket) { run in
      // Once it has ended, all that it says is there.
      let ending = ending(of: process, launcher.path)
      return LastWords.loss(
        of: run, ending: ending, words: LauncherProgram.faults(in: LastWords.lines(of: console, most: mostLines)),
        options: " --hosts " + hosts.hosts.map { "\($0.name):\($0.processes)" }.joined(separator: ","))
    }
  }

  /// The launcher that was asked for, or the first that there is.
  private static func launcher(
    _ name: String?, environment: [String: String]
  ) throws(RunFailure) -> LauncherProgram {
    let names = name.map { [$0] } ?? LauncherProgram.names(environment: environment)
    guard let path = names.lazy.compactMap(executable).first else {
      throw RunFailure(
        exitCode: 69,
        name.map { "--launcher: there is no program '\($0)'." }
          ?? "There is no \(names.joined(separator: " or ")) to start processes with: install Open MPI (Debian's package"
          + " openmpi-bin) or MPICH (mpich) on every machine, or name a launcher by --launcher.")
    }
    let console = makeUnnamedFile()
    defer { if console >= 0 { close(console) } }
    let (process, code) = DetachedProcess.spawn(path, [path, "--version"], output: console)
    if code == 0 { _ = DetachedProcess.wait(for: process) }
    let version = LastWords.lines(of: console, most: mostLines).joined(separator: "\n")
    guard let launcher = LauncherProgram(path: path, version: version) else {
      throw RunFailure(
        exitCode: 69,
        "\(path) is no launcher of Open MPI, MPICH or Slurm, by what it says of its version:"
          + " name another by --launcher.")
    }
    if let obstacle = launcher.obstacle(environment: environment, isRoot: geteuid() == 0) {
      throw RunFailure(exitCode: 69, obstacle)
    }
    return launcher
  }

  /// A program's path from the root: by PATH where its name is no path.
  private static func executable(_ name: String) -> String? {
    let folders = name.contains("/") ? [""] : (environmentPath("PATH") ?? "/usr/bin:/bin").split(separator: ":")
    return folders.lazy.map { absolutePath($0.isEmpty ? name : "\($0)/\(name)") }.first {
      pathKind($0) == .file && access($0, X_OK) == 0
    }
  }

  /// This program's path, which is the same on all machines; where its file was replaced, that of the new one.
  private static var program: String {
    let name = Arguments.all.first ?? "mtt-tui"
    return EngineProcess.path ?? executable(name) ?? absolutePath(name)
  }

  // MARK: - Beginning and end

  /// A folder of this user alone, with a socket at which the launcher's first process is awaited.
  private struct MeetingPlace {
    let folder: String
    let listener: Int32

    init() throws(RunFailure) {
      let made = makeTemporaryFolder()
      guard made.isMade else {
        throw RunFailure(exitCode: 73, "\(made.path): cannot be made: \(SystemMessage.text()).")
      }
      folder = made.path
      do throws(SessionError) {
        listener = try Socket.listen(in: folder)
      } catch {
        rmdir(folder)
        throw RunFailure(exitCode: 73, "\(error).")
      }
    }

    func remove() {
      close(listener)
      unlink(folder + "/" + Socket.fileName)
      rmdir(folder)
    }
  }

  /// The socket to the first of a launcher's processes; nil where the launcher ends before there is one.
  ///
  /// A signal ends the launcher.
  private static func firstProcess(
    at place: MeetingPlace, of launcher: pid_t, console: Int32
  ) async throws(RunFailure) -> Int32? {
    var received: [Int32] = []
    let signals = SignalSources([SIGINT, SIGTERM, SIGHUP]) { number in
      // It ends what it has started; a second signal does not wait for that.
      kill(received.isEmpty ? launcher : -launcher, received.isEmpty ? SIGTERM : SIGKILL)
      received.append(number)
    }
    let listener = place.listener
    let socket = await withCheckedContinuation { continuation in
      DispatchQueue(label: "launch").async {
        continuation.resume(returning: accept(listener, orEndOf: launcher, console: console))
      }
    }
    withExtendedLifetime(signals) {}
    guard let number = received.first else { return socket }
    if let socket { close(socket) }
    throw RunFailure(
      exitCode: 128 + number, "\(SignalSources.name(number)): stopped; nothing has been trained yet.")
  }

  private nonisolated static func accept(_ listener: Int32, orEndOf launcher: pid_t, console: Int32) -> Int32? {
    var trouble: ContinuousClock.Instant?
    while true {
      var waiting = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
      if poll(&waiting, 1, 100) > 0, let socket = try? Socket.accept(listener) { return socket }
      if DetachedProcess.hasEnded(launcher) { return nil }
      // MPICH waits for ever for a machine that SSH has not reached.
      if trouble == nil, !LauncherProgram.faults(in: LastWords.lines(of: console, most: mostLines)).isEmpty {
        trouble = .now
      }
      if let trouble, ContinuousClock.now - trouble > patience { kill(-launcher, SIGKILL) }
    }
  }

  /// How a launcher ended whose first process is gone, as the start of a sentence.
  private nonisolated static func ending(of launcher: pid_t, _ path: String) -> String {
    let start = ContinuousClock.now
    while ContinuousClock.now - start < patience {
      if DetachedProcess.hasEnded(launcher) {
        return LastWords.ending(path, status: DetachedProcess.wait(for: launcher))
      }
      usleep(50_000)
    }
    return "Rank 0 is gone, and \(path) (process \(launcher)) still waits for another machine"
  }

  private static func sentence(_ ending: String, _ console: Int32) -> String {
    let printed = LastWords.lines(of: console, most: mostLines)
    let faults = LauncherProgram.faults(in: printed)
    let words = faults.isEmpty ? LauncherProgram.sentences(in: printed) : faults
    return "\(ending) before the run began" + (words.isEmpty ? "." : ": " + words.joined(separator: "; "))
  }
}
