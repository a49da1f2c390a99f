internal import Kernels

/// What the matrix products reach on this machine, by the library and the kind of threads that a model uses.
public enum MatmulPeak {
  /// 10⁹ floating-point operations a second of products in float32 that stay in the cache, the best of several sizes.
  ///
  /// - Parameters:
  ///   - threads: as many products at a time, one on each thread.
  ///   - seconds: about how long to measure.
  public static func gigaflops(threads: Int, seconds: Double) -> Double {
    let team = ThreadTeam(count: threads)
    ThreadTeam.prepareCallingThread()
    let sizes = [256, 384, 512]
    return sizes.map { measure(size: $0, team: team, seconds: seconds / Double(sizes.count)) }.max() ?? 0
  }

  private static func measure(size: Int, team: ThreadTeam, seconds: Double) -> Double {
    let matrices = (0..<3 * team.count).map { _ in FloatBuffer(count: size * size) }
    for matrix in matrices {
      for index in 0..<matrix.count { matrix.start[index] = Float(index % 7) * 0.25 - 0.75 }
    }
    let end = monotonicSeconds() + seconds
    var best = 0.0
    repeat {
      let products = 8
      let start = monotonicSeconds()
      team.run { worker in
        for _ in 0..<products {
          Matmul.forward(
            matrices[3 * worker].start, matrices[3 * worker + 1].start, into: matrices[3 * worker + 2].start,
            rows: size, inputs: size, outputs: size)
        }
      }
      let operations = 2 * Double(size * size * size) * Double(products * team.count)
      best = max(best, operations / (monotonicSeconds() - start) * 1e-9)
    } while monotonicSeconds() < end
    return best
  }
}
