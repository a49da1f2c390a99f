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
      let matrices = (0..<3 * team.count).map { _ in FloatBuffer(count: size * size) }
      for matrix in matrices {
        for index in 0..<matrix.count { matrix.start[index] = Float(index % 7) * 0.25 - 0.75 }
      }
      let product: (Int) -> Void =
        switch precision {
        case .f32:
          { worker in
            // These sizes are whole panels: any numbers will do as such.
            Matmul.forward(
              matrices[3 * worker].start, panels: matrices[3 * worker + 1].start,
              into: matrices[3 * worker + 2].start, rows: size, inputs: size, outputs: size)
          }
        case .bf16: bfloat16Product(size: size, matrices)
        }
      return measure(operations: 2 * Double(size * size * size), team: team, seconds: seconds / Double(sizes.count)) {
        product($0)
      }
    }
    return rates.max() ?? 0
  }

  private static func bfloat16Product(size: Int, _ matrices: [FloatBuffer]) -> (Int) -> Void {
    let products = BFloat16Products(inputs: size, outputs: size)
    let halves = matrices.map { matrix in
      let half = AlignedBuffer<BFloat16Bits>(count: matrix.count)
      roundToBFloat16(matrix.start, into: half.start, count: matrix.count)
      return half
    }
    return { worker in
      products.forward(
        halves[3 * worker].start, halves[3 * worker + 1].start, into: matrices[3 * worker + 2].start, rows: size)
    }
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
