import Foundation
import Glibc
import Testing

/// A run that has no descriptor left to let anybody in.
@Suite(.enabled(if: Tmux.isInstalled, "tmux is not installed"), .serialized)
struct FewDescriptorsTests {
  private let folder: Folder

  init() throws { folder = try Folder() }

  /// Sockets that knock at a run's door, without waiting to be let in.
  private func knock(_ count: Int, at path: String) -> [Int32] {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
    return (0..<count).map { _ in
      let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
      withUnsafePointer(to: address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          _ = connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
      }
      return descriptor
    }
  }

  /// Clock ticks that a process has used.
  private func ticks(_ process: pid_t) throws -> Int {
    let line = try String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
    let fields = line[line.index(after: try #require(line.lastIndex(of: ")")))...].split(separator: " ")
    return try #require(Int(fields[11])) + #require(Int(fields[12]))
  }

  private func descriptors(_ process: pid_t) -> Int {
    (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd").count) ?? 0
  }

  /// Whoever cannot be let in waits, and costs nothing; once there is room again, the door is open.
  @Test func whoCannotBeLetInWaits() async throws {
    let limit = 64
    let options = (["--no-ui", "--epochs", "1000000", "--run-dir", "run"] + Program.tiny).joined(separator: " ")
    let run = try Child(
      "sh", ["-c", "ulimit -n \(limit); exec '\(Program.path)' \(options)"], in: folder,
      environment: Program.environment())
    try await eventually("the run can be attached") { folder.exists("run/socket") }
    let tmux = try Tmux("'\(Program.path)' attach run", in: folder)
    try await tmux.showsARun()
    try tmux.type("p")
    try await tmux.shows("║ paused")
    // Only some can stand at the door at a time.
    var callers: [Int32] = []
    try await eventually("it has no descriptor left") {
      callers += knock(4, at: folder["run/socket"])
      return descriptors(run.id) >= limit
    }
    callers += knock(4, at: folder["run/socket"])
    let before = try ticks(run.id)
    try await Task.sleep(for: .seconds(2))
    #expect(try ticks(run.id) - before < 20, "it does not ask again and again")
    for caller in callers { close(caller) }
    let list = try Program.run(["runs", "."], in: folder)
    #expect(list.output.contains("run  paused"), "\(list.output)")
    kill(run.id, SIGTERM)
    #expect(run.wait() == 143)
  }
}
