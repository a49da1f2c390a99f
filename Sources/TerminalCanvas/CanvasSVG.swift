extension Canvas {
  /// The canvas as a picture that any browser shows: text in a monospaced font on coloured rectangles; braille dots
  /// and blocks are drawn as shapes, since fonts differ in them most.
  ///
  /// `foreground` and `background` stand in for the terminal's own colours.
  public func svg(foreground: Color, background: Color) -> String {
    let (cell, line) = (Self.cellWidth, Self.cellHeight)
    let size = (width: width * cell + 2 * Self.margin, height: height * line + 2 * Self.margin)
    var text = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(size.width) \(size.height)\" "
    text += "width=\"\(size.width)\" height=\"\(size.height)\">\n"
    text += "<rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"\(Self.hex(background))\"/>\n"
    text +=
      "<g font-family=\"ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace\" font-size=\"\(Self.fontSize)\" "
    text += "text-rendering=\"geometricPrecision\">\n"
    for y in 0..<height {
      for run in runs(y) { text += svg(run, y, foreground, background) }
    }
    return text + "</g>\n</svg>\n"
  }

  private static let cellWidth = 9
  /// Monospaced letters are three fifths as wide as high: as wide as a cell then, also for readers that know nothing of
  /// `textLength`.
  private static let fontSize = 15
  private static let cellHeight = 18
  private static let margin = 12

  /// Cells of one row that look alike.
  private func runs(_ y: Int) -> [Range<Int>] {
    var runs: [Range<Int>] = []
    var start = 0
    while start < width {
      var end = start + 1
      while end < width, self[end, y].style == self[start, y].style { end += 1 }
      runs.append(start..<end)
      start = end
    }
    return runs
  }

  private func svg(_ run: Range<Int>, _ y: Int, _ foreground: Color, _ background: Color) -> String {
    let style = styles[Int(self[run.lowerBound, y].style)]
    var (ink, paper) = (style.foreground ?? foreground, style.background ?? background)
    if style.attributes.contains(.reverse) { (ink, paper) = (paper, ink) }
    let (left, top) = (Self.margin + run.lowerBound * Self.cellWidth, Self.margin + y * Self.cellHeight)
    var text = ""
    if paper != background {
      text += "<rect x=\"\(left)\" y=\"\(top)\" width=\"\(run.count * Self.cellWidth)\" "
      text += "height=\"\(Self.cellHeight)\" fill=\"\(Self.hex(paper))\"/>\n"
    }
    // Each word stands where its cells do: a font that is wider or narrower shifts none of those behind it.
    var words: [Range<Int>] = []
    var shapes = ""
    for x in run {
      let scalar = self[x, y].scalar
      let shape = Self.shape(scalar, Self.margin + x * Self.cellWidth, top)
      shapes += shape
      if scalar == 32 || !shape.isEmpty { continue }
      if let last = words.last, last.upperBound == x {
        words[words.count - 1] = last.lowerBound..<x + 1
      } else {
        words.append(x..<x + 1)
      }
    }
    let fade = style.attributes(hasColors: true).contains(.dim) ? " opacity=\"0.7\"" : ""
    if !shapes.isEmpty { text += "<path fill=\"\(Self.hex(ink))\"\(fade) d=\"\(shapes)\"/>\n" }
    guard !words.isEmpty else { return text }
    text += "<g fill=\"\(Self.hex(ink))\"\(fade)"
    if style.attributes.contains(.bold) { text += " font-weight=\"bold\"" }
    if style.attributes.contains(.italic) { text += " font-style=\"italic\"" }
    if style.attributes.contains(.underline) { text += " text-decoration=\"underline\"" }
    return text + ">" + words.map { svg(word: $0, y, top) }.joined() + "</g>\n"
  }

  private func svg(word: Range<Int>, _ y: Int, _ top: Int) -> String {
    let scalars = word.map { self[$0, y] }.filter { $0.scalar != 0 }.flatMap { text(of: $0) }
    return "<text x=\"\(Self.margin + word.lowerBound * Self.cellWidth)\" y=\"\(top + 14)\" "
      + "textLength=\"\(word.count * Self.cellWidth)\" lengthAdjust=\"spacingAndGlyphs\">\(Self.escaped(scalars))</text>"
  }

  /// A path for braille, blocks and box lines, so that they join in every font; empty for what is written.
  private static func shape(_ scalar: UInt32, _ x: Int, _ y: Int) -> String {
    func box(_ left: Double, _ top: Double, _ width: Double, _ height: Double) -> String {
      let numbers = [Double(x) + left, Double(y) + top, width, height, -width].map(Self.short)
      return "M\(numbers[0]) \(numbers[1])h\(numbers[2])v\(numbers[3])h\(numbers[4])z"
    }
    let (width, height) = (Double(cellWidth), Double(cellHeight))
    switch scalar {
    case 0x2800...0x28FF:
      let bits = scalar - 0x2800
      let places: [(Double, Double)] = [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3)]
      var path = bits == 0 ? "M\(x) \(y)" : ""
      for (bit, place) in places.enumerated() where bits >> UInt32(bit) & 1 == 1 {
        path += box(place.0 * width / 2 + 1, place.1 * height / 4 + 1, width / 2 - 1.5, height / 4 - 1.5)
      }
      return path
    case 0x2581...0x2588:
      let share = Double(scalar - 0x2580) / 8
      return box(0, height * (1 - share), width, height * share)
    case 0x2589...0x258F: return box(0, 0, width * Double(0x2590 - scalar) / 8, height)
    case 0x2500, 0x2501: return box(0, height / 2 - 0.5, width, scalar == 0x2501 ? 2 : 1)
    case 0x2502: return box(width / 2 - 0.5, 0, 1, height)
    case 0xB7: return box(width / 2 - 0.75, height / 2 - 0.75, 1.5, 1.5)
    // Corners, rounded or not: a half of a line across, and one of a line down.
    case 0x250C, 0x2510, 0x2514, 0x2518, 0x256D...0x2570:
      let isLeft = [0x250C, 0x2514, 0x256D, 0x2570].contains(scalar)
      let isTop = [0x250C, 0x2510, 0x256D, 0x256E].contains(scalar)
      return box(isLeft ? width / 2 - 0.5 : 0, height / 2 - 0.5, width / 2 + 0.5, 1)
        + box(width / 2 - 0.5, isTop ? height / 2 - 0.5 : 0, 1, height / 2 + 0.5)
    case 0x251C: return box(width / 2 - 0.5, 0, 1, height) + box(width / 2, height / 2 - 0.5, width / 2, 1)
    case 0x2524: return box(width / 2 - 0.5, 0, 1, height) + box(0, height / 2 - 0.5, width / 2, 1)
    case 0x2596...0x259F, 0x2580:
      let quadrants: [UInt32: UInt8] = [
        0x2580: 3, 0x2596: 4, 0x2597: 8, 0x2598: 1, 0x2599: 13, 0x259A: 9, 0x259B: 7, 0x259C: 11, 0x259D: 2, 0x259E: 6,
        0x259F: 14,
      ]
      let bits = quadrants[scalar] ?? 0
      var path = ""
      for place in 0..<4 where bits >> UInt8(place) & 1 == 1 {
        let (left, top): (Double, Double) = (place % 2 == 0 ? 0 : width / 2, place < 2 ? 0 : height / 2)
        path += box(left, top, width / 2, height / 2)
      }
      return path
    default: return ""
    }
  }

  /// A number without a fraction that is 0.
  private static func short(_ number: Double) -> String {
    number == number.rounded() ? String(Int(number)) : String(number)
  }

  private static func hex(_ color: Color) -> String {
    let digits = String(color.rgb, radix: 16)
    return "#" + String(repeating: "0", count: 6 - digits.count) + digits
  }

  private static func escaped(_ scalars: [Unicode.Scalar]) -> String {
    var text = ""
    for scalar in scalars {
      switch scalar {
      case "&": text += "&amp;"
      case "<": text += "&lt;"
      case ">": text += "&gt;"
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text
  }
}
