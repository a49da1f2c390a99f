/// Paths as text.
///
/// A path is any bytes to the system, while a `String` is Unicode. Bytes that are no UTF-8 become scalars of the last
/// private plane, U+10FF00 + the byte, and turn into these bytes again when a path is opened; the calls in this room do
/// that. Bytes that happen to be UTF-8 for such scalars are taken one by one too, so that no two paths share a text.
public enum PathText {
  private static let base: UInt32 = 0x10FF00

  /// The text for a path's bytes.
  public static func text(_ bytes: some Collection<UInt8>) -> String {
    // Nearly every path is UTF-8, and few have a byte that begins one of the scalars.
    if !bytes.contains(0xF4), let text = String(validating: bytes, as: UTF8.self) { return text }
    var text = String.UnicodeScalarView()
    var rest = bytes.makeIterator()
    var pending: [UInt8] = []
    // The parser reads ahead of what it gives back: the bytes are remembered until it has.
    var reading = AnyIterator<UInt8> {
      guard let byte = rest.next() else { return nil }
      pending.append(byte)
      return byte
    }
    var parser = Unicode.UTF8.ForwardParser()
    while true {
      switch parser.parseScalar(from: &reading) {
      case .valid(let units):
        let scalar = Unicode.UTF8.decode(units)
        if standsForByte(scalar) { units.forEach { text.append(escape($0)) } } else { text.append(scalar) }
        pending.removeFirst(units.count)
      case .error(let length):
        pending.prefix(length).forEach { text.append(escape($0)) }
        pending.removeFirst(length)
      case .emptyInput: return String(text)
      }
    }
  }

  /// The text for a path as C has it, up to its zero.
  public static func text(cString: UnsafePointer<CChar>) -> String {
    var count = 0
    while cString[count] != 0 { count += 1 }
    return cString.withMemoryRebound(to: UInt8.self, capacity: count) {
      text(UnsafeBufferPointer(start: $0, count: count))
    }
  }

  /// The path's bytes.
  public static func bytes(_ text: String) -> [UInt8] {
    guard hasBytes(text) else { return Array(text.utf8) }
    return text.unicodeScalars.flatMap {
      standsForByte($0) ? [UInt8($0.value - base)] : Array(UTF8.encode($0) ?? .init())
    }
  }

  /// The text for people: bytes that are no UTF-8 as `\xE9`.
  public static func shown(_ text: String) -> String {
    guard hasBytes(text) else { return text }
    return text.unicodeScalars.reduce(into: "") { shown, scalar in
      guard standsForByte(scalar) else { return shown.unicodeScalars.append(scalar) }
      let digits = String(scalar.value - base, radix: 16, uppercase: true)
      shown += "\\x" + (digits.count < 2 ? "0" : "") + digits
    }
  }

  /// Whether a text has bytes in it that are no UTF-8.
  public static func hasBytes(_ text: String) -> Bool {
    // Such a scalar's UTF-8 begins with this byte, which hardly any text has.
    text.utf8.contains(0xF4) && text.unicodeScalars.contains(where: standsForByte)
  }

  /// Whether a scalar stands for a byte.
  public static func standsForByte(_ scalar: Unicode.Scalar) -> Bool { base...(base + 0xFF) ~= scalar.value }

  private static func escape(_ byte: UInt8) -> Unicode.Scalar { Unicode.Scalar(base + UInt32(byte)) ?? "\u{FFFD}" }
}
