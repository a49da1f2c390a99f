import Foundation
import Testing

/// A terminal that a test can type into and read: a tmux server of its own with one window.
final class Tmux {
  private let socket = "mtt-tui-\(UUID().uuidString.prefix(8))"

  /// Whether tmux is there; `make test` installs it.
  static let isInstalled = ["/usr/bin/tmux", "/usr/local/bin/tmux", "/bin/tmux"].contains {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  /// Starts a command in `folder`. When it ends, the window shows `exit code N` and the terminal's modes, and stays.
  init(
    _ command: String, in folder: Folder, columns: Int = 80, rows: Int = 24, environment: [String: String] = [:]
  ) throws {
    let script = """
      \(command)
      echo "exit code $?"
      stty -a | grep -o -E -- '-?(icanon|echo|isig|icrnl|opost)( |;|$)' | tr -d ' ;' | sort | tr '\\n' ' '
      echo end
      exec cat
      """
    try folder.write("window.sh", script)
    try run(
      ["-f", "/dev/null", "new-session", "-d", "-x", "\(columns)", "-y", "\(rows)", "sh '\(folder["window.sh"])'"],
      in: folder, environment: environment)
  }

  deinit { _ = try? run(["kill-server"]) }

  /// What the window shows, lines joined by newlines.
  var screen: String { (try? run(["capture-pane", "-p", "-J"])) ?? "" }

  /// Types keys by tmux's names: `p`, `Enter`, `C-z`.
  func type(_ keys: String...) throws { try run(["send-keys"] + keys) }

  func resize(columns: Int, rows: Int) throws {
    try run(["resize-window", "-x", "\(columns)", "-y", "\(rows)"])
  }

  /// Takes the terminal away from whatever runs in it.
  func kill() throws { try run(["kill-server"]) }

  /// Whether the window is as a shell expects it: main screen, cursor shown, no mouse reports.
  var isPlain: Bool {
    let state = try? run(["display-message", "-p", "#{alternate_on} #{cursor_flag} #{mouse_any_flag} #{keypad_flag}"])
    return state == "0 1 0 0\n"
  }

  /// Waits until the screen shows a text.
  @discardableResult
  func shows(_ text: String, seconds: Double = 60, sourceLocation: SourceLocation = #_sourceLocation) async throws
    -> Bool
  {
    var seen = ""
    let found = try await eventually(
      "the screen shows “\(text)”", seconds: seconds, sourceLocation: sourceLocation,
      {
        seen = screen
        return seen.contains(text)
      })
    if !found { Issue.record("The screen was:\n\(seen)", sourceLocation: sourceLocation) }
    return found
  }

  /// Waits for the command's end and checks the code and that the terminal is as it was.
  func ended(exitCode: Int32, sourceLocation: SourceLocation = #_sourceLocation) async throws {
    guard try await shows("end", sourceLocation: sourceLocation) else { return }
    let text = screen
    #expect(text.contains("exit code \(exitCode)\n"), "\(text)", sourceLocation: sourceLocation)
    #expect(text.contains("echo icanon icrnl isig opost end"), "\(text)", sourceLocation: sourceLocation)
    #expect(isPlain, sourceLocation: sourceLocation)
  }

  @discardableResult
  private func run(_ arguments: [String], in folder: Folder? = nil, environment: [String: String] = [:]) throws
    -> String
  {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["tmux", "-L", socket] + arguments
    process.environment = Program.environment(environment)
    if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder.path) }
    // The server that new-session leaves behind would hold a pipe open.
    let output = arguments.contains("new-session") ? nil : Pipe()
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output ?? FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = output?.fileHandleForReading.readDataToEndOfFile() ?? Data()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self)
  }
}
