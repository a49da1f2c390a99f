/// A program that starts processes on several machines: Open MPI's or MPICH's `mpirun`, or Slurm's `srun`.
public struct LauncherProgram: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    case openMPI, mpich, slurm
  }

  public var path: String
  public var kind: Kind

  /// - Parameter version: what it prints for `--version`. Nil where that is no known launcher's.
  public init?(path: String, version: String) {
    self.path = path
    let known: [(words: [String], kind: Kind)] = [
      (["Open MPI", "OpenRTE", "PRRTE"], .openMPI), (["HYDRA", "Intel(R) MPI"], .mpich), (["slurm"], .slurm),
    ]
    guard let kind = known.first(where: { $0.words.contains { version.contains($0) } })?.kind else { return nil }
    self.kind = kind
  }

  /// Names to look for in PATH, the best first: in an allocation of Slurm's, its own program knows the machines.
  public static func names(environment: [String: String]) -> [String] {
    (environment["SLURM_JOB_ID"] == nil ? [] : ["srun"]) + ["mpirun", "mpiexec"]
  }

  /// The command line that starts a program once for each process of the hosts.
  ///
  /// - Parameter environment: of this process; what of it a program computes by goes to the other machines.
  public func command(
    _ program: [String], on hosts: HostList, environment: [String: String]
  ) throws(DistributedError) -> [String] {
    let list = hosts.hosts.map { kind == .slurm || $0.processes == 1 ? $0.name : "\($0.name):\($0.processes)" }
      .joined(separator: ",")
    switch kind {
    case .openMPI:
      let passed = environment.keys.filter(Self.isPassed).sorted().flatMap { ["-x", $0] }
      return [path, "-n", "\(hosts.processCount)", "--host", list, "--bind-to", "none"] + passed + program
    case .mpich:
      // The whole environment goes along, and nothing is bound.
      return [path, "-n", "\(hosts.processCount)", "-hosts", list] + program
    case .slurm:
      let processes = hosts.hosts[0].processes
      guard hosts.hosts.allSatisfy({ $0.processes == processes }) else {
        throw DistributedError(
          description: "Under Slurm each machine has as many processes as another: give all of --hosts one number, or"
            + " start with srun yourself.")
      }
      return [
        path, "--nodes=\(hosts.hosts.count)", "--ntasks=\(hosts.processCount)", "--ntasks-per-node=\(processes)",
        "--nodelist=\(list)", "--mpi=pmix", "--kill-on-bad-exit=1",
      ] + program
    }
  }

  /// What the launcher's own environment needs besides, unless the user has set it.
  public func settings(environment: [String: String]) -> [String: String] {
    // Nobody can type a password, and a machine that is turned off would be waited for for minutes.
    let manners = "-o BatchMode=yes -o ConnectTimeout=10"
    let settings: [String: String] =
      switch kind {
      case .openMPI:
        // Names are reached as they are given; a process that waits leaves the processor to others.
        [
          "OMPI_MCA_plm_rsh_args": manners, "PRTE_MCA_plm_ssh_args": manners,
          "OMPI_MCA_orte_keep_fqdn_hostnames": "1", "OMPI_MCA_mpi_yield_when_idle": "1",
        ]
      case .mpich: ["HYDRA_LAUNCHER_EXTRA_ARGS": manners]
      case .slurm: [:]
      }
    return settings.filter { environment[$0.key] == nil }
  }

  /// Why it would refuse to start anything, as a sentence.
  public func obstacle(environment: [String: String], isRoot: Bool) -> String? {
    let permissions = ["OMPI_ALLOW_RUN_AS_ROOT", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"]
    guard kind == .openMPI, isRoot, !permissions.allSatisfy({ environment[$0] == "1" }) else { return nil }
    return "\(path) starts nothing for root: train as another user, or set "
      + permissions.map { "\($0)=1" }.joined(separator: " and ") + "."
  }

  /// Variables by which libraries find themselves and compute.
  private static func isPassed(_ name: String) -> Bool {
    name == "LD_LIBRARY_PATH" || ["ONEDNN_", "DNNL_", "MALLOC_", "GLIBC_"].contains { name.hasPrefix($0) }
  }

  /// Of what a launcher and the programs that it starts have printed, the lines that say why it cannot go on: a process's
  /// or SSH's word, and a program that is not there.
  public static func faults(in printed: [String]) -> [String] {
    let words = [
      "mtt-tui: ", "ssh: ", "Permission denied", "Host key verification failed", "Connection closed by",
      "Connection to ", "Executable: ", "Node: ", "No such file or directory", "srun: error: ",
    ]
    return sentences(in: printed).filter { line in
      words.contains { line.hasPrefix($0) || line.contains(" " + $0) }
    }.map { $0.hasPrefix("mtt-tui: ") ? String($0.dropFirst("mtt-tui: ".count)) : $0 }
  }

  /// The lines that are no frames.
  public static func sentences(in printed: [String]) -> [String] {
    printed.map { $0.split(whereSeparator: \.isWhitespace).joined(separator: " ") }.filter { line in
      !line.isEmpty && !line.allSatisfy { "-=*".contains($0) }
    }
  }
}
