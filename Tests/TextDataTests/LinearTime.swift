import Glibc

/// How many times as long work on eight times as much takes: about 8 where it is linear, 64 where it is quadratic.
///
/// - Parameter prepare: makes what is needed for so many, and gives the work itself, which is done three times.
func growth(from count: Int, _ prepare: (Int) throws -> () throws -> Void) throws -> Double {
  func best(_ count: Int) throws -> Double {
    let work = try prepare(count)
    return try (0..<3).map { _ in try processorSeconds(work) }.min() ?? .nan
  }
  return try best(8 * count) / best(count)
}

/// Seconds in which this thread had a processor: what else the machine does takes none of them.
func processorSeconds(_ work: () throws -> Void) rethrows -> Double {
  func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
  let start = now()
  try work()
  return now() - start
}
