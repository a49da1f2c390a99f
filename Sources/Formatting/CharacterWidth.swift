/// How many terminal columns characters take.
public enum CharacterWidth {
  /// The columns of one scalar: 0 (joins the one before, not drawn), 1 or 2.
  public static func columns(of scalar: Unicode.Scalar) -> Int {
    let value = scalar.value
    if value < 0x300 { return value == 0xAD ? 0 : 1 }
    if isDrawing(value) { return 1 }
    if value >= 0x1F3FB, value <= 0x1F3FF { return 0 }
    if value >= 0x1F1E6, value <= 0x1F1FF { return 1 }
    if value >= 0x1160, value <= 0x11FF { return 0 }
    if isWide(value) { return 2 }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default: return scalar.properties.isEmojiPresentation ? 2 : 1
    }
  }

  /// Arrows, lines, blocks and braille: frames are full of them, and their properties take long to look up.
  private static func isDrawing(_ value: UInt32) -> Bool {
    (0x2190...0x21FF).contains(value) || (0x2500...0x25FC).contains(value) || (0x2800...0x28FF).contains(value)
  }

  /// Whether a scalar without columns of its own belongs to the picture of the one before: accents, vowel signs, the
  /// later letters of a Hangul syllable. What only chooses between pictures may change the width, and is left out.
  public static func isMark(_ scalar: Unicode.Scalar) -> Bool {
    if (0x1160...0x11FF).contains(scalar.value) { return true }
    guard !scalar.properties.isVariationSelector else { return false }
    return [.nonspacingMark, .enclosingMark].contains(scalar.properties.generalCategory)
  }

  /// The columns of a text as the canvas draws it.
  public static func columns(of text: String) -> Int {
    var total = 0
    for scalar in text.unicodeScalars { total += columns(of: scalar) }
    return total
  }

  /// The spaces that fill a text up to a number of columns.
  public static func padding(_ text: String, to width: Int) -> String {
    String(repeating: " ", count: max(0, width - columns(of: text)))
  }

  /// The longest beginning of a text that fits, ending in `…` where something was cut off.
  public static func clip(_ text: String, columns limit: Int) -> String {
    guard limit > 0 else { return "" }
    // No scalar has more columns than bytes.
    if text.utf8.count <= limit { return text }
    var total = 0
    var end = text.startIndex
    let scalars = text.unicodeScalars
    for index in scalars.indices {
      if total <= limit - 1 { end = index }
      total += columns(of: scalars[index])
      if total > limit { return String(scalars[..<end]) + "…" }
    }
    return text
  }

  /// A text that fits, with `…` in its middle where something was cut out: names that begin alike differ at their ends.
  public static func clipMiddle(_ text: String, columns limit: Int) -> String {
    guard limit > 0, columns(of: text) > limit else { return limit > 0 ? text : "" }
    let tail = end(text, columns: (limit - 1) / 2)
    let head = clip(text, columns: limit - columns(of: tail))
    return head + tail
  }

  /// A text in lines that fit, broken at white space; a word that does not fit stands alone.
  public static func lines(of text: String, columns limit: Int) -> [String] {
    wrapped(text, columns: limit, width: columns(of:))
  }

  /// A text in lines that fit, broken at white space, and within words that are longer than a line, such as paths.
  public static func brokenLines(of text: String, columns limit: Int) -> [String] {
    guard limit > 0 else { return [] }
    return lines(of: text, columns: limit).flatMap { line in
      var (lines, part, width) = ([String](), "", 0)
      for character in line {
        let columns = columns(of: String(character))
        if width > 0, width + columns > limit {
          lines.append(part)
          (part, width) = ("", 0)
        }
        part.append(character)
        width += columns
      }
      return lines + [part]
    }
  }

  /// The longest end of a text that fits.
  public static func end(_ text: String, columns limit: Int) -> String {
    var total = 0
    var kept: [Unicode.Scalar] = []
    for scalar in text.unicodeScalars.reversed() {
      total += columns(of: scalar)
      guard total <= limit else { break }
      kept.append(scalar)
    }
    while let first = kept.last, columns(of: first) == 0 { kept.removeLast() }  // marks of what was left out
    return String(String.UnicodeScalarView(kept.reversed()))
  }

  /// The blocks of East Asian Wide and Fullwidth scalars, ascending; emoji are recognized by their property.
  private static let wideRanges: [ClosedRange<UInt32>] = [
    0x1100...0x115F, 0x2329...0x232A, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0xA4CF,
    0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF01...0xFF60,
    0xFFE0...0xFFE6, 0x16FE0...0x16FFF, 0x17000...0x18CFF, 0x18D00...0x18D8F, 0x1AFF0...0x1B2FF,
    0x1F200...0x1F265, 0x20000...0x2FFFD, 0x30000...0x3FFFD,
  ]

  private static func isWide(_ value: UInt32) -> Bool {
    guard value >= 0x1100 else { return false }
    var low = 0
    var high = wideRanges.count
    while low < high {
      let middle = (low + high) / 2
      if wideRanges[middle].upperBound < value { low = middle + 1 } else { high = middle }
    }
    return low < wideRanges.count && wideRanges[low].contains(value) && !isWideBlockMark(value)
  }

  /// Combining marks that lie inside a wide block.
  private static func isWideBlockMark(_ value: UInt32) -> Bool {
    (0x302A...0x302F).contains(value) || (0x3099...0x309A).contains(value) || value == 0x16FE4
  }
}
