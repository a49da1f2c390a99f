/// Which characters charts, bars and frames may use, from the finest to the plainest.
public enum GlyphSet: String, Hashable, Sendable, CaseIterable {
  case braille, blocks, ascii

  /// Dots a cell is divided into when plotting, across and down.
  public var dotsPerCell: (across: Int, down: Int) {
    switch self {
    case .braille: (2, 4)
    case .blocks: (2, 2)
    case .ascii: (1, 2)
    }
  }

  /// The set after this one, the first after the last.
  public var next: GlyphSet {
    switch self {
    case .braille: .blocks
    case .blocks: .ascii
    case .ascii: .braille
    }
  }
}

/// Plain stand-ins for the characters the screen draws with.
enum ASCIIFallback {
  /// What to draw for a scalar where only ASCII can be shown.
  static func scalar(for scalar: UInt32) -> UInt32 {
    if scalar < 127 { return scalar < 32 && scalar != 0 ? 63 : scalar }
    guard let value = Unicode.Scalar(scalar), let plain = table[value] else { return 63 }
    return plain.value
  }

  private static let table: [Unicode.Scalar: Unicode.Scalar] = {
    var table: [Unicode.Scalar: Unicode.Scalar] = [:]
    let rows: [(String, Unicode.Scalar)] = [
      ("─━╌╴╶═", "-"), ("┈┄", "."), ("│┃┆┊╎╷╵║", "|"), ("╭╮╰╯┌┐└┘├┤┬┴┼╔╗╚╝", "+"), ("█▉▊▋▓■", "#"), ("▌▐▍▎▏▒", "="),
      ("░", "."), ("·•∙", "-"), ("…", "~"), ("●◉", "*"), ("○◌", "o"), ("◆◇", "o"), ("▲△↑", "^"), ("▼▽▾↓", "v"),
      ("▶▸►→›", ">"), ("◀◂◄←‹", "<"), ("★☆", "*"), ("✓✔", "+"), ("✗✘×", "x"), ("⏸", "="), ("Σ", "T"), ("∞", "8"),
      ("±", "%"), ("°", " "),
      ("▁▂▃", "_"), ("▄▅", "="), ("▆▇", "#"), ("“”", "\""), ("‘’", "'"), ("–—−", "-"), ("≤", "<"), ("≥", ">"),
    ]
    for (scalars, plain) in rows {
      for scalar in scalars.unicodeScalars { table[scalar] = plain }
    }
    return table
  }()
}

extension Canvas {
  /// Replaces every character outside ASCII by a plain one of the same width.
  public mutating func transliterateToASCII() {
    for index in cells.indices {
      let scalar = scalars(of: cells[index])[0]
      if scalar == 0 {
        cells[index].scalar = 32
      } else if cells[index].scalar > 126 {
        cells[index].scalar = ASCIIFallback.scalar(for: scalar)
      }
    }
  }
}
