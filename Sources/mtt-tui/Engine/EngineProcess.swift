import Foundation
import Glibc
import Paths
import RunFolder
import RunSession
import Training
import TrainingEvents

/// Starts the engine as a process of its own, in a session of its own: what ends the dashboard or its terminal does not
/// reach it.
enum EngineProcess {
  /// The number under which the engine finds the socket to its dashboard.
  static let socket: Int32 = 3
  /// glibc shows this flag only to programs that ask for GNU extensions.
  private static let newSession: Int32 = 0x80

  /// Starts this very program as `mtt-tui engine`, tells it through the socket what to do, and follows it.
  static func start(_ start: TrainingEngine.Start) throws(SessionError) -> RemoteSession {
    let (near, far) = try Socket.pair()
    // For what the engine prints before it has a folder.
    let console = makeUnnamedFile()
    defer { close(far) }
    let (process, code) = spawn(
      [Arguments.all.first ?? "mtt-tui", EngineCommand.name], socket: far, console: console)
    guard code == 0 else {
      close(near)
      if console >= 0 { close(console) }
      throw SessionError("The engine's process could not be started: \(String(cString: strerror(code))).")
    }
    // Where nobody takes it, the process is gone, and the session says so.
    StandardStreams.write(String(decoding: RunJSON.encode(start), as: UTF8.self) + "\n", to: near)
    return RemoteSession(descriptor: near) { run in
      var status: Int32 = 0
      while waitpid(process, &status, 0) < 0, errno == EINTR {}
      return LastWords.loss(of: run, ending: LastWords.ending(status: status), console: console)
    }
  }

  /// What the dashboard wants done: one line of JSON, before all else that comes through the socket.
  static func receiveStart() throws -> TrainingEngine.Start {
    var line: [UInt8] = []
    var byte: UInt8 = 0
    while true {
      let count = read(socket, &byte, 1)
      if count == 1, byte == UInt8(ascii: "\n") { break }
      if count == 1 {
        line.append(byte)
      } else if count < 0, errno == EAGAIN {
        var waiting = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        poll(&waiting, 1, -1)
      } else if count == 0 || errno != EINTR {
        throw SessionError("The dashboard was gone before it said what to train.")
      }
    }
    return try RunJSON.decode(TrainingEngine.Start.self, from: line, path: "what the dashboard wants trained")
  }

  private static func spawn(_ arguments: [String], socket far: Int32, console: Int32) -> (process: pid_t, code: Int32) {
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
    posix_spawn_file_actions_adddup2(&actions, far, Self.socket)
    // The terminal's descriptors above all: an SSH connection stays open as long as anybody holds them.
    for descriptor in inheritable() { posix_spawn_file_actions_addclose(&actions, descriptor) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(
      &attributes, Int16(Int32(POSIX_SPAWN_SETSIGMASK) | Int32(POSIX_SPAWN_SETSIGDEF) | newSession))
    return withCStrings(arguments) { arguments in
      withCStrings(Arguments.environment) { environment in
        withCStrings([program]) { program in
          var process: pid_t = 0
          let code = program[0].map { posix_spawn(&process, $0, &actions, &attributes, arguments, environment) }
          return (process, code ?? ENOMEM)
        }
      }
    }
  }

  /// This program's file: by its path, since the system calls a process after that; by the link where it was replaced or
  /// moved since.
  private static var program: String {
    let link = "/proc/self/exe"
    var (linked, found) = (stat(), stat())
    guard let path = linkTarget(link), stat(link, &linked) == 0, stat(path, &found) == 0, linked.st_ino == found.st_ino,
      linked.st_dev == found.st_dev
    else { return link }
    return path
  }

  /// Descriptors of this process that a new program would have too, the first ones left out.
  private static func inheritable() -> [Int32] {
    FolderEntry.all(in: "/proc/self/fd").compactMap { Int32($0.name) }.filter {
      $0 > Self.socket && fcntl($0, F_GETFD) & FD_CLOEXEC == 0
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
