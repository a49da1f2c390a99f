import Foundation
import Glibc
import Testing

/// `--hosts`: one run by several processes that a launcher starts; both of Open MPI's here are on this machine.
@Suite(.serialized)
struct HostsTests {
  private let folder: Folder
  private static let isInstalled = ["/usr/bin/mpirun.openmpi", "/usr/local/bin/mpirun"].contains {
    FileManager.default.isExecutableFile(atPath: $0)
  }
  private static let launched = ["--hosts", "localhost:2"]
  /// What Open MPI wants of root, and does not mind from others.
  private static let settings = ["OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"]

  init() throws {
    folder = try Folder()
    try folder.writeCorpus()
  }

  private func start(_ arguments: [String], _ changes: [String: String] = [:]) throws -> Child {
    let environment = Program.environment(Self.settings.merging(changes) { $1 })
    return try Child(Program.path, arguments, in: folder, environment: environment)
  }

  private func run(_ arguments: [String], _ changes: [String: String] = [:]) throws -> Program.Result {
    Program.result(of: try start(arguments, changes))
  }

  private func training(_ run: String, epochs: Int) -> [String] {
    ["--data", "corpus", "--epochs", "\(epochs)", "--batch-size", "8", "--run-dir", run] + Program.tiny
  }

  /// The launcher's own process.
  private func launcher() -> pid_t? {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return names.compactMap { pid_t($0) }.first { id in
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(id)/cwd")) == folder.path
        && (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(id)/exe"))?.hasSuffix("orterun") == true
    }
  }

  private func epochs(_ run: String) -> Int {
    ((try? folder.text("\(run)/metrics.jsonl")) ?? "").split(separator: "\n").count { $0.contains("\"epoch\"") }
  }

  @Test(.enabled(if: isInstalled, "Open MPI is not installed")) func twoProcessesTrainOnesRun() throws {
    let two = try run(["--no-ui"] + Self.launched + training("two", epochs: 2))
    let one = try run(["--no-ui", "--parts", "2"] + training("one", epochs: 2))
    #expect(two.exitCode == 0 && one.exitCode == 0, "\(two.errors)")
    #expect(two.output == one.output && two.lines.count == 4)
    #expect(two.errors.contains("2 processes over Open MPI"))
    for file in ["model", "optimizer"] {
      let name = "checkpoints/last/\(file).safetensors"
      #expect(try folder.data("two/\(name)") == folder.data("one/\(name)"))
    }
    let resumed = try run(["--no-ui", "--resume", "two", "--epochs", "3"] + Self.launched)
    #expect(resumed.exitCode == 0 && resumed.output.contains("Epoch 2: "))
  }

  @Test(.enabled(if: isInstalled, "Open MPI is not installed"), arguments: [SIGINT, SIGTERM])
  func aSignalSavesAndStopsAll(number: Int32) async throws {
    let child = try start(["--no-ui"] + Self.launched + training("one", epochs: 1_000_000))
    try #require(try await eventually("an epoch is done") { child.output.contains("Epoch 0") })
    kill(child.id, number)
    let result = Program.result(of: child)
    #expect(result.exitCode == 128 + number, "\(result.errors)")
    #expect(result.errors.contains("mtt-tui --resume "))
    try await eventually("the launcher has ended") { launcher() == nil }
    #expect(!folder.exists("one/socket"))
  }

  @Test(.enabled(if: isInstalled, "Open MPI is not installed")) func aLauncherThatIsKilledIsNamed() async throws {
    let child = try start(["--no-ui"] + Self.launched + training("one", epochs: 1_000_000))
    try #require(try await eventually("an epoch is done") { child.output.contains("Epoch 0") })
    kill(try #require(launcher()), SIGKILL)
    let result = Program.result(of: child)
    #expect(result.exitCode == 70)
    #expect(result.errors.contains("mpirun was ended by signal 9"))
    #expect(result.errors.contains("mtt-tui --resume one --hosts localhost:2"))
    try await eventually("no process is left") { Processes.ids(in: folder, engines: true).isEmpty }
  }

  /// The agent stands for SSH.
  @Test(.enabled(if: isInstalled, "Open MPI is not installed")) func aMachineThatIsNotReachedIsNamed() throws {
    let agent = "#!/bin/sh\necho 'ssh: connect to host far.invalid port 22: No route to host' >&2\nexit 255\n"
    try folder.write("agent", agent)
    chmod(folder["agent"], 0o755)
    let result = try run(
      ["--no-ui", "--hosts", "localhost,far.invalid"] + training("one", epochs: 1),
      ["OMPI_MCA_plm_rsh_agent": folder["agent"]])
    #expect(result.exitCode == 69)
    #expect(
      result.lines.isEmpty
        && result.errors.hasSuffix(
          "before the run began: ssh: connect to host far.invalid port 22: No route to host\n"),
      "\(result.errors)")
    #expect(!folder.exists("one"))
  }

  @Test(.enabled(if: isInstalled, "Open MPI is not installed")) func aLauncherInALauncherIsRefused() throws {
    let child = try Child(
      "mpirun", ["--oversubscribe", "-n", "2", Program.path, "--no-ui"] + Self.launched + training("one", epochs: 1),
      in: folder, environment: Program.environment(Self.settings))
    let result = Program.result(of: child)
    #expect(result.exitCode == 64)
    #expect(result.errors.contains("mtt-tui: --hosts starts the processes, but a launcher has started this one"))
    #expect(!folder.exists("one"))
  }

  @Test(.enabled(if: isInstalled && Tmux.isInstalled, "Open MPI or tmux is not installed"))
  func theDashboardLeavesAndComesBack() async throws {
    let words = ["env"] + Self.settings.map { "\($0)=\($1)" } + ["'\(Program.path)'"]
    let command = (words + Self.launched + training("one", epochs: 1_000_000)).joined(separator: " ")
    let first = try Tmux(command, in: folder)
    try await first.showsARun()
    try first.type("d")
    try await first.ended(exitCode: 0)
    let before = epochs("one")
    try await eventually("the run goes on") { epochs("one") > before }
    let second = try Tmux("'\(Program.path)' attach one", in: folder)
    try await second.showsARun()
    try second.literally(":stop save")
    try second.type("Enter")
    try await second.ended(exitCode: 75)
    try await eventually("the launcher has ended") { launcher() == nil }
    #expect(try Program.run(["runs", "."], in: folder).output.contains("stopped"))
  }

  @Test func withoutALauncherThePackageIsNamed() throws {
    let result = try run(["--no-ui"] + Self.launched + training("one", epochs: 1), ["PATH": folder.path])
    #expect(result.exitCode == 69)
    #expect(result.errors.contains("There is no mpirun or mpiexec to start processes with"))
    #expect(result.errors.contains("openmpi-bin"))
  }

  @Test func anotherProgramIsNoLauncher() throws {
    let result = try run(["--no-ui", "--launcher", "/bin/true"] + Self.launched + training("one", epochs: 1))
    #expect(result.exitCode == 69 && result.errors.contains("/bin/true is no launcher of Open MPI, MPICH or Slurm"))
  }

  @Test(arguments: [("a", "is one process"), ("a,-x", "'-x' is no machine"), ("a:0,b", "asks for '0' processes")])
  func whatIsNoListIsRefused(hosts: String, sentence: String) throws {
    let result = try run(["--no-ui", "--hosts", hosts] + training("one", epochs: 1))
    #expect(result.exitCode == 64 && result.errors.contains(sentence))
  }
}
