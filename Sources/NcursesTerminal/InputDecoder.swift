import TerminalCanvas

/// Turns the bytes that a terminal sends into input events.
///
/// A terminal sends more than keys: mouse and focus reports, pastes, answers to queries. Each is taken whole, understood or
/// not, so that no part of it ever acts as a key. Alt with a key is dropped whole too.
struct InputDecoder {
  private enum State {
    case ground
    /// After a first byte of UTF-8, with the bytes so far and how many they will be.
    case character([UInt8], length: Int)
    case escape
    /// Alt with a character of several bytes, of which so many are to come.
    case alternate(Int)
    /// Within a control sequence, with the bytes since `ESC [`.
    case sequence([UInt8])
    /// After `ESC O`: one byte follows.
    case singleShift
    /// After `ESC [ [`, a function key of the Linux console: one byte follows.
    case consoleKey
    /// After `ESC [ M`: button, column and row in a byte each.
    case oldMouse([UInt8])
    /// An answer (OSC) or another string (DCS, SOS, PM, APC), up to its terminator.
    case string([UInt8], isCommand: Bool, endsWithBackslash: Bool)
    case paste([UInt8])
  }

  /// Bytes kept of a paste and of a string; what is longer is read to its end and cut.
  private static let mostPasted = 1 << 16
  private static let mostOfString = 256
  private static let mostOfSequence = 64
  private static let escape: UInt8 = 27
  private static let endOfPaste = Array("\u{1B}[201~".utf8)

  /// The keys of the terminal's description by what they send.
  private let keys: [[UInt8]: Key]
  private let isUTF8: Bool
  private var state = State.ground
  /// The last event was an escape that stood alone for a while: the rest of a sequence may still be on its way.
  private var mayHaveRest = false

  init(keys: [[UInt8]: Key] = [:], isUTF8: Bool = true) {
    self.keys = keys
    self.isUTF8 = isUTF8
  }

  /// How many seconds to wait for more before `expire` is called; nil where nothing has been begun.
  var patience: Double? {
    switch state {
    case .ground: nil
    case .escape: 0.1
    default: 2
    }
  }

  /// Takes what was read at once.
  mutating func take(_ bytes: some Collection<UInt8>) -> [InputEvent] {
    // A person types a key at a time; a sequence that a slow line tore apart comes with several bytes at once.
    if mayHaveRest, bytes.count >= 2, let first = bytes.first, first == UInt8(ascii: "[") || first == UInt8(ascii: "O")
    {
      state = .escape
    }
    if !bytes.isEmpty { mayHaveRest = false }
    return bytes.flatMap { take($0) }
  }

  /// Nothing more came within `patience`: an escape that stands alone was the key, what else was begun is given up.
  mutating func expire() -> [InputEvent] {
    defer { state = .ground }
    switch state {
    case .escape:
      mayHaveRest = true
      return [.key(.escape)]
    case .paste(let bytes): return [Self.pasted(bytes)]
    default: return []
    }
  }

  private mutating func take(_ byte: UInt8) -> [InputEvent] {
    switch state {
    case .ground: return begin(byte)
    case .character(let bytes, let length): return go(on: bytes, length, byte)
    case .escape: return afterEscape(byte)
    case .alternate(let count):
      state = count > 1 ? .alternate(count - 1) : .ground
      return []
    case .singleShift:
      state = .ground
      return event(for: [Self.escape, UInt8(ascii: "O"), byte])
    case .consoleKey:
      state = .ground
      return (UInt8(ascii: "A")...UInt8(ascii: "E")).contains(byte)
        ? [.key(.function(Int(byte - UInt8(ascii: "A")) + 1))] : []
    case .sequence(let bytes): return goOn(sequence: bytes, byte)
    case .oldMouse(let bytes):
      state = bytes.count == 2 ? .ground : .oldMouse(bytes + [byte])
      return bytes.count == 2 ? Self.oldMouse(bytes + [byte]) : []
    case .string(let bytes, let isCommand, let ends): return goOn(string: bytes, isCommand, ends, byte)
    case .paste(var bytes):
      bytes.append(byte)
      guard bytes.suffix(Self.endOfPaste.count) == Self.endOfPaste[...] else {
        // The end's own bytes must stay at the end.
        if bytes.count > Self.mostPasted { bytes.remove(at: Self.mostPasted - Self.endOfPaste.count) }
        state = .paste(bytes)
        return []
      }
      state = .ground
      return [Self.pasted(bytes.dropLast(Self.endOfPaste.count))]
    }
  }

  // MARK: - Characters

  private mutating func begin(_ byte: UInt8) -> [InputEvent] {
    switch byte {
    case Self.escape:
      state = .escape
      return []
    case 9: return [.key(.tab)]
    case 10, 13: return [.key(.enter)]
    case 8, 127: return [.key(.backspace)]
    case 1...26: return [.key(.control(Character(Unicode.Scalar(byte + 96))))]
    case 32..<127: return [.key(.character(Character(Unicode.Scalar(byte))))]
    case 0x80...: return beginCharacter(byte)
    default: return []
    }
  }

  private mutating func beginCharacter(_ byte: UInt8) -> [InputEvent] {
    guard isUTF8 else { return byte >= 0xA0 ? [.key(.character(Character(Unicode.Scalar(byte))))] : [] }
    let length = byte >= 0xF0 && byte < 0xF5 ? 4 : byte >= 0xE0 ? 3 : 2
    if (0xC2..<0xF5).contains(byte) { state = .character([byte], length: length) }
    return []
  }

  private mutating func go(on bytes: [UInt8], _ length: Int, _ byte: UInt8) -> [InputEvent] {
    guard byte & 0xC0 == 0x80 else {
      state = .ground  // broken off: the byte stands for itself
      return take(byte)
    }
    let bytes = bytes + [byte]
    guard bytes.count == length else {
      state = .character(bytes, length: length)
      return []
    }
    state = .ground
    guard let text = String(validating: bytes, as: UTF8.self), let scalar = text.unicodeScalars.first else { return [] }
    switch scalar.value {
    // The control characters of eight bits begin what their escapes begin.
    case 0x8F: state = .singleShift
    case 0x9B: state = .sequence([])
    case 0x90, 0x98, 0x9D, 0x9E, 0x9F: state = .string([], isCommand: scalar.value == 0x9D, endsWithBackslash: false)
    case 0x80..<0xA0: break
    default: return [.key(.character(Character(scalar)))]
    }
    return []
  }

  // MARK: - Sequences

  private mutating func afterEscape(_ byte: UInt8) -> [InputEvent] {
    switch byte {
    case Self.escape: return [.key(.escape)]  // the first; the second may begin something
    case UInt8(ascii: "["): state = .sequence([])
    case UInt8(ascii: "O"): state = .singleShift
    case UInt8(ascii: "]"): state = .string([], isCommand: true, endsWithBackslash: false)
    case UInt8(ascii: "P"), UInt8(ascii: "X"), UInt8(ascii: "^"), UInt8(ascii: "_"):
      state = .string([], isCommand: false, endsWithBackslash: false)
    case 0x80...:
      state = .ground
      _ = beginCharacter(byte)
      if case .character(let bytes, let length) = state { state = .alternate(length - bytes.count) }
    default:
      state = .ground
      return event(for: [Self.escape, byte])
    }
    return []
  }

  private mutating func goOn(sequence bytes: [UInt8], _ byte: UInt8) -> [InputEvent] {
    switch byte {
    case Self.escape:
      state = .escape
      return []
    case 0x40...0x7E: return end(sequence: bytes, byte)
    case 0x20..<0x40 where bytes.count < Self.mostOfSequence: state = .sequence(bytes + [byte])
    case 0x20..<0x40: break  // too long to mean anything: read to its end
    default: state = .ground
    }
    return []
  }

  private mutating func end(sequence bytes: [UInt8], _ final: UInt8) -> [InputEvent] {
    state = .ground
    switch (final, bytes.isEmpty) {
    case (UInt8(ascii: "["), true): state = .consoleKey
    case (UInt8(ascii: "M"), true): state = .oldMouse([])
    case (UInt8(ascii: "I"), true): return [.focus(true)]
    case (UInt8(ascii: "O"), true): return [.focus(false)]
    case (UInt8(ascii: "M"), _), (UInt8(ascii: "m"), _): return Self.mouse(bytes, final)
    case (UInt8(ascii: "n"), _): return bytes == Array("0".utf8) ? [.ready] : []
    case (UInt8(ascii: "~"), _) where bytes == Array("200".utf8): state = .paste([])
    default: return event(for: [Self.escape, UInt8(ascii: "[")] + bytes + [final])
    }
    return []
  }

  private mutating func goOn(string bytes: [UInt8], _ isCommand: Bool, _ endsNow: Bool, _ byte: UInt8) -> [InputEvent] {
    if endsNow {
      state = .ground
      return byte == UInt8(ascii: "\\") ? Self.answer(bytes, isCommand) : afterEscape(byte)
    }
    switch byte {
    case Self.escape: state = .string(bytes, isCommand: isCommand, endsWithBackslash: true)
    case 7 where isCommand:
      state = .ground
      return Self.answer(bytes, isCommand)
    case 0x18, 0x1A: state = .ground  // cancelled
    default:
      let kept = bytes.count < Self.mostOfString ? bytes + [byte] : bytes
      state = .string(kept, isCommand: isCommand, endsWithBackslash: false)
    }
    return []
  }

  private func event(for sequence: [UInt8]) -> [InputEvent] {
    (keys[sequence] ?? KeySequences.common[sequence]).map { [.key($0)] } ?? []
  }

  private static func pasted(_ bytes: some Collection<UInt8>) -> InputEvent {
    .paste(String(decoding: bytes, as: UTF8.self))
  }

  /// The terminal's background, the answer to `ESC ] 11 ; ?`: `11;rgb:RRRR/GGGG/BBBB`.
  private static func answer(_ bytes: [UInt8], _ isCommand: Bool) -> [InputEvent] {
    let text = String(decoding: bytes, as: UTF8.self)
    guard isCommand, text.hasPrefix("11;rgb:") || text.hasPrefix("11;rgba:"), let colon = text.firstIndex(of: ":")
    else {
      return []
    }
    let channels = text[text.index(after: colon)...].split(separator: "/").prefix(3).map { digits -> UInt8? in
      guard (1...4).contains(digits.count), let value = UInt32(digits, radix: 16) else { return nil }
      return UInt8(value * 255 / (1 << UInt32(4 * digits.count) - 1))
    }
    guard channels.count == 3, let red = channels[0], let green = channels[1], let blue = channels[2] else { return [] }
    return [.background(Color(red: red, green: green, blue: blue))]
  }

  // MARK: - The mouse

  /// `ESC [ < button ; column ; row M` or `m`, or urxvt's form without the `<` and with 32 added to the button.
  private static func mouse(_ parameters: [UInt8], _ final: UInt8) -> [InputEvent] {
    let isExtended = parameters.first == UInt8(ascii: "<")
    let text = String(decoding: parameters.dropFirst(isExtended ? 1 : 0), as: UTF8.self)
    let numbers = text.split(separator: ";", omittingEmptySubsequences: false).map { Int($0) ?? -1 }
    guard numbers.count == 3, numbers[0] >= (isExtended ? 0 : 32), numbers[1] > 0, numbers[2] > 0 else { return [] }
    return event(
      button: isExtended ? numbers[0] : numbers[0] - 32, isRelease: final == UInt8(ascii: "m"), x: numbers[1] - 1,
      y: numbers[2] - 1)
  }

  /// X10's form: each number with 32 added, in a byte.
  private static func oldMouse(_ bytes: [UInt8]) -> [InputEvent] {
    let numbers = bytes.map { Int($0) - 32 }
    guard numbers[0] >= 0, numbers[1] > 0, numbers[2] > 0 else { return [] }
    return event(button: numbers[0], isRelease: false, x: numbers[1] - 1, y: numbers[2] - 1)
  }

  /// Bits 0–1 are the button (0 the left one, 3 none: in the older forms a release), 2–4 Shift, Alt and Control, 5 motion,
  /// 6 the wheel.
  private static func event(button: Int, isRelease: Bool, x: Int, y: Int) -> [InputEvent] {
    let isMotion = button & 32 != 0
    switch (button & 64 != 0, button & 3) {
    case (true, 0): return [.mouse(MouseEvent(action: .wheelUp, x: x, y: y))]
    case (true, 1): return [.mouse(MouseEvent(action: .wheelDown, x: x, y: y))]
    case (false, 0): return [.mouse(MouseEvent(action: isMotion ? .drag : isRelease ? .release : .press, x: x, y: y))]
    case (false, 3) where !isMotion: return [.mouse(MouseEvent(action: .release, x: x, y: y))]
    default: return []
    }
  }
}
