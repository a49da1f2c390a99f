import TerminalCanvas

/// Reads btop's theme-file format: `theme[key]="value"` a line, `#` comments.
///
/// A value is `#rrggbb`, `#gg` (a grey), `r g b` in decimal, or empty. Unknown keys are ignored.
struct ThemeParser {
  /// The file's name, for errors.
  let file: String

  /// The known keys of a file's bytes; nil where the value is empty.
  func parse(_ bytes: [UInt8]) throws(ThemeError) -> [ThemeKey: Color?] {
    var colors: [ThemeKey: Color?] = [:]
    var text = Substring(String(decoding: bytes, as: UTF8.self))
    if text.unicodeScalars.first == "\u{FEFF}" { text = Substring(String(text.unicodeScalars.dropFirst())) }
    let lines = text.unicodeScalars.split(omittingEmptySubsequences: false) { $0 == "\n" }
    for (index, scalars) in lines.enumerated() {
      let line = Self.trim(Substring(scalars))
      if line.isEmpty || line.first == "#" { continue }
      let (name, value) = try entry(line, number: index + 1)
      guard let key = ThemeKey(rawValue: String(name)) else { continue }
      colors[key] = .some(try color(value, key: name, number: index + 1))
    }
    return colors
  }

  /// A line's key and value, quotes and a comment behind them taken off.
  private func entry(_ line: Substring, number: Int) throws(ThemeError) -> (Substring, Substring) {
    guard line.hasPrefix("theme["), let close = line.firstIndex(of: "]") else {
      throw error(number, "found \"\(line)\" where a line like theme[main_fg]=\"#d6dbe1\" should be")
    }
    let name = line[line.index(line.startIndex, offsetBy: 6)..<close]
    let rest = Self.trim(line[line.index(after: close)...])
    guard rest.first == "=" else { throw error(number, "there is no \"=\" after theme[\(name)]") }
    let value = Self.trim(rest.dropFirst())
    guard let quote = value.first, quote == "\"" || quote == "'" else { return (name, value) }
    let inner = value.dropFirst()
    guard let end = inner.firstIndex(of: quote) else {
      throw error(number, "the value of theme[\(name)] has no closing quote")
    }
    return (name, Self.trim(inner[..<end]))
  }

  private func color(_ value: Substring, key: Substring, number: Int) throws(ThemeError) -> Color? {
    if value.isEmpty { return nil }
    if value.first == "#" {
      let digits = value.dropFirst()
      if digits.allSatisfy({ $0.isHexDigit && $0.isASCII }), let bits = UInt32(digits, radix: 16) {
        if digits.count == 6 { return Color(bits) }
        if digits.count == 2 { return Color(bits << 16 | bits << 8 | bits) }
      }
    } else {
      let channels = value.split(whereSeparator: { $0 == " " || $0 == "\t" }).map { UInt8($0) }
      if channels.count == 3, let red = channels[0], let green = channels[1], let blue = channels[2] {
        return Color(red: red, green: green, blue: blue)
      }
    }
    throw error(
      number, "theme[\(key)] is \"\(value)\", which is no colour; write \"#rrggbb\", \"#gg\" or \"r g b\"")
  }

  private func error(_ line: Int, _ reason: String) -> ThemeError {
    ThemeError(description: "\(file):\(line): \(reason).")
  }

  private static func trim(_ text: Substring) -> Substring {
    func isSpace(_ character: Character) -> Bool { character.isWhitespace }
    var text = text.drop(while: isSpace)
    while let last = text.last, isSpace(last) { text.removeLast() }
    return text
  }
}
