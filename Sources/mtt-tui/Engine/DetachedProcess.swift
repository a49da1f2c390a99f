import Glibc
import Paths

/// Programs in a session of their own: what ends this process or its terminal does not reach them.
enum DetachedProcess {
  /// glibc shows this flag only to programs that ask for GNU extensions.
  private static let newSession: Int32 = 0x80

  /// Starts a program.
  ///
  /// - Parameters:
  ///   - program: its path.
  ///   - arguments: its own name first.
  ///   - environment: as `NAME=value`.
  ///   - socket: a descriptor and the number under which the program finds it.
  ///   - output: where standard output and standard error go; nowhere where it is negative.
  /// - Returns: its process, and 0 or why there is none as the system's error number.
  static func spawn(
    _ program: String, _ arguments: [String], environment: [String] = Arguments.environment,
    socket: (descriptor: Int32, number: Int32)? = nil, output console: Int32
  ) -> (process: pid_t, code: Int32) {
    var actions = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    guard posix_spawn_file_actions_init(&actions) == 0, posix_spawnattr_init(&attributes) == 0 else {
      return (0, ENOMEM)
    }
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    for descriptor in [STDOUT_FILENO, STDERR_FILENO] {
      if console >= 0 {
        posix_spawn_file_actions_adddup2(&actions, console, descriptor)
      } else {
        posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_WRONLY, 0)
      }
    }
    if let socket { posix_spawn_file_actions_adddup2(&actions, socket.descriptor, socket.number) }
    // The terminal's descriptors above all: an SSH connection stays open as long as anybody holds them.
    for descriptor in inheritable(above: socket?.number ?? STDERR_FILENO) {
      posix_spawn_file_actions_addclose(&actions, descriptor)
    }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(
      &attributes, Int16(Int32(POSIX_SPAWN_SETSIGMASK) | Int32(POSIX_SPAWN_SETSIGDEF) | newSession))
    return withCStrings(arguments) { arguments in
      withCStrings(environment) { environment in
        withCStrings([program]) { program in
          var process: pid_t = 0
          let code = program[0].map { posix_spawn(&process, $0, &actions, &attributes, arguments, environment) }
          return (process, code ?? ENOMEM)
        }
      }
    }
  }

  /// Waits for the end of a process; its status as `waitpid` has it.
  static func wait(for process: pid_t) -> Int32 {
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    return status
  }

  /// Whether a process has ended; `wait` then returns at once.
  static func hasEnded(_ process: pid_t) -> Bool {
    var information = siginfo_t()
    let code = waitid(P_PID, id_t(process), &information, WEXITED | WNOHANG | WNOWAIT)
    return code < 0 && errno == ECHILD || code == 0 && information.si_signo == SIGCHLD
  }

  /// Descriptors of this process that a new program would have too, the first ones left out.
  private static func inheritable(above number: Int32) -> [Int32] {
    FolderEntry.all(in: "/proc/self/fd").compactMap { Int32($0.name) }.filter {
      $0 > number && fcntl($0, F_GETFD) & FD_CLOEXEC == 0
    }
  }

  /// Calls `body` with C's form of a list of strings, ended by a null pointer.
  private static func withCStrings<Result>(
    _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
  ) -> Result {
    let copies = strings.map { string in
      (PathText.bytes(string) + [0]).withUnsafeBytes {
        $0.assumingMemoryBound(to: CChar.self).baseAddress.flatMap { strdup($0) }
      }
    }
    defer { for copy in copies { free(copy) } }
    return body(copies + [nil])
  }
}
