import ArgumentParser
import Distributed

/// How several processes train one run together; no part of the run itself.
struct RankOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Train on these machines, this one first, which are reached by SSH or Slurm; a:2 is two processes on one.",
      valueName: "a,b,…"))
  var hosts: String?

  @Option(
    help: ArgumentHelp(
      "What starts the processes on --hosts (default: srun in an allocation of Slurm's, else mpirun or mpiexec).",
      valueName: "program"),
    completion: .file())
  var launcher: String?

  @OptionGroup var peers: PeerOptions

  /// The machines that `hosts` names.
  var hostList: HostList? {
    get throws(ValidationError) {
      do throws(DistributedError) {
        return try hosts.map { (text) throws(DistributedError) in try HostList(text) }
      } catch {
        throw ValidationError("--hosts: \(error)")
      }
    }
  }

  func validate() throws {
    _ = try hostList
    if launcher != nil, hosts == nil {
      throw ValidationError("--launcher is about --hosts: name the machines too.")
    }
  }
}

/// How a process that a launcher started finds the others and waits for them.
struct PeerOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("The MPI library (default: the one that fits the launcher).", valueName: "file"),
    completion: .file())
  var mpi: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Seconds without a word from another process after which the run ends (default: \(Int(Self.defaultTimeout))).",
      valueName: "s"))
  var peerTimeout: Double?

  private static let defaultTimeout = 600.0

  var secondsToWait: Double { peerTimeout ?? Self.defaultTimeout }

  /// The command line that says the same.
  var arguments: [String] {
    (mpi.map { ["--mpi", $0] } ?? []) + (peerTimeout.map { ["--peer-timeout", "\($0)"] } ?? [])
  }

  func validate() throws { try check("peer-timeout", peerTimeout, in: 1...1_000_000) }
}
