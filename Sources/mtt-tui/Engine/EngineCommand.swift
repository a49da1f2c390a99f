import ArgumentParser
import Glibc
import RunSession
import Training

/// `mtt-tui engine`: the run itself, started by the dashboard as a process of its own; not for people.
struct EngineCommand: AsyncParsableCommand {
  static let name = "engine"
  static let configuration = CommandConfiguration(
    commandName: name, abstract: "Train for a dashboard in another process.", shouldDisplay: false)

  @OptionGroup var options: TrainOptions

  @MainActor
  func run() async throws {
    var status = stat()
    guard fstat(EngineProcess.socket, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else {
      throw ValidationError("'engine' is started by the dashboard; use 'mtt-tui train' or 'mtt-tui train --no-ui'.")
    }
    _ = fcntl(EngineProcess.socket, F_SETFD, FD_CLOEXEC)
    let options = try TrainOptions.resolve(arguments: Array(CommandLine.arguments.dropFirst(2)))
    signal(SIGPIPE, SIG_IGN)
    let server = RunServer(clients: [EngineProcess.socket])
    let engine = TrainingEngine(options.start, observer: server)
    let code = await HeadlessSession(engine, format: .text, printsToConsole: true).run()
    server.drain(seconds: 5)
    throw ExitCode(code)
  }
}
