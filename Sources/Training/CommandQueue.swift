internal import Glibc
internal import TrainingEvents

/// Commands on their way to the engine's thread, which can sleep until one comes.
///
/// `@unchecked Sendable`: `waiting` is read and written only between `lock` and `unlock` of the mutex, whose address is
/// fixed for the object's life; all else is immutable.
final class CommandQueue: @unchecked Sendable {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let condition: UnsafeMutablePointer<pthread_cond_t>
  private var waiting: [TrainingCommand] = []

  init() {
    mutex = .allocate(capacity: 1)
    condition = .allocate(capacity: 1)
    mutex.initialize(to: pthread_mutex_t())
    condition.initialize(to: pthread_cond_t())
    precondition(pthread_mutex_init(mutex, nil) == 0 && pthread_cond_init(condition, nil) == 0, "no mutex to be had")
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  /// Adds a command and wakes the engine; from any thread.
  func put(_ command: TrainingCommand) {
    pthread_mutex_lock(mutex)
    waiting.append(command)
    pthread_cond_signal(condition)
    pthread_mutex_unlock(mutex)
  }

  /// The oldest command; nil at once if there is none.
  func take() -> TrainingCommand? {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return waiting.isEmpty ? nil : waiting.removeFirst()
  }

  /// The oldest command; sleeps until there is one, or `isDone` says so after `wake`: nil then.
  func takeWaiting(unless isDone: () -> Bool) -> TrainingCommand? {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while waiting.isEmpty, !isDone() { pthread_cond_wait(condition, mutex) }
    return waiting.isEmpty ? nil : waiting.removeFirst()
  }

  /// Lets who sleeps look again whether it is done; from any thread.
  func wake() {
    pthread_mutex_lock(mutex)
    pthread_cond_signal(condition)
    pthread_mutex_unlock(mutex)
  }

  /// Puts commands back before all others, to be taken again in their order.
  func putBack(_ commands: [TrainingCommand]) {
    pthread_mutex_lock(mutex)
    waiting.insert(contentsOf: commands, at: 0)
    pthread_mutex_unlock(mutex)
  }

  /// The oldest command; sleeps until there is one.
  func takeWaiting() -> TrainingCommand {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while waiting.isEmpty { pthread_cond_wait(condition, mutex) }
    return waiting.removeFirst()
  }
}
