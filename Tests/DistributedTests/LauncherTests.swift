import Testing

@testable import Distributed

@Suite struct LauncherTests {
  @Test func openMPIsVariablesAreRead() {
    let launcher = Launcher(environment: [
      "OMPI_COMM_WORLD_SIZE": "4", "OMPI_COMM_WORLD_RANK": "3", "OMPI_COMM_WORLD_LOCAL_SIZE": "2", "PMI_FD": "9",
    ])
    #expect(launcher?.processCount == 4 && launcher?.rank == 3 && launcher?.localCount == 2)
    #expect(launcher?.libraries.first == "libmpi.so.40")
  }

  @Test func mpichsVariablesAreRead() {
    let launcher = Launcher(environment: [
      "PMI_SIZE": "2", "PMI_RANK": "0", "MPI_LOCALNRANKS": "2", "PMI_FD": "9",
    ])
    #expect(launcher?.processCount == 2 && launcher?.rank == 0 && launcher?.localCount == 2)
    #expect(launcher?.libraries == ["libmpich.so.12", "libmpi.so.12", "libmpi_abi.so.0", "libmpi.so.40"])
  }

  @Test func slurmsStepCountsAndItsJobDoesNot() {
    let step = Launcher(environment: ["SLURM_STEP_NUM_TASKS": "8", "SLURM_PROCID": "7"])
    #expect(step?.processCount == 8 && step?.rank == 7 && step?.localCount == nil)
    #expect(Launcher(environment: ["SLURM_NTASKS": "8", "SLURM_PROCID": "0"]) == nil)
  }

  @Test(arguments: [
    [:], ["OMPI_COMM_WORLD_SIZE": "1", "OMPI_COMM_WORLD_RANK": "0"], ["PMI_SIZE": "four", "PMI_RANK": "0"],
    ["PMI_SIZE": "2"], ["PMI_SIZE": "2", "PMI_RANK": "2"],
  ])
  func whoeverIsAloneHasNoLauncher(environment: [String: String]) {
    #expect(Launcher(environment: environment) == nil)
  }
}
