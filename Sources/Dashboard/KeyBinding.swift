public import TerminalCanvas

/// What a key can ask of the dashboard.
public enum DashboardCommand: String, Hashable, Sendable, CaseIterable {
  case pauseOrResume, checkpoint, stop, interrupt, help, nextTheme, nextGlyphs, toggleScale, logUp, logDown, redraw
  case suspend, leave
}

/// One row of the table that drives dispatch, the key line and the help.
public struct KeyBinding: Hashable, Sendable {
  /// The keys that trigger it.
  public var keys: [Key]
  /// The keys as they are written for people, such as `p / space`.
  public var label: String
  /// A word or two for the key line; nil keeps it off that line.
  public var short: String?
  /// A sentence for the help.
  public var explanation: String
  public var command: DashboardCommand

  /// Every binding, in the order of the help.
  public static let all: [KeyBinding] = [
    KeyBinding(
      keys: [.character("p"), .character(" ")], label: "p / space", short: "pause",
      explanation: "Pause training between two steps, or go on", command: .pauseOrResume),
    KeyBinding(
      keys: [.character("c")], label: "c", short: "checkpoint",
      explanation: "Write a checkpoint now, paused or not", command: .checkpoint),
    KeyBinding(
      keys: [.character("q")], label: "q", short: "stop",
      explanation: "Choose how to stop; leave once the run has ended", command: .stop),
    KeyBinding(
      keys: [.enter], label: "Enter", short: nil, explanation: "Leave, once the run has ended", command: .leave),
    KeyBinding(
      keys: [.character("l")], label: "l", short: "linear",
      explanation: "Switch the loss axis between linear and logarithmic", command: .toggleScale),
    KeyBinding(
      keys: [.character("t")], label: "t", short: "theme", explanation: "Next theme", command: .nextTheme),
    KeyBinding(
      keys: [.character("g")], label: "g", short: "glyphs",
      explanation: "Next set of glyphs: braille, blocks, ASCII", command: .nextGlyphs),
    KeyBinding(
      keys: [.up, .character("k")], label: "up / k", short: nil, explanation: "Scroll the log back",
      command: .logUp),
    KeyBinding(
      keys: [.down, .character("j")], label: "down / j", short: nil,
      explanation: "Scroll the log forward, to its end again", command: .logDown),
    KeyBinding(
      keys: [.character("?")], label: "?", short: "help", explanation: "Show or hide this help", command: .help),
    KeyBinding(
      keys: [.control("l")], label: "Ctrl-L", short: nil, explanation: "Draw the screen anew", command: .redraw),
    KeyBinding(
      keys: [.control("z")], label: "Ctrl-Z", short: nil,
      explanation: "Put the program to sleep; the shell's fg brings it back", command: .suspend),
    KeyBinding(
      keys: [.control("c")], label: "Ctrl-C", short: nil,
      explanation: "Save and leave; a second time, at once", command: .interrupt),
  ]

  /// What a key does, if anything.
  public static func command(for key: Key) -> DashboardCommand? {
    all.first { $0.keys.contains(key) }?.command
  }
}
