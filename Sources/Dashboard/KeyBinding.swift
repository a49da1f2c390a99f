public import TerminalCanvas

/// What a key can ask of the dashboard.
public enum DashboardCommand: String, Hashable, Sendable, CaseIterable {
  case pauseOrResume, checkpoint, stop, detach, interrupt, commandLine
  case overviewPage, classesPage, balancePage, machinePage, logPage
  case nextFocus, previousFocus, maximize, back, nextLayout
  case cursorLeft, cursorRight, cursorStart, cursorEnd
  case zoomIn, zoomOut, panLeft, panRight, showAll, follow
  case toggleScale, nextUnit, smoothLess, smoothMore
  case scrollUp, scrollDown, scrollPageUp, scrollPageDown, logLevel, readAlerts
  case export, copy, nextTheme, nextGlyphs, help, redraw, suspend
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

  private init(
    _ command: DashboardCommand, _ keys: [Key], _ label: String, short: String? = nil, _ explanation: String
  ) {
    self.command = command
    self.keys = keys
    self.label = label
    self.short = short
    self.explanation = explanation
  }

  /// Every binding, in the order of the help; on the key line the first come first.
  public static let all: [KeyBinding] = steering + pages + chart + lists + others

  private static let steering: [KeyBinding] = [
    KeyBinding(
      .pauseOrResume, [.character("p"), .character(" ")], "p / space", short: "pause",
      "Pause training between two steps, or go on"),
    KeyBinding(.checkpoint, [.character("c")], "c", short: "checkpoint", "Write a checkpoint now, paused or not"),
    KeyBinding(.stop, [.character("q")], "q", short: "stop", "Choose how to stop; leave once the run has ended"),
    KeyBinding(.detach, [.character("d")], "d", short: "detach", "Take the shell back; the run goes on"),
    KeyBinding(
      .commandLine, [.character(":")], ":", short: "command", "Give a command: rate, weights, theme; Tab completes"),
    KeyBinding(.interrupt, [.control("c")], "Ctrl-C", "Save and leave; a second time, at once"),
  ]

  private static let pages: [KeyBinding] = [
    KeyBinding(.overviewPage, [.character("1")], "1", "The overview"),
    KeyBinding(.classesPage, [.character("2")], "2", "Both tasks label by label, and what is confused"),
    KeyBinding(.balancePage, [.character("3")], "3", "How the two tasks share the model"),
    KeyBinding(.machinePage, [.character("4")], "4", "The machine: cores, memory, speed"),
    KeyBinding(.logPage, [.character("5")], "5", "The whole log"),
    KeyBinding(.nextFocus, [.tab], "Tab", "Focus the next panel"),
    KeyBinding(.previousFocus, [.backTab], "Shift-Tab", "Focus the panel before"),
    KeyBinding(.maximize, [.enter], "Enter", "Show the focused panel alone, or all again"),
    KeyBinding(.nextLayout, [.character("v")], "v", "Next layout of the overview: standard, curves, figures"),
    KeyBinding(.back, [.escape], "Esc", "Put the cursor away, show all panels, take the focus off"),
  ]

  private static let chart: [KeyBinding] = [
    KeyBinding(.cursorLeft, [.left], "left", short: "read", "Read the curves out at a step: the one before"),
    KeyBinding(.cursorRight, [.right], "right", "Read the curves out at a step: the one after"),
    KeyBinding(.cursorStart, [.home], "Home", "Read out the first step shown"),
    KeyBinding(.cursorEnd, [.end], "End", "Read out the newest step"),
    KeyBinding(
      .zoomIn, [.character("+"), .character("=")], "+", short: "zoom", "Fewer steps, around the cursor or the newest"),
    KeyBinding(.zoomOut, [.character("-"), .character("_")], "-", "More steps"),
    KeyBinding(.panLeft, [.character(","), .character("<")], ",", "Move to earlier steps"),
    KeyBinding(.panRight, [.character("."), .character(">")], ".", "Move to later steps"),
    KeyBinding(.showAll, [.character("0")], "0", "Show all steps"),
    KeyBinding(.follow, [.character("f")], "f", "Keep the newest step in sight, or stand still"),
    KeyBinding(
      .toggleScale, [.character("l")], "l", short: "linear",
      "Switch the loss axis between linear and logarithmic"),
    KeyBinding(.nextUnit, [.character("x")], "x", short: "axis", "Lay the curves out over steps, epochs or time"),
    KeyBinding(.smoothLess, [.character("[")], "[", "Smooth less, down to not at all"),
    KeyBinding(.smoothMore, [.character("]")], "]", "Smooth more"),
  ]

  private static let lists: [KeyBinding] = [
    KeyBinding(.scrollUp, [.up, .character("k")], "up / k", "Scroll the log or the table back"),
    KeyBinding(.scrollDown, [.down, .character("j")], "down / j", "Scroll it forward, to its end again"),
    KeyBinding(.scrollPageUp, [.pageUp], "PageUp", "Scroll a page back"),
    KeyBinding(.scrollPageDown, [.pageDown], "PageDown", "Scroll a page forward"),
    KeyBinding(.logLevel, [.character("w")], "w", "Show all of the log, warnings and errors, or errors"),
    KeyBinding(.readAlerts, [.character("a")], "a", "Read the alerts; the header counts them no longer"),
  ]

  private static let others: [KeyBinding] = [
    KeyBinding(
      .export, [.character("e")], "e", short: "export",
      "Write the view, the chart and the series into the run's folder"),
    KeyBinding(.copy, [.character("y")], "y", "Copy the current figures to the clipboard"),
    KeyBinding(.nextTheme, [.character("t")], "t", short: "theme", "Next theme"),
    KeyBinding(
      .nextGlyphs, [.character("g")], "g", short: "glyphs", "Next set of glyphs: braille, blocks, ASCII"),
    KeyBinding(.help, [.character("?")], "?", short: "help", "Show or hide this help"),
    KeyBinding(.redraw, [.control("l")], "Ctrl-L", "Draw the screen anew"),
    KeyBinding(
      .suspend, [.control("z")], "Ctrl-Z", "Put the program to sleep; the shell's fg brings it back"),
  ]

  /// What a key does, if anything.
  public static func command(for key: Key) -> DashboardCommand? {
    all.first { $0.keys.contains(key) }?.command
  }
}
