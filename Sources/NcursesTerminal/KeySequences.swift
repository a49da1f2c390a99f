import CNcurses
import TerminalCanvas

/// What keys send.
enum KeySequences {
  /// What nearly every terminal sends, whatever its description says.
  static let common: [[UInt8]: Key] = {
    var keys: [[UInt8]: Key] = [:]
    let cursor: [(String, Key)] = [
      ("A", .up), ("B", .down), ("C", .right), ("D", .left), ("H", .home), ("F", .end), ("Z", .backTab), ("M", .enter),
    ]
    for (letter, key) in cursor {
      if letter != "M" { keys[Array("\u{1B}[\(letter)".utf8)] = key }
      if letter != "Z" { keys[Array("\u{1B}O\(letter)".utf8)] = key }
    }
    let numbered: [(Int, Key)] = [
      (1, .home), (7, .home), (4, .end), (8, .end), (3, .delete), (5, .pageUp), (6, .pageDown),
    ]
    for (number, key) in numbered { keys[Array("\u{1B}[\(number)~".utf8)] = key }
    for (index, letter) in "PQRS".enumerated() { keys[Array("\u{1B}O\(letter)".utf8)] = .function(index + 1) }
    let functions = [11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 23, 24]
    for (index, number) in functions.enumerated() { keys[Array("\u{1B}[\(number)~".utf8)] = .function(index + 1) }
    return keys
  }()

  /// What the terminal that ncurses has opened sends by its description. Single control characters are left to what they
  /// mean everywhere.
  static var described: [[UInt8]: Key] {
    let names: [(String, Key)] =
      [
        ("kcuu1", .up), ("kcud1", .down), ("kcuf1", .right), ("kcub1", .left), ("khome", .home), ("kend", .end),
        ("kpp", .pageUp), ("knp", .pageDown), ("kdch1", .delete), ("kcbt", .backTab), ("kent", .enter),
      ] + (1...12).map { ("kf\($0)", .function($0)) }
    var keys: [[UInt8]: Key] = [:]
    for (name, key) in names {
      guard let sequence = name.withCString({ nc_capability($0) }) else { continue }
      let bytes = Array(String(cString: sequence).utf8)
      if bytes.count > 1 { keys[bytes] = key }
    }
    return keys
  }
}
