import Dispatch

/// Waits until a terminal that was full takes more of what is to be drawn.
@MainActor
final class RoomWatch {
  private var source: (any DispatchSourceWrite)?

  /// Calls `body` once, as soon as there is room; while that is awaited already, nothing more happens.
  func wait(for descriptor: Int32, then body: @escaping @MainActor () -> Void) {
    guard source == nil else { return }
    let source = DispatchSource.makeWriteSource(fileDescriptor: descriptor, queue: .main)
    source.setEventHandler { @Sendable in
      MainActor.assumeIsolated {
        self.end()
        body()
      }
    }
    source.resume()
    self.source = source
  }

  /// Waits no longer.
  func end() {
    source?.cancel()
    source = nil
  }
}
