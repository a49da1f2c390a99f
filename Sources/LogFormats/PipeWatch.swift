internal import Dispatch

/// Tells once, each time it is asked, when a pipe has something to read or has ended.
final class PipeWatch {
  private let descriptor: Int32
  private let queue = DispatchQueue(label: "mtt-tui.pipe")
  private var source: (any DispatchSourceRead)?

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  deinit { source?.cancel() }

  /// Asks, unless it has been asked and nothing has come yet.
  func arm(_ wakes: AsyncStream<FolderWatch.Wake>.Continuation) {
    guard source?.isCancelled != false else { return }
    let source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
    source.setEventHandler {
      // Until the library has read, and asks again, there would be one event after another.
      source.cancel()
      wakes.yield(.pipe)
    }
    source.resume()
    self.source = source
  }
}
