public import TerminalCanvas
public import Themes
public import TrainingEvents

/// What the dashboard asks its surroundings to do.
public enum DashboardAction: Hashable, Sendable {
  case send(TrainingCommand)
  /// Leave the screen; the run has ended or was told to.
  case quit
  /// Ctrl-Z: give the terminal back and stop the process until `fg`.
  case suspend
  /// Ctrl-L: draw everything anew.
  case redraw
}

/// Everything the screen is drawn from: the run as its events tell it, and what the user chose to see.
public struct DashboardModel: Sendable {
  public init(theme: Theme, glyphs: GlyphSet) {
    fatalError("stub")
  }

  /// True when something visible changed since the last `draw`.
  public private(set) var needsDisplay = true

  /// Takes an event in. `now` is a monotonic clock in seconds.
  public mutating func apply(_ event: TrainingEvent, now: Double) {}

  /// Takes a key, click or focus change in.
  public mutating func handle(_ input: InputEvent, now: Double) -> [DashboardAction] { [] }

  /// Draws the whole screen at the canvas's size.
  public mutating func draw(into canvas: inout Canvas, now: Double) {}
}

/// Which characters charts and bars may use.
public enum GlyphSet: String, Hashable, Sendable, CaseIterable {
  case braille, blocks, ascii
}
