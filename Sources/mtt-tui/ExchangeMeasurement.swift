import ArgumentParser
import Distributed
import Foundation

/// `mtt-tui bench --exchange`, in each of the processes that a launcher started.
enum ExchangeMeasurement {
  private static let exchanges = 20

  /// Measures and prints, on the first process's standard output.
  ///
  /// - Parameters:
  ///   - megabytes: of gradients.
  ///   - library: MPI's, by name or path; nil for the one that fits the launcher.
  static func run(megabytes: Double, library: String?, threads: Int) throws {
    guard let launcher = Launcher(environment: ProcessInfo.processInfo.environment) else {
      throw ValidationError("--exchange is about several processes: start it with mpirun -n 2 or more.")
    }
    guard launcher.processCount.nonzeroBitCount == 1 else {
      throw ValidationError("\(launcher.processCount) processes were started, but it must be 2, 4, 8 or so on.")
    }
    do {
      let link = try MPITransport(launcher, library: library)
      let benchmark = ExchangeBenchmark(count: Int(megabytes * 250_000), exchanges: exchanges)
      let report = try benchmark.run(link, threads: threads)
      guard report.isExact else {
        StandardStreams.writeError("mtt-tui: rank \(link.rank): a sum is not the balanced tree's.\n")
        link.abort(code: 70)
        throw ExitCode(70)
      }
      if link.rank == 0 {
        func milliseconds(_ seconds: Double) -> String { Format.fixed(1e3 * seconds, decimals: 2) }
        StandardStreams.writeOutput(
          "\(megabytes) MB over \(link.processCount) processes (\(MPITransport.libraryName)): median"
            + " \(milliseconds(report.median)) ms, least \(milliseconds(report.seconds[0])) ms of \(exchanges) exchanges;"
            + " every sum is the balanced tree's\n")
      }
      link.end()
    } catch let error as DistributedError {
      StandardStreams.writeError("mtt-tui: rank \(launcher.rank): \(error)\n")
      throw ExitCode(69)
    }
  }
}
