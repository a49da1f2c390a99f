import CKernels
import Glibc
import Synchronization

/// A fixed set of threads that work through one parallel section after another.
///
/// The calling thread is worker 0; the others wait: first spinning, since in a training step the next section follows
/// within microseconds, then asleep, so that a paused run uses no processor.
public final class ThreadTeam {
  /// Workers, the calling thread included: as many as were asked for and the system gave.
  public let count: Int
  private let shared: Shared
  private var threads: [pthread_t] = []

  /// What the threads share.
  ///
  /// `@unchecked Sendable` holds because `job` is written by the calling thread alone, before it releases a new
  /// `generation`, and read by workers only after they acquired that generation; the caller writes it again only after
  /// every worker has counted itself out of the section through `pending`. The rest are atomics and pthread objects.
  private final class Shared: @unchecked Sendable {
    let generation = Atomic<Int>(0)
    let pending = Atomic<Int>(0)
    let sleepers = Atomic<Int>(0)
    let stopping = Atomic<Bool>(false)
    var job: ((Int) -> Void)?
    let mutex: UnsafeMutablePointer<pthread_mutex_t>
    let condition: UnsafeMutablePointer<pthread_cond_t>

    init() {
      mutex = .allocate(capacity: 1)
      condition = .allocate(capacity: 1)
      pthread_mutex_init(mutex, nil)
      pthread_cond_init(condition, nil)
    }

    deinit {
      pthread_cond_destroy(condition)
      pthread_mutex_destroy(mutex)
      mutex.deallocate()
      condition.deallocate()
    }

    /// Returns when the generation is no longer `seen`.
    func awaitGeneration(after seen: Int) -> Int {
      for _ in 0..<20_000 {
        let now = generation.load(ordering: .acquiring)
        if now != seen { return now }
        mtt_spin_hint()
      }
      pthread_mutex_lock(mutex)
      sleepers.add(1, ordering: .sequentiallyConsistent)
      while generation.load(ordering: .sequentiallyConsistent) == seen { pthread_cond_wait(condition, mutex) }
      sleepers.subtract(1, ordering: .sequentiallyConsistent)
      pthread_mutex_unlock(mutex)
      return generation.load(ordering: .acquiring)
    }

    func advance() {
      generation.add(1, ordering: .sequentiallyConsistent)
      guard sleepers.load(ordering: .sequentiallyConsistent) > 0 else { return }
      pthread_mutex_lock(mutex)
      pthread_cond_broadcast(condition)
      pthread_mutex_unlock(mutex)
    }

    func work(as worker: Int) {
      ThreadTeam.prepareCallingThread()
      var seen = 0
      while true {
        seen = awaitGeneration(after: seen)
        if stopping.load(ordering: .acquiring) { return }
        job?(worker)
        pending.subtract(1, ordering: .releasing)
      }
    }
  }

  /// Starts `count` − 1 threads, or as many of them as the system gives.
  public convenience init(count: Int) {
    self.init(count: count) { thread, body, argument in pthread_create(thread, nil, body, argument) }
  }

  typealias Body = @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer?

  /// - Parameter create: starts a thread, as `pthread_create` does.
  init(count: Int, create: (UnsafeMutablePointer<pthread_t>, Body, UnsafeMutableRawPointer) -> Int32) {
    precondition(count > 0, "a team needs at least one worker")
    shared = Shared()
    for worker in 1..<max(count, 1) {
      let start = Unmanaged.passRetained(Start(worker: worker, shared: shared))
      var thread = pthread_t()
      let status = create(
        &thread,
        { argument in
          guard let argument else { return nil }
          let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
          start.shared.work(as: start.worker)
          return nil
        }, start.toOpaque())
      guard status == 0 else {
        start.release()
        break
      }
      threads.append(thread)
    }
    self.count = threads.count + 1
  }

  private final class Start {
    let worker: Int
    let shared: Shared

    init(worker: Int, shared: Shared) {
      self.worker = worker
      self.shared = shared
    }
  }

  deinit {
    shared.stopping.store(true, ordering: .releasing)
    shared.advance()
    for thread in threads { pthread_join(thread, nil) }
  }

  /// Sets the calling thread up for computing: products on it alone, denormal numbers as zero.
  public static func prepareCallingThread() {
    Matmul.useCallingThreadOnly()
    mtt_flush_denormals()
  }

  /// Runs `body` once on every worker and returns when all are done. Not re-entrant; for one calling thread.
  public func run(_ body: (_ worker: Int) -> Void) {
    guard count > 1 else { return body(0) }
    withoutActuallyEscaping(body) { body in
      shared.job = body
      shared.pending.store(count - 1, ordering: .relaxed)
      shared.advance()
      body(0)
      var spins = 0
      while shared.pending.load(ordering: .acquiring) > 0 {
        mtt_spin_hint()
        spins += 1
        // Another program may hold the core that a worker needs: let it run.
        if spins & 0xFFF == 0 { sched_yield() }
      }
      shared.job = nil
    }
  }

  /// Runs `body` once for each index below `tasks`, the workers taking the next index as they become free.
  ///
  /// Which worker runs an index varies; results must not depend on it.
  public func run(tasks: Int, _ body: (_ task: Int, _ worker: Int) -> Void) {
    let next = TaskCounter()
    run { worker in
      while true {
        let task = next.value.add(1, ordering: .relaxed).oldValue
        if task >= tasks { return }
        body(task, worker)
      }
    }
  }

  private final class TaskCounter: Sendable {
    let value = Atomic<Int>(0)
  }
}

/// Seconds of a clock that only goes forward.
public func monotonicSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
