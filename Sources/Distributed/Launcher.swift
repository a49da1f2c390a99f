/// What the program that started this process, `mpirun`, `mpiexec` or `srun`, says about the job in the environment.
public struct Launcher: Hashable, Sendable {
  /// Processes of the job, more than one.
  public var processCount: Int
  public var rank: Int
  /// Processes of the job on this machine; nil where nobody says.
  public var localCount: Int?
  /// Whether MPICH's way of starting processes was used, and not Open MPI's or Slurm's.
  private var isMPICH: Bool

  /// Where the process was started alone or by itself, nil.
  public init?(environment: [String: String]) {
    func number(_ names: String...) -> Int? { names.lazy.compactMap { environment[$0].flatMap { Int($0) } }.first }
    guard let count = number("OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"), count > 1,
      let rank = number("OMPI_COMM_WORLD_RANK", "PMI_RANK", "SLURM_PROCID"), 0..<count ~= rank
    else { return nil }
    processCount = count
    self.rank = rank
    localCount = number("OMPI_COMM_WORLD_LOCAL_SIZE", "MPI_LOCALNRANKS")
    isMPICH = environment["PMI_FD"] != nil && environment["OMPI_COMM_WORLD_SIZE"] == nil
  }

  /// Names of libraries to try, the one that fits the launcher first.
  public var libraries: [String] {
    let (openMPI, mpich) = (["libmpi.so.40"], ["libmpich.so.12", "libmpi.so.12"])
    return (isMPICH ? mpich : openMPI) + ["libmpi_abi.so.0"] + (isMPICH ? openMPI : mpich)
  }
}
