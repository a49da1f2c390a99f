import ArgumentParser
import Glibc
import LogFormats
import RunSession
import Training

/// `mtt-tui engine`: the run itself, started by the dashboard as a process of its own; not for people.
struct EngineCommand: AsyncParsableCommand {
  static let name = "engine"
  static let configuration = CommandConfiguration(
    commandName: name, abstract: "Train for a dashboard in another process.", shouldDisplay: false)

  /// The link that the process was started by gave it another name in the system's lists.
  private func nameProcess() {
    let descriptor = open("/proc/self/comm", O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    StandardStreams.write("mtt-tui", to: descriptor)
    close(descriptor)
  }

  @MainActor
  func run() async throws {
    var status = stat()
    guard fstat(EngineProcess.socket, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else {
      throw ValidationError("'engine' is started by the dashboard; use 'mtt-tui train' or 'mtt-tui train --no-ui'.")
    }
    _ = fcntl(EngineProcess.socket, F_SETFD, FD_CLOEXEC)
    nameProcess()
    signal(SIGPIPE, SIG_IGN)
    let start = try EngineProcess.receiveStart()
    let server = RunServer(clients: [EngineProcess.socket])
    let eventFiles = EventFileRecorder()
    let engine = TrainingEngine(start, observers: [server, eventFiles])
    let code = await HeadlessSession(engine, format: .text, printsToConsole: true).run()
    server.drain(seconds: 5)
    eventFiles.drain(seconds: 5)
    throw ExitCode(code)
  }
}
