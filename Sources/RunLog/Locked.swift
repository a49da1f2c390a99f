internal import Glibc

/// A value that one thread at a time may touch.
///
/// What Synchronization's Mutex is, made of pthread's: the thread sanitizer knows that one, and takes every access under
/// the other for a race, so that it could not be asked.
///
/// `@unchecked Sendable`: `value` is read and written only between lock and unlock of the mutex, whose address is fixed
/// for the object's life; all else is immutable.
package final class Locked<Value: Sendable>: @unchecked Sendable {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private var value: Value

  package init(_ value: Value) {
    self.value = value
    mutex = .allocate(capacity: 1)
    mutex.initialize(to: pthread_mutex_t())
    precondition(pthread_mutex_init(mutex, nil) == 0, "no mutex to be had")
  }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  package func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return body(&value)
  }
}
