internal import Kernels

/// What the matrix products reach on this machine, by the code and the kind of threads that a model uses.
public enum MatmulPeak {
  /// 10⁹ floating-point operations a second of products that stay in the cache, the best of several sizes.
  ///
  /// - Parameters:
  ///   - threads: as many products at a time, one on each thread.
  ///   - precision: `bf16` only where the model supports it.
  ///   - seconds: about how long to measure.
  public static func gigaflops(threads: Int, precision: MatmulPrecision, seconds: Double) -> Double {
    let team = ThreadTeam(count: threads)
    ThreadTeam.prepareCallingThread()
    let sizes = [256, 384, 512]
    let rates = sizes.map { size in
      let count = Matmul.panelFloats(depth: size, columns: size)
      // Each worker's left factor, right factor and result.
      let matrices = (0..<3 * team.count).map { _ in FloatBuffer(count: count) }
      for matrix in matrices { fill(matrix, size: size, precision) }
      func product(_ worker: Int) {
        let (a, b, c) = (matrices[3 * worker].start, matrices[3 * worker + 1].start, matrices[3 * worker + 2].start)
        switch precision {
        case .f32: Matmul.forward(a, panels: b, into: c, rows: size, inputs: size, outputs: size)
        case .bf16: BFloat16Matmul.forward(a, panels: b, into: c, rows: size, inputs: size, outputs: size)
        }
      }
      return measure(operations: 2 * Double(size * size * size), team: team, seconds: seconds / Double(sizes.count)) {
        product($0)
      }
    }
    return rates.max() ?? 0
  }

  /// Any numbers will do: these sizes are whole panels.
  private static func fill(_ matrix: FloatBuffer, size: Int, _ precision: MatmulPrecision) {
    for index in 0..<matrix.count { matrix.start[index] = Float(index % 7) * 0.25 - 0.75 }
    guard precision == .bf16 else { return }
    let words = FloatBuffer(count: size * BFloat16Matmul.wordCount(size))
    BFloat16Matmul.round(matrix.start, rows: size, columns: size, into: words.start)
    matrix.start.update(from: words.start, count: words.count)
  }

  /// The best of some repetitions of `product`, which is of so many `operations`, on each worker.
  private static func measure(
    operations: Double, team: ThreadTeam, seconds: Double, product: (_ worker: Int) -> Void
  ) -> Double {
    let end = monotonicSeconds() + seconds
    var best = 0.0
    repeat {
      let products = 8
      let start = monotonicSeconds()
      team.run { worker in
        for _ in 0..<products { product(worker) }
      }
      best = max(best, operations * Double(products * team.count) / (monotonicSeconds() - start) * 1e-9)
    } while monotonicSeconds() < end
    return best
  }
}
