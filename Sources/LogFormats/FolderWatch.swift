internal import Dispatch
internal import Glibc
import Paths

/// Reports when something is written below folders, by inotify, and every second besides: network file systems tell
/// nothing, and then looking is all there is.
final class FolderWatch {
  enum Wake: Sendable {
    case folders(Set<String>)
    /// There is something in the pipe.
    case pipe
    case tick

    var isTick: Bool { if case .tick = self { true } else { false } }
  }

  private static let events = UInt32(
    IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CLOSE_WRITE | IN_ATTRIB | IN_MOVE_SELF)

  private let queue = DispatchQueue(label: "mtt-tui.folders")
  private let descriptor: Int32
  private let source: (any DispatchSourceRead)?
  private let timer: any DispatchSourceTimer
  private let state: State

  /// Folders by their watch. Touched on the queue only.
  private final class State: @unchecked Sendable {
    // Every access is on the owner's serial queue.
    var folders: [Int32: String] = [:]
    var watched: Set<String> = []
  }

  init(_ wakes: AsyncStream<Wake>.Continuation) {
    let (descriptor, state) = (inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC)), State())
    self.descriptor = descriptor
    self.state = state
    timer = DispatchSource.makeTimerSource(queue: queue)
    timer.schedule(deadline: .now() + 1, repeating: 1, leeway: .milliseconds(100))
    timer.setEventHandler { wakes.yield(.tick) }
    timer.resume()
    guard descriptor >= 0 else {
      source = nil
      return
    }
    let source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
    source.setEventHandler {
      let folders = Self.changed(descriptor, state)
      if !folders.isEmpty { wakes.yield(.folders(folders)) }
    }
    source.setCancelHandler { close(descriptor) }
    source.resume()
    self.source = source
  }

  deinit {
    timer.cancel()
    source?.cancel()
  }

  /// Watches a folder, if it is not watched already; one that cannot be watched is looked at every second.
  func add(_ folder: String) {
    guard descriptor >= 0 else { return }
    queue.async { [state, descriptor] in
      guard !state.watched.contains(folder) else { return }
      let watch = inotify_add_watch(descriptor, folder, Self.events)
      guard watch >= 0 else { return }
      state.watched.insert(folder)
      state.folders[watch] = folder
    }
  }

  /// The folders that waiting events name.
  private static func changed(_ descriptor: Int32, _ state: State) -> Set<String> {
    var folders: Set<String> = []
    var buffer = [UInt8](repeating: 0, count: 1 << 14)
    let header = MemoryLayout<inotify_event>.size
    while true {
      let got = read(descriptor, &buffer, buffer.count)
      guard got >= header else { return folders }
      var place = 0
      buffer.withUnsafeBytes { bytes in
        while place + header <= got {
          let event = bytes.loadUnaligned(fromByteOffset: place, as: inotify_event.self)
          if let folder = state.folders[event.wd] {
            folders.insert(folder)
            // Its name may get another folder, which the watch would not be of.
            if event.mask & UInt32(IN_MOVE_SELF) != 0 { inotify_rm_watch(descriptor, event.wd) }
            if event.mask & UInt32(IN_MOVE_SELF | IN_IGNORED) != 0 {
              state.folders[event.wd] = nil
              state.watched.remove(folder)
            }
          }
          place += header + Int(event.len)
        }
      }
    }
  }
}
