import Foundation
import Glibc
import Testing

/// A process that a test started. Foundation's `Process` would wait for grandchildren too, such as tmux's server.
struct Child {
  let id: pid_t
  private let outputPath: String
  private let errorPath: String

  /// Starts a program in `folder` with no signal blocked or ignored, its output going to files.
  init(_ path: String, _ arguments: [String], in folder: Folder, environment: [String: String]) throws {
    let name = UUID().uuidString
    outputPath = folder["\(name).out"]
    errorPath = folder["\(name).err"]
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    let creating = O_WRONLY | O_CREAT | O_APPEND
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, outputPath, creating, 0o600)
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errorPath, creating, 0o600)

    // A test's thread has most signals blocked, and a child inherits that.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var (none, all) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

    var words = (["env", "-C", folder.path, path] + arguments).map { strdup($0) } + [nil]
    var settings = environment.map { strdup("\($0)=\($1)") } + [nil]
    defer { for pointer in words + settings { free(pointer) } }
    var id = pid_t()
    let code = posix_spawnp(&id, "env", &actions, &attributes, &words, &settings)
    try #require(code == 0, "\(path) cannot be started: \(String(cString: strerror(code)))")
    self.id = id
  }

  /// What it has written to standard output so far.
  var output: String { (try? String(contentsOfFile: outputPath, encoding: .utf8)) ?? "" }

  /// What it has written to standard error so far.
  var errors: String { (try? String(contentsOfFile: errorPath, encoding: .utf8)) ?? "" }

  /// Waits for its end; the exit code as a shell gives it.
  func wait() -> Int32 {
    var status: Int32 = 0
    while waitpid(id, &status, 0) < 0, errno == EINTR {}
    let signal = status & 0x7F
    return signal == 0 ? status >> 8 & 0xFF : 128 + signal
  }
}
