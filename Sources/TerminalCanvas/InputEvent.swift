/// What comes from the terminal: what a person does there, and what it says of itself.
public enum InputEvent: Hashable, Sendable {
  case key(Key)
  case mouse(MouseEvent)
  /// A text that was pasted, not typed.
  case paste(String)
  /// The terminal's window gained or lost the focus.
  case focus(Bool)
  /// The terminal has shown everything that was sent before it was asked.
  case ready
  /// The terminal's own background.
  case background(Color)
}

/// A key press.
public enum Key: Hashable, Sendable {
  case character(Character)
  /// Control with a lower-case letter: Ctrl-L is `.control("l")`.
  case control(Character)
  case enter, escape, tab, backTab, backspace, delete
  case up, down, left, right, home, end, pageUp, pageDown
  case function(Int)
}

/// A mouse action at a cell, counted from the top left corner.
public struct MouseEvent: Hashable, Sendable {
  public enum Action: Hashable, Sendable {
    case press, release, drag, wheelUp, wheelDown
  }

  public var action: Action
  public var x: Int
  public var y: Int

  public init(action: Action, x: Int, y: Int) {
    self.action = action
    self.x = x
    self.y = y
  }
}
