import ArgumentParser

/// How processes that `mpirun`, `mpiexec` or `srun` started train one run together; no part of the run itself.
struct RankOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The MPI library (default: the one that fits the launcher).", valueName: "file"),
    completion: .file())
  var mpi: String?

  @Option(
    help: ArgumentHelp(
      "Seconds without a word from another process after which the run ends (default: \(Int(Self.defaultTimeout))).",
      valueName: "s"))
  var peerTimeout: Double?

  private static let defaultTimeout = 600.0

  var secondsToWait: Double { peerTimeout ?? Self.defaultTimeout }

  func validate() throws { try check("peer-timeout", peerTimeout, in: 1...1_000_000) }
}
