import ArgumentParser
import Distributed
import Foundation
import Glibc
import LogFormats
import RunSession
import Training

/// `mtt-tui engine`: the run itself, started by the dashboard as a process of its own; not for people.
struct EngineCommand: AsyncParsableCommand {
  static let name = "engine"
  static let configuration = CommandConfiguration(
    commandName: name, abstract: "Train for a dashboard in another process.", shouldDisplay: false)

  /// Of several processes, rank 0's way to the dashboard: the folder of its socket.
  @Option(help: .hidden) var dashboard: String?

  @OptionGroup var peers: PeerOptions

  /// The link that the process was started by gave it another name in the system's lists.
  private func nameProcess() {
    let descriptor = open("/proc/self/comm", O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    StandardStreams.write("mtt-tui", to: descriptor)
    close(descriptor)
  }

  @MainActor
  func run() async throws {
    signal(SIGPIPE, SIG_IGN)
    if let dashboard, let launcher = Launcher(environment: ProcessInfo.processInfo.environment) {
      throw ExitCode(await LaunchedTraining.run(launcher, peers, .dashboard(dashboard)))
    }
    var status = stat()
    guard dashboard == nil, fstat(EngineProcess.socket, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else {
      throw ValidationError("'engine' is started by the dashboard; use 'mtt-tui train' or 'mtt-tui train --no-ui'.")
    }
    _ = fcntl(EngineProcess.socket, F_SETFD, FD_CLOEXEC)
    nameProcess()
    throw ExitCode(try await Self.train(EngineProcess.socket))
  }

  /// Trains what the dashboard at the other end of a socket wants, with the other processes of a group; the exit code.
  @MainActor
  static func train(_ socket: Int32, ranks: RankGroup? = nil) async throws -> Int32 {
    let start = try EngineProcess.receiveStart(from: socket)
    let server = RunServer(clients: [socket])
    let eventFiles = EventFileRecorder()
    let engine = TrainingEngine(start, observers: [server, eventFiles], ranks: ranks)
    let code = await HeadlessSession(engine, format: .text, printsToConsole: true).run()
    server.drain(seconds: 5)
    eventFiles.drain(seconds: 5)
    return code
  }
}
