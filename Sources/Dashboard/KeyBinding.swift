public import TerminalCanvas

/// What a key can ask of the dashboard.
public enum DashboardCommand: String, Hashable, Sendable, CaseIterable {
  case pauseOrResume, checkpoint, stop, detach, interrupt, commandLine
  case overviewPage, classesPage, balancePage, machinePage, logPage, errorsPage, setupPage
  case nextFocus, previousFocus, maximize, back, nextLayout
  case cursorLeft, cursorRight, cursorStart, cursorEnd
  case zoomIn, zoomOut, panLeft, panRight, showAll, follow
  case toggleScale, nextUnit, smoothLess, smoothMore
  case scrollUp, scrollDown, scrollPageUp, scrollPageDown, logLevel, search, nextOrder, readAlerts
  case mark, suspects, showConfused
  case export, copy, nextTheme, nextGlyphs, help, redraw, suspend
}

/// A part of the dashboard in which a key has a meaning of its own, which there takes the place of its common one.
public enum KeyPlace: Hashable, Sendable, CaseIterable {
  /// The list of wrong sentences is shown.
  case mistakes
  /// A list of confusions has the focus.
  case confusions
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
  /// The sentence for somebody who only watches, where it is another.
  public var explanationForWatchers: String?
  public var command: DashboardCommand
  /// Where alone the keys mean this; nil for everywhere else.
  public var place: KeyPlace?

  private init(
    _ command: DashboardCommand, _ keys: [Key], _ label: String, short: String? = nil, _ explanation: String,
    watching: String? = nil, at place: KeyPlace? = nil
  ) {
    self.place = place
    explanationForWatchers = watching
    self.command = command
    self.keys = keys
    self.label = label
    self.short = short
    self.explanation = explanation
  }

  /// Every binding, in the order of the help; on the key line the first come first.
  public static let all: [KeyBinding] = sections.flatMap(\.bindings)

  /// The bindings by what they are for.
  static let sections: [(title: String, bindings: [KeyBinding])] = [
    ("Run", steering), ("Pages and panels", pages), ("Log and tables", lists), ("Curves", chart), ("Screen", others),
  ]

  private static let steering: [KeyBinding] = [
    KeyBinding(
      .pauseOrResume, [.character("p"), .character(" ")], "p / space", short: "pause",
      "Pause training between two steps, or go on"),
    KeyBinding(.checkpoint, [.character("c")], "c", short: "checkpoint", "Write a checkpoint now, paused or not"),
    KeyBinding(
      .stop, [.character("q")], "q", short: "stop", "Choose how to stop, or leave; leave an ended run",
      watching: "Leave; the run goes on (:stop asks how to stop it)"),
    KeyBinding(.detach, [.character("d")], "d", short: "leave running", "Take the shell back; the run goes on"),
    KeyBinding(.commandLine, [.character(":")], ":", short: "command", "Type a command; Tab completes it"),
    KeyBinding(
      .interrupt, [.control("c")], "Ctrl-C", "Close what is open; else ask how to stop, again: at once",
      watching: "Close what is open; else leave"),
  ]

  private static let pages: [KeyBinding] = [
    KeyBinding(.overviewPage, [.character("1")], "1", "Overview"),
    KeyBinding(.classesPage, [.character("2")], "2", "Both tasks label by label, and confusions"),
    KeyBinding(.balancePage, [.character("3")], "3", "How the two tasks share the model"),
    KeyBinding(.machinePage, [.character("4")], "4", "The machine: cores, memory, speed"),
    KeyBinding(.logPage, [.character("5")], "5", "The whole log"),
    KeyBinding(.errorsPage, [.character("6")], "6", "Wrong dev sentences, gold beside predicted"),
    KeyBinding(.setupPage, [.character("7")], "7", "Where the run lies, and all its options"),
    KeyBinding(.nextFocus, [.tab], "Tab", "Focus the next panel"),
    KeyBinding(.previousFocus, [.backTab], "Shift-Tab", "Focus the panel before"),
    KeyBinding(.maximize, [.enter], "Enter", "Show the focused panel alone, or all again"),
    KeyBinding(.nextLayout, [.character("v")], "v", "Next layout: standard, curves, figures"),
    KeyBinding(.back, [.escape], "Esc", "Back: cursor away, all panels, no focus"),
  ]

  private static let lists: [KeyBinding] = [
    KeyBinding(
      .scrollUp, [.up, .character("k")], "up / k", short: "scroll", "Scroll the list in focus, else the page's, up"),
    KeyBinding(.scrollDown, [.down, .character("j")], "down / j", "Scroll it down"),
    KeyBinding(.scrollPageUp, [.pageUp], "PageUp", "Scroll a page up"),
    KeyBinding(.scrollPageDown, [.pageDown], "PageDown", "Scroll a page down"),
    KeyBinding(.logLevel, [.character("w")], "w", short: "filter", "Log by level; errors: all, classes, tags"),
    KeyBinding(.search, [.character("/")], "/", short: "search", "Log and errors: those with a text; Esc shows all"),
    KeyBinding(.nextOrder, [.character("o")], "o", short: "order", "Next order of the labels, of the errors"),
    KeyBinding(
      .mark, [.character(" ")], "space", short: "mark", "Errors: mark a sentence; e writes those marked", at: .mistakes),
    KeyBinding(
      .suspects, [.character("s")], "s", short: "suspects", "Errors: suspects among train's labels, or back",
      at: .mistakes),
    KeyBinding(
      .showConfused, [.enter], "Enter", short: "sentences", "On a confusion in focus: its sentences", at: .confusions),
    KeyBinding(.readAlerts, [.character("a")], "a", "Read the alerts that the header counts"),
  ]

  private static let chart: [KeyBinding] = [
    KeyBinding(.cursorLeft, [.left], "left", short: "read", "Read the curves out, a step earlier"),
    KeyBinding(.cursorRight, [.right], "right", "Read the curves out, a step later"),
    KeyBinding(.cursorStart, [.home], "Home", "Read out the first step shown"),
    KeyBinding(.cursorEnd, [.end], "End", "Read out the newest step"),
    KeyBinding(
      .zoomIn, [.character("+"), .character("=")], "+", short: "zoom", "Fewer steps, around cursor or newest"),
    KeyBinding(.zoomOut, [.character("-"), .character("_")], "-", "More steps"),
    KeyBinding(.panLeft, [.character(","), .character("<")], ",", "Earlier steps"),
    KeyBinding(.panRight, [.character("."), .character(">")], ".", "Later steps"),
    KeyBinding(.showAll, [.character("0")], "0", "All steps"),
    KeyBinding(.follow, [.character("f")], "f", "Follow the newest step, or stand still"),
    KeyBinding(.toggleScale, [.character("l")], "l", short: "linear", "Loss axis linear or logarithmic"),
    KeyBinding(.nextUnit, [.character("x")], "x", short: "axis", "Over steps, epochs or training time"),
    KeyBinding(.smoothLess, [.character("[")], "[", "Smooth less, down to not at all"),
    KeyBinding(.smoothMore, [.character("]")], "]", "Smooth more"),
  ]

  private static let others: [KeyBinding] = [
    KeyBinding(.export, [.character("e")], "e", short: "export", "Write view, chart and series to files"),
    KeyBinding(.copy, [.character("y")], "y", "Copy the figures to the clipboard"),
    KeyBinding(.nextTheme, [.character("t")], "t", short: "theme", "Next theme"),
    KeyBinding(.nextGlyphs, [.character("g")], "g", short: "glyphs", "Next glyphs: braille, blocks, ASCII"),
    KeyBinding(.help, [.character("?")], "?", short: "help", "Show or hide this help"),
    KeyBinding(.redraw, [.control("l")], "Ctrl-L", "Draw the screen anew"),
    KeyBinding(.suspend, [.control("z")], "Ctrl-Z", "Put the screen to sleep; fg wakes it"),
  ]

  /// The sentence for the help.
  func explanation(for role: SessionRole) -> String {
    role == .watcher ? explanationForWatchers ?? explanation : explanation
  }

  /// What a key does, if anything, where there are such places.
  public static func command(for key: Key, at places: Set<KeyPlace> = []) -> DashboardCommand? {
    let bindings = all.filter { $0.keys.contains(key) }
    let own = bindings.first { $0.place.map { places.contains($0) } ?? false }
    return (own ?? bindings.first { $0.place == nil })?.command
  }
}
