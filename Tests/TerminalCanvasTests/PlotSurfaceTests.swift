import Testing

@testable import TerminalCanvas

@Suite struct PlotSurfaceTests {
  private func rows(_ surface: PlotSurface) -> [String] {
    var canvas = Canvas(width: surface.width, height: surface.height)
    surface.draw(into: &canvas, x: 0, y: 0)
    return canvas.plainRows()
  }

  @Test func brailleDots() {
    var surface = PlotSurface(width: 2, height: 1, glyphs: .braille)
    let layer = surface.addLayer(Style())
    surface.dot(layer, 0, 0)
    surface.dot(layer, 1, 3)
    surface.vertical(layer, 3, from: 3, to: 0)
    #expect(rows(surface) == ["⢁⢸"])
  }

  @Test func coarserGlyphsDrawTheSameLine() {
    for (glyphs, expected) in [
      (GlyphSet.braille, ["⠀⡠⠊", "⠊⠀⠀"]), (.blocks, ["   ", "   "]), (.ascii, ["   ", "   "]),
    ] {
      var surface = PlotSurface(width: 3, height: 2, glyphs: glyphs)
      let layer = surface.addLayer(Style())
      surface.line(layer, from: (0, surface.rows - 1), to: (surface.columns - 1, 0))
      let drawn = rows(surface)
      #expect(drawn.count == expected.count)
      #expect(drawn[0].unicodeScalars.last != " ")
      #expect(drawn[1].unicodeScalars.first != " ")
      let plain = drawn.joined().unicodeScalars.allSatisfy { $0.isASCII }
      #expect(plain == (glyphs == .ascii))
    }
  }

  @Test func theTopLayerOwnsACell() {
    var surface = PlotSurface(width: 1, height: 1, glyphs: .braille)
    let below = surface.addLayer(Style(foreground: Color(0xFF0000)))
    let above = surface.addLayer(Style(foreground: Color(0x00FF00)))
    surface.dot(below, 0, 0)
    surface.dot(above, 1, 0)
    var canvas = Canvas(width: 1, height: 1)
    surface.draw(into: &canvas, x: 0, y: 0)
    #expect(canvas[0, 0].scalar == 0x2808)
    #expect(canvas.styles[Int(canvas[0, 0].style)].foreground == Color(0x00FF00))
  }

  @Test func aSteepLineHasNoHoles() {
    var surface = PlotSurface(width: 4, height: 8, glyphs: .braille)
    let layer = surface.addLayer(Style())
    surface.line(layer, from: (0, 0), to: (7, 31))
    let drawn = rows(surface)
    #expect(drawn.allSatisfy { row in row.unicodeScalars.contains { $0 != " " } })
  }

  @Test func nothingOutsideIsDrawn() {
    var surface = PlotSurface(width: 2, height: 2, glyphs: .braille)
    let layer = surface.addLayer(Style())
    surface.dot(layer, -1, 0)
    surface.dot(layer, 0, 99)
    surface.line(layer, from: (-50, -50), to: (-10, 90))
    surface.mark(9, 9, "x", Style())
    #expect(rows(surface) == ["  ", "  "])
    var empty = PlotSurface(width: 0, height: 0, glyphs: .ascii)
    let first = empty.addLayer(Style())
    empty.line(first, from: (0, 0), to: (5, 5))
    #expect(rows(empty) == [])
  }
}

@Suite struct CanvasDrawingTests {
  @Test func barsGrowInEighths() {
    var canvas = Canvas(width: 4, height: 3)
    for (row, value) in [0.5, 0.65625, 2].enumerated() {
      canvas.bar(0, row, width: 4, value: value, glyphs: .braille, track: Style()) { _ in Style() }
    }
    #expect(canvas.plainRows() == ["██  ", "██▋ ", "████"])
    canvas.bar(0, 0, width: 4, value: .nan, glyphs: .ascii, track: Style()) { _ in Style() }
    #expect(canvas.plainRows()[0] == "....")
  }

  @Test func framesNeedRoom() {
    for width in 0...4 {
      for height in 0...4 {
        var canvas = Canvas(width: 4, height: 4)
        canvas.frame(Rect(x: 0, y: 0, width: width, height: height), Style())
        let drawn = canvas.plainRows().joined().contains { $0 != " " }
        #expect(drawn == (width >= 2 && height >= 2))
      }
    }
    var canvas = Canvas(width: 4, height: 3)
    canvas.frame(Rect(x: 0, y: 0, width: 4, height: 3), Style())
    #expect(canvas.plainRows() == ["╭──╮", "│  │", "╰──╯"])
  }

  @Test func ansiTextCarriesEveryStyle() {
    var canvas = Canvas(width: 2, height: 1)
    let style = Style(foreground: Color(0x010203), background: Color(0x040506), attributes: [.bold, .italic])
    canvas.text(0, 0, "漢", style)
    #expect(canvas.ansi() == "\u{1B}[0;1;3;38;2;1;2;3;48;2;4;5;6m漢\u{1B}[0m\n")
  }

  /// What is faded has a faded colour; without colours it is dim instead, and never both.
  @Test func fadedTextIsDimmedOnlyWithoutItsColour() {
    let faded = Style(foreground: Color(0x010203), attributes: [.dim, .bold])
    #expect(faded.attributes(hasColors: true) == .bold && faded.attributes(hasColors: false) == [.dim, .bold])
    #expect(Style(attributes: .dim).attributes(hasColors: true) == .dim)
    var canvas = Canvas(width: 1, height: 1)
    canvas.text(0, 0, "a", faded)
    #expect(canvas.ansi() == "\u{1B}[0;1;38;2;1;2;3ma\u{1B}[0m\n")
    #expect(!canvas.svg(foreground: Color(0xFFFFFF), background: Color(0)).contains("opacity"))
  }

  @Test func rectanglesAreCutWithoutLoss() {
    var rest = Rect(x: 2, y: 3, width: 10, height: 6)
    #expect(rest.takeTop(2) == Rect(x: 2, y: 3, width: 10, height: 2))
    #expect(rest.takeRight(4) == Rect(x: 8, y: 5, width: 4, height: 4))
    #expect(rest.takeBottom(99) == Rect(x: 2, y: 5, width: 6, height: 4))
    #expect(rest.isEmpty)
    #expect(rest.takeLeft(3).height == 0)
    #expect(Rect(x: 0, y: 0, width: 3, height: 3).inset(2, 0).width == 0)
  }
}
