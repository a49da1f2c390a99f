import ArgumentParser
import Dashboard
import Distributed
import Formatting
import Foundation
import Glibc
import LogFormats
import NcursesTerminal
import Paths
import RunSession
import Themes
import Training
import TrainingEvents

/// `mtt-tui train`: a new run or the rest of an old one, on the dashboard or as plain lines.
struct TrainCommand: AsyncParsableCommand, CustomReflectable {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a model (the default command).",
    discussion: """
      Keys in the dashboard: p or space pauses and resumes, c writes a checkpoint, q asks how to stop, d gives the \
      shell back while the run goes on, ? shows all.

      The run is a process of its own: it goes on when the terminal is closed, and 'mtt-tui attach RUN' brings the \
      dashboard back. SIGUSR1 writes a checkpoint; SIGTERM, SIGINT, SIGUSR2 and SIGXCPU write one and end the run.

      With --hosts, or started by mpirun, mpiexec or srun as several processes, they train one model together; --parts \
      says what they share. It is the run that one process with these parts makes, byte for byte.

      EXAMPLES:
        mtt-tui train --data corpora/snips --hidden 256 --layers 4 --epochs 10
        mtt-tui train --no-ui --log-format json --run-dir runs/first > metrics.jsonl
        mtt-tui train --resume runs/first --epochs 20
        mtt-tui train --train all.jsonl --folds 5
        mtt-tui --hosts a,b,c,d --data corpora/snips

      See also: mtt-tui help data, presets, runs, keys, exit-codes.
      """)

  var options = TrainOptions()
  @Argument(help: .hidden) var strayWords: [String] = []

  init() {}

  init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: ArgumentName.self)
    options = try TrainOptions(from: decoder)
    strayWords = try values.decode(Argument<[String]>.self, forKey: ArgumentName(stringValue: "strayWords"))
      .wrappedValue
  }

  /// The options' groups are the command's own: in a debug build ArgumentParser checks each group several times for every
  /// group around it.
  var customMirror: Mirror {
    Mirror(
      self, children: Mirror(reflecting: options).children.map { ($0.label, $0.value) } + [("_strayWords", _strayWords)]
    )
  }

  /// What may have been meant by a word that no option takes.
  private static func explanation(ofStray word: String) -> String {
    let commands = MTTTUI.configuration.subcommands.map { $0.configuration }
    let words = commands.filter { $0.shouldDisplay }.compactMap { $0.commandName }.joined(separator: ", ")
    let quoted = ShellWord.quoted(word)
    switch pathKind(word) {
    case .folder where isRegularFile(word + "/run.json"):
      return "'\(word)' belongs to no option. To go on with that run: --resume \(quoted); to look at it: mtt-tui view."
    case .folder: return "'\(word)' belongs to no option. To train on that folder: --data \(quoted)."
    case .file: return "'\(word)' belongs to no option. To train on that file: --train \(quoted)."
    case .nothing: return "'\(word)' is no command and belongs to no option. Commands are \(words)."
    }
  }

  @MainActor
  func run() async throws {
    // Not in validate(): that comes before unknown options are refused, whose values are such words.
    if let word = strayWords.first { throw ValidationError(Self.explanation(ofStray: word)) }
    if let launcher = Launcher(environment: ProcessInfo.processInfo.environment) {
      throw ExitCode(await LaunchedTraining.run(launcher, options.ranks.peers, .commandLine(options)))
    }
    let options = try Self.withConfigurationFile(options)
    if options.trainsFolds { throw ExitCode(await FoldTraining.run(options)) }
    var preferences = KeptPreferences()
    let theme = try Self.theme(options.display.theme, &preferences)
    signal(SIGPIPE, SIG_IGN)  // a closed pipe is an error of the write that meets it
    if let hosts = try options.ranks.hostList {
      let run = RunViewer.Shown(source: try await Self.launch(options, on: hosts), screenRole: .owner, lineRole: .owner)
      throw ExitCode(await run.follow(options.display, theme, preferences))
    }
    if Self.wantsDashboard(options.display) {
      do {
        let screen = try InteractiveSession(
          role: .owner, theme: theme, display: options.display, preferences: preferences)
        throw ExitCode(await screen.follow(try Self.startEngine(options.start, or: screen)))
      } catch let error as TerminalError {
        StandardStreams.writeError("mtt-tui: \(error) Going on without the dashboard, as with --no-ui.\n")
      }
    }
    throw ExitCode(await Self.trainInLines(options))
  }

  /// The command line's options with those of the configuration file; says what is wrong with that.
  static func withConfigurationFile(_ options: TrainOptions) throws -> TrainOptions {
    do {
      return try options.withConfigurationFile(arguments: ownArguments(Arguments.all))
    } catch let error as ConfigurationError {
      StandardStreams.writeError("mtt-tui: \(error)\n")
      throw ExitCode(error.exitCode)
    }
  }

  /// Trains in this process, and in those of a group, without a dashboard.
  @MainActor
  static func trainInLines(_ options: TrainOptions, ranks: RankGroup? = nil) async -> Int32 {
    await trainInLines(options.start, format: options.display.logFormat ?? .text, ranks: ranks)
  }

  @MainActor
  static func trainInLines(
    _ start: TrainingEngine.Start, format: DisplayOptions.LogFormat, ranks: RankGroup? = nil
  ) async -> Int32 {
    let server = RunServer()
    let eventFiles = EventFileRecorder()
    let engine = TrainingEngine(start, observers: [server, eventFiles], ranks: ranks)
    let code = await HeadlessSession(engine, format: format).run()
    server.drain(seconds: 2)
    eventFiles.drain(seconds: 2)
    return code
  }

  /// Starts the engine's process; where that fails, gives the terminal back and says why.
  @MainActor
  private static func startEngine(
    _ start: TrainingEngine.Start, or screen: InteractiveSession
  ) throws -> RemoteSession {
    do throws(SessionError) {
      return try EngineProcess.start(start)
    } catch {
      screen.close()
      StandardStreams.writeError("mtt-tui: \(error)\n")
      throw ExitCode(70)
    }
  }

  /// Starts the engine on several machines; where that fails, says why.
  @MainActor
  private static func launch(_ options: TrainOptions, on hosts: HostList) async throws -> RemoteSession {
    do throws(RunFailure) {
      return try await LaunchedEngine.start(options.start, on: hosts, options.ranks)
    } catch {
      StandardStreams.writeError("mtt-tui: \(error)\n")
      throw ExitCode(error.exitCode)
    }
  }

  /// What follows the program's name and the command's.
  static func ownArguments(_ arguments: [String]) -> [String] {
    let rest = Array(arguments.dropFirst())
    return rest.first == configuration.commandName ? Array(rest.dropFirst()) : rest
  }

  /// Whether the dashboard was not turned off and has a terminal to be shown on; says so where it has none.
  static func wantsDashboard(_ display: DisplayOptions) -> Bool {
    if display.wantsLines { return false }
    for (descriptor, name) in [(STDIN_FILENO, "input"), (STDOUT_FILENO, "output")] {
      guard !StandardStreams.isTerminal(descriptor) else { continue }
      StandardStreams.writeError(
        "mtt-tui: Standard \(name) is not a terminal: going on without the dashboard, as with --no-ui.\n")
      return false
    }
    let group = tcgetpgrp(STDIN_FILENO)
    guard group < 0 || group == getpgrp() else {
      StandardStreams.writeError(
        "mtt-tui: Another program has the terminal, so no key would arrive: going on without the dashboard, as with "
          + "--no-ui. 'mtt-tui attach RUN' shows it.\n")
      return false
    }
    return true
  }

  /// The theme to draw with: the one asked for, else the one kept. A name or file that is asked for and cannot be used
  /// is a usage error, dashboard or not; of a kept one it is a remark.
  static func theme(_ name: String?, _ preferences: inout KeptPreferences) throws -> Theme {
    if name == nil, let kept = preferences.values.theme {
      do {
        return try ThemeCatalog.theme(named: kept)
      } catch {
        preferences.remarks.append("The theme kept last time is not used. \(error)")
      }
    }
    do {
      return try ThemeCatalog.theme(named: name ?? ThemeCatalog.defaultName)
    } catch {
      throw ValidationError("--theme: \(error)")
    }
  }
}
