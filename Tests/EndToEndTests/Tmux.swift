import Foundation
import Testing

/// A terminal that a test can type into and read: a tmux server of its own with one window.
final class Tmux {
  /// Where the command runs and tmux's answers are kept.
  private let folder: Folder
  private let socket = "mtt-tui-\(UUID().uuidString.prefix(8))"

  /// Whether tmux is there; `make test` installs it.
  static let isInstalled = ["/usr/bin/tmux", "/usr/local/bin/tmux", "/bin/tmux"].contains {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  /// Starts a command in `folder`. When it ends, the window shows `exit code N` and the terminal's modes, and stays.
  init(
    _ command: String, in folder: Folder, columns: Int = 80, rows: Int = 24, environment: [String: String] = [:]
  ) throws {
    // Ctrl-C reaches the shell too, which must live to say how the command ended.
    let script = """
      trap : INT
      \(command)
      echo "exit code $?"
      stty -a | grep -o -E -- '-?(icanon|echo|isig|icrnl|opost)( |;|$)' | tr -d ' ;' | sort | tr '\\n' ' '
      echo "<command ended>"
      exec cat
      """
    self.folder = folder
    let name = "window-\(socket).sh"
    try folder.write(name, script)
    try run(
      ["-f", "/dev/null", "new-session", "-d", "-x", "\(columns)", "-y", "\(rows)", "sh '\(folder[name])'"],
      in: folder, environment: environment)
  }

  deinit { _ = try? run(["kill-server"]) }

  /// What the window shows, lines joined by newlines.
  var screen: String { (try? run(["capture-pane", "-p", "-J"])) ?? "" }

  /// The same with its colours.
  var coloredScreen: String { (try? run(["capture-pane", "-p", "-J", "-e"])) ?? "" }

  /// Types keys by tmux's names: `p`, `Enter`, `C-z`.
  func type(_ keys: String...) throws { _ = try run(["send-keys"] + keys) }

  /// Types a text as it is, whatever tmux would make of it.
  func literally(_ text: String) throws { _ = try run(["send-keys", "-l", "--", text]) }

  /// Pastes a text, marked as such where the program asked for that.
  func paste(_ text: String) throws {
    _ = try run(["set-buffer", "--", text])
    _ = try run(["paste-buffer", "-p"])
  }

  /// Takes what programs put on the clipboard.
  func takeClipboard() throws { _ = try run(["set-option", "-s", "set-clipboard", "on"]) }

  var clipboard: String { (try? run(["show-buffer"])) ?? "" }

  /// Writes over the program's picture, as a stray message would.
  func spoil(_ text: String) throws {
    let terminal = try run(["display-message", "-p", "#{pane_tty}"]).trimmingCharacters(in: .newlines)
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: terminal))
    try handle.write(contentsOf: Data("\u{1B}[3;20H\(text)".utf8))
    try handle.close()
  }

  func resize(columns: Int, rows: Int) throws {
    _ = try run(["resize-window", "-x", "\(columns)", "-y", "\(rows)"])
  }

  /// Keeps every byte that is written to the terminal from here on in a file.
  func record(in name: String) throws { _ = try run(["pipe-pane", "cat > '\(folder[name])'"]) }

  /// Takes the terminal away from whatever runs in it.
  func kill() throws { _ = try run(["kill-server"]) }

  /// Alternate screen, cursor, mouse reports and keypad mode, each 0 or 1.
  var modes: String {
    let format = "#{alternate_on} #{cursor_flag} #{mouse_any_flag} #{keypad_flag}"
    return ((try? run(["display-message", "-p", format])) ?? "").trimmingCharacters(in: .newlines)
  }

  /// The modes as a shell expects them: main screen, cursor shown, no mouse reports.
  static let plainModes = "0 1 0 0"

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

  /// Waits until the screen shows a run of a million epochs, in whatever phase it is: a test may never see `running`
  /// where evaluations take most of the time.
  func showsARun(sourceLocation: SourceLocation = #_sourceLocation) async throws {
    try await shows("of 1000000", sourceLocation: sourceLocation)
  }

  /// Waits until the screen no longer shows a text.
  func hides(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
    var seen = ""
    let gone = try await eventually(
      "“\(text)” goes from the screen", sourceLocation: sourceLocation,
      {
        seen = screen
        return !seen.isEmpty && !seen.contains(text)
      })
    if !gone { Issue.record("The screen was:\n\(seen)", sourceLocation: sourceLocation) }
  }

  /// Waits for the command's end and checks the code and that the terminal is as it was.
  func ended(exitCode: Int32, sourceLocation: SourceLocation = #_sourceLocation) async throws {
    guard try await shows("<command ended>", sourceLocation: sourceLocation) else { return }
    let text = screen
    #expect(text.contains("exit code \(exitCode)\n"), "\(text)", sourceLocation: sourceLocation)
    #expect(text.contains("echo icanon icrnl isig opost <command ended>"), "\(text)", sourceLocation: sourceLocation)
    #expect(modes == Self.plainModes, sourceLocation: sourceLocation)
  }

  @discardableResult
  private func run(_ arguments: [String], in folder: Folder, environment: [String: String] = [:]) throws -> String {
    let client = try Child(
      "tmux", ["-L", socket] + arguments, in: folder, environment: Program.environment(environment))
    _ = client.wait()
    return client.output
  }

  private func run(_ arguments: [String]) throws -> String { try run(arguments, in: folder) }
}
