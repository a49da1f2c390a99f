import CNcurses
import TerminalCanvas

/// Turns what ncurses reads into input events. Pure: one value in, at most one event out.
///
/// ncurses knows the keys of the terminal's description. Mouse and focus reports are decoded here: many descriptions do
/// not have them although the terminal does. Alt with a key is dropped whole.
struct KeyDecoder {
  private enum State {
    case ground
    case escape
    /// Within a control sequence, with the bytes since `ESC [`.
    case sequence([UInt8])
    /// After `ESC O`: one byte to drop.
    case singleShift
  }

  private var state = State.ground

  /// Takes a key code of ncurses, such as KEY_UP.
  mutating func take(code: Int32) -> InputEvent? {
    if case .ground = state { return Self.key(code: code).map(InputEvent.key) }
    state = .ground  // Alt with a function key
    return nil
  }

  /// Takes a character.
  mutating func take(scalar: UInt32) -> InputEvent? {
    switch state {
    case .ground:
      if scalar == 27 {
        state = .escape
        return nil
      }
      return Self.key(scalar: scalar).map(InputEvent.key)
    case .escape:
      switch scalar {
      case 27: return .key(.escape)  // the first; the second may begin something
      case UInt32(UInt8(ascii: "[")): state = .sequence([])
      case UInt32(UInt8(ascii: "O")): state = .singleShift
      default: state = .ground  // Alt with a character
      }
      return nil
    case .singleShift:
      state = .ground
      return nil
    case .sequence(let bytes):
      guard scalar < 128, bytes.count < 64 else {
        state = .ground
        return nil
      }
      guard (0x40...0x7E).contains(scalar) else {
        state = .sequence(bytes + [UInt8(scalar)])
        return nil
      }
      state = .ground
      return Self.report(parameters: bytes, final: UInt8(scalar))
    }
  }

  /// Nothing more is waiting: an escape that stands alone was the key.
  mutating func finish() -> InputEvent? {
    guard case .escape = state else { return nil }
    state = .ground
    return .key(.escape)
  }

  private static func key(code: Int32) -> Key? {
    switch code {
    case KEY_UP: return .up
    case KEY_DOWN: return .down
    case KEY_LEFT: return .left
    case KEY_RIGHT: return .right
    case KEY_HOME: return .home
    case KEY_END: return .end
    case KEY_PPAGE: return .pageUp
    case KEY_NPAGE: return .pageDown
    case KEY_BACKSPACE: return .backspace
    case KEY_DC: return .delete
    case KEY_BTAB: return .backTab
    case KEY_ENTER: return .enter
    default:
      let number = code - nc_key_f(0)
      return (1...24).contains(number) ? .function(Int(number)) : nil
    }
  }

  private static func key(scalar: UInt32) -> Key? {
    switch scalar {
    case 9: return .tab
    case 10, 13: return .enter
    case 8, 127: return .backspace
    case 1...26:
      return Unicode.Scalar(scalar + 96).map { .control(Character($0)) }
    case 0..<32, 128..<160: return nil
    default: return Unicode.Scalar(scalar).map { .character(Character($0)) }
    }
  }

  /// A mouse or focus report: `ESC [ < button ; column ; row M` or `m`, `ESC [ I`, `ESC [ O`.
  private static func report(parameters: [UInt8], final: UInt8) -> InputEvent? {
    switch final {
    case UInt8(ascii: "I") where parameters.isEmpty: return .focus(true)
    case UInt8(ascii: "O") where parameters.isEmpty: return .focus(false)
    case UInt8(ascii: "M"), UInt8(ascii: "m"):
      guard parameters.first == UInt8(ascii: "<") else { return nil }
      let text = String(decoding: parameters.dropFirst(), as: UTF8.self)
      let numbers = text.split(separator: ";", omittingEmptySubsequences: false).map { Int($0) ?? -1 }
      guard numbers.count == 3, numbers[0] >= 0, numbers[1] > 0, numbers[2] > 0 else { return nil }
      return mouse(button: numbers[0], isRelease: final == UInt8(ascii: "m"), x: numbers[1] - 1, y: numbers[2] - 1)
        .map(InputEvent.mouse)
    default: return nil
    }
  }

  /// Bits 0–1 are the button (0 the left one), 2–4 Shift, Alt and Control, 5 motion, 6 the wheel.
  private static func mouse(button: Int, isRelease: Bool, x: Int, y: Int) -> MouseEvent? {
    let isWheel = button & 64 != 0
    let isMotion = button & 32 != 0
    switch (isWheel, button & 3) {
    case (true, 0): return MouseEvent(action: .wheelUp, x: x, y: y)
    case (true, 1): return MouseEvent(action: .wheelDown, x: x, y: y)
    case (false, 0):
      return MouseEvent(action: isMotion ? .drag : isRelease ? .release : .press, x: x, y: y)
    default: return nil
    }
  }
}
