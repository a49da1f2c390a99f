import Testing

@testable import TerminalCanvas

@Suite struct CanvasPatchTests {
  private let red = Style(foreground: Color(0xFF0000))

  private func canvas() -> Canvas {
    var canvas = Canvas(width: 12, height: 4)
    canvas.text(0, 1, "ab漢字e\u{301}f", red)
    return canvas
  }

  @Test func cellsComeBackToTheirPlace() throws {
    var canvas = canvas()
    let before = canvas.cells
    let patch = try #require(canvas.patch(Rect(x: 1, y: 1, width: 7, height: 2)))
    canvas.clear(Style(foreground: Color(0x00FF00)))
    let cleared = canvas.cells
    let isTaken = canvas.put(patch)
    #expect(isTaken)
    for y in 0..<4 {
      for x in 0..<12 {
        let isInside = (1..<8).contains(x) && (1..<3).contains(y)
        #expect(canvas[x, y] == (isInside ? before : cleared)[y * 12 + x], "\(x), \(y)")
      }
    }
  }

  @Test func anotherCanvasDoesNotTakeThem() throws {
    let patch = try #require(canvas().patch(Rect(x: 0, y: 1, width: 6, height: 1)))
    var other = Canvas(width: 12, height: 4)
    other.text(0, 0, "e\u{301}", Style(foreground: Color(0x0000FF)))
    let before = other.cells
    let takesOtherStyles = other.put(patch)
    #expect(!takesOtherStyles)
    var smaller = canvas()
    smaller.resize(width: 5, height: 4)
    let takesWithoutRoom = smaller.put(patch)
    #expect(!takesWithoutRoom)
    #expect(other.cells == before)
    #expect(canvas().patch(Rect(x: 8, y: 0, width: 5, height: 1)) == nil)
  }
}
