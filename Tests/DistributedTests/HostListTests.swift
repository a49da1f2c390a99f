import Testing

@testable import Distributed

@Suite struct HostListTests {
  @Test func namesAndProcessesAreRead() throws {
    let list = try HostList("a,b.example.org:3,10.0.0.7")
    #expect(list.hosts.map(\.name) == ["a", "b.example.org", "10.0.0.7"])
    #expect(list.hosts.map(\.processes) == [1, 3, 1])
    #expect(list.processCount == 5)
  }

  @Test func aNameGivenTwiceHasTwoProcesses() throws {
    #expect(try HostList("a,b,a:2").hosts.map { "\($0.name):\($0.processes)" } == ["a:3", "b:1"])
  }

  @Test(arguments: [
    ("", "'' is no machine"), ("a,,b", "'' is no machine"), ("a b", "'a b' is no machine"),
    ("a,-oProxyCommand=x", "'-oProxyCommand=x' is no machine"), ("a:1:2", "'a:1:2' is no machine"),
    ("a:0", "'a:0' asks for '0' processes"), ("a:x,b", "'a:x' asks for 'x' processes"), ("a", "'a' is one process"),
    ("a:1", "'a:1' is one process"),
  ])
  func anythingElseIsRefused(text: String, sentence: String) {
    #expect { try HostList(text) } throws: { "\($0)".hasPrefix(sentence) }
  }
}

@Suite struct LauncherProgramTests {
  private func command(_ version: String, _ hosts: String, _ environment: [String: String] = [:]) throws -> [String] {
    let launcher = try #require(LauncherProgram(path: "/x/run", version: version))
    return try launcher.command(["/p/mtt-tui", "engine"], on: HostList(hosts), environment: environment)
  }

  /// What each prints for `--version`.
  @Test(arguments: [
    ("mpirun (Open MPI) 4.1.4", LauncherProgram.Kind.openMPI), ("mpirun.openmpi (OpenRTE) 4.1.4", .openMPI),
    ("HYDRA build details:\n    Version:  4.0.2", .mpich), ("slurm 22.05.8", .slurm),
  ])
  func launchersAreToldApart(version: String, kind: LauncherProgram.Kind) {
    #expect(LauncherProgram(path: "/x/run", version: version)?.kind == kind)
  }

  @Test func anotherProgramIsNoLauncher() { #expect(LauncherProgram(path: "/bin/true", version: "true 9.1") == nil) }

  @Test func slurmsProgramComesFirstInItsAllocation() {
    #expect(LauncherProgram.names(environment: ["SLURM_JOB_ID": "7"]) == ["srun", "mpirun", "mpiexec"])
    #expect(LauncherProgram.names(environment: [:]) == ["mpirun", "mpiexec"])
  }

  @Test func openMPIBindsNothingAndPassesWhatIsComputedBy() throws {
    let environment = ["ONEDNN_MAX_CPU_ISA": "AVX2", "LD_LIBRARY_PATH": "/l", "HOME": "/h", "TMPDIR": "/t"]
    #expect(
      try command("(Open MPI) 4.1.4", "a,b:2", environment) == [
        "/x/run", "-n", "3", "--host", "a,b:2", "--bind-to", "none", "-x", "LD_LIBRARY_PATH", "-x",
        "ONEDNN_MAX_CPU_ISA",
        "/p/mtt-tui", "engine",
      ])
  }

  @Test func mpichTakesHostsWithNumbersToo() throws {
    #expect(
      try command("HYDRA", "a,b:2") == ["/x/run", "-n", "3", "-hosts", "a,b:2", "/p/mtt-tui", "engine"])
  }

  @Test func slurmTakesOneNumberForAll() throws {
    #expect(
      try command("slurm 22", "a:2,b:2") == [
        "/x/run", "--nodes=2", "--ntasks=4", "--ntasks-per-node=2", "--nodelist=a,b", "--mpi=pmix",
        "--kill-on-bad-exit=1", "/p/mtt-tui", "engine",
      ])
    #expect { try command("slurm 22", "a,b:2") } throws: { "\($0)".hasPrefix("Under Slurm each machine has") }
  }

  @Test func whatTheUserHasSetStays() throws {
    let launcher = try #require(LauncherProgram(path: "/x/run", version: "Open MPI"))
    let settings = launcher.settings(environment: ["OMPI_MCA_plm_rsh_args": "-p 2222"])
    #expect(settings["OMPI_MCA_plm_rsh_args"] == nil)
    #expect(settings["OMPI_MCA_orte_keep_fqdn_hostnames"] == "1")
  }

  @Test func rootIsToldHowItMay() throws {
    let openMPI = try #require(LauncherProgram(path: "/x/run", version: "Open MPI"))
    let mpich = try #require(LauncherProgram(path: "/x/run", version: "HYDRA"))
    #expect(openMPI.obstacle(environment: [:], isRoot: true)?.contains("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1") == true)
    #expect(openMPI.obstacle(environment: [:], isRoot: false) == nil)
    #expect(mpich.obstacle(environment: [:], isRoot: true) == nil)
    let allowed = ["OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"]
    #expect(openMPI.obstacle(environment: allowed, isRoot: true) == nil)
  }

  /// Lines as Open MPI 4.1.4 and SSH print them.
  @Test func theReasonIsFoundAmongAdvice() {
    let unreachable = [
      "ssh: connect to host n9 port 22: No route to host", "-----------------",
      "ORTE was unable to reliably start one or more daemons.", "* not finding the required libraries", "-------------",
    ]
    #expect(LauncherProgram.faults(in: unreachable) == ["ssh: connect to host n9 port 22: No route to host"])
    let missing = [
      "mpirun was unable to launch the specified application as it could not access", "or execute an executable:",
      "Executable: /x/mtt-tui", "Node: n1", "while attempting to start process rank 1.",
    ]
    #expect(LauncherProgram.faults(in: missing) == ["Executable: /x/mtt-tui", "Node: n1"])
    let refused = ["Primary job terminated", "mtt-tui: rank 1 on n1: No MPI library could be opened."]
    #expect(LauncherProgram.faults(in: refused) == ["rank 1 on n1: No MPI library could be opened."])
    let other = ["----", "", "  some other   trouble "]
    #expect(LauncherProgram.faults(in: other) == [] && LauncherProgram.sentences(in: other) == ["some other trouble"])
  }
}
