import Foundation
import TerminalCanvas
import Testing
import Themes

@testable import NcursesTerminal

/// The screen's text and look, compared with files; `UPDATE_GOLDENS=1` writes them anew. One file a page and size: what
/// must hold everywhere (nothing overlaps, nothing is cut without a sign, every colour can be read) is tested as such.
@Suite struct GoldenTests {
  private static let pages: [Scene] = [.running, .classes, .balance, .machine, .journal, .errors, .confused, .setup]

  @Test(arguments: pages, [[80, 24], [120, 40], [200, 60]])
  func page(_ scene: Scene, size: [Int]) throws {
    try compare(scene.canvas(width: size[0], height: size[1]), with: "\(scene.rawValue)-\(size[0])x\(size[1])")
  }

  private static let states: [Scene] = [
    .empty, .one, .paused, .finished, .failed, .broken, .cursor, .curves, .figures, .alone, .command, .wrong, .help,
    .stop,
    .wide,
  ]

  /// The text of what else there is to see, at one size.
  @Test(arguments: GlyphSet.allCases)
  func states(_ glyphs: GlyphSet) throws {
    let texts = try Self.states.map { scene -> String in
      let rows = try scene.canvas(width: 80, height: 24, glyphs: glyphs).plainRows()
      return "== \(scene.rawValue)\n" + rows.joined(separator: "|\n")
    }
    try compare(texts.joined(separator: "|\n"), with: "states-80x24-\(glyphs.rawValue)")
  }

  /// Below the smallest size of the panels.
  @Test func small() throws {
    var texts: [String] = []
    for (width, height) in [(20, 6), (20, 1), (8, 3), (48, 10), (59, 16)] {
      for scene in [Scene.running, .paused, .stop, .finished, .empty, .wrong] {
        let rows = try scene.canvas(width: width, height: height).plainRows()
        texts.append("== \(scene.rawValue) \(width)x\(height)\n" + rows.joined(separator: "|\n"))
      }
    }
    try compare(texts.joined(separator: "|\n"), with: "small")
  }

  private func compare(_ canvas: Canvas, with name: String) throws { try compare(Self.layers(canvas), with: name) }

  private func compare(_ drawn: String, with name: String) throws { try Self.compare(drawn, with: name) }

  static func compare(_ drawn: String, with name: String) throws {
    let path = "/" + #filePath.split(separator: "/").dropLast().joined(separator: "/") + "/Goldens/\(name).txt"
    let drawn = drawn.hasSuffix("\n") ? drawn : drawn + "\n"
    if ProcessInfo.processInfo.environment["UPDATE_GOLDENS"] != nil {
      try drawn.write(toFile: path, atomically: true, encoding: .utf8)
      return
    }
    let expected = try String(contentsOfFile: path, encoding: .utf8)
    #expect(drawn == expected, "\(name): set UPDATE_GOLDENS=1 if this is meant\n\(difference(expected, drawn))")
  }

  /// The text, then each row's styles as runs `columns×style`, then what the styles are, in order of appearance.
  static func layers(_ canvas: Canvas) -> String {
    var lines = canvas.plainRows().map { $0 + "|" }
    var numbers: [UInt16: Int] = [:]
    var order: [UInt16] = []
    lines.append("")
    for y in 0..<canvas.height {
      var runs: [(count: Int, style: Int)] = []
      for x in 0..<canvas.width {
        let style = canvas[x, y].style
        if numbers[style] == nil {
          numbers[style] = order.count
          order.append(style)
        }
        let number = numbers[style] ?? 0
        if let last = runs.last, last.style == number {
          runs[runs.count - 1].count += 1
        } else {
          runs.append((1, number))
        }
      }
      lines.append(runs.map { "\($0.count)×\($0.style)" }.joined(separator: " "))
    }
    lines.append("")
    for (number, index) in order.enumerated() { lines.append("\(number): \(describe(canvas.styles[Int(index)]))") }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func describe(_ style: Style) -> String {
    func hex(_ color: Color?) -> String {
      guard let color else { return "own" }
      let digits = String(color.rgb, radix: 16)
      return "#" + String(repeating: "0", count: 6 - digits.count) + digits
    }
    let names: [(Style.Attributes, String)] = [
      (.bold, " bold"), (.dim, " dim"), (.italic, " italic"), (.underline, " underline"), (.reverse, " reverse"),
    ]
    let attributes = names.filter { style.attributes.contains($0.0) }.map(\.1).joined()
    return "\(hex(style.foreground)) on \(hex(style.background))\(attributes)"
  }

  /// The first lines that differ.
  static func difference(_ expected: String, _ drawn: String) -> String {
    let before = expected.split(separator: "\n", omittingEmptySubsequences: false)
    let after = drawn.split(separator: "\n", omittingEmptySubsequences: false)
    var lines: [String] = []
    for index in 0..<max(before.count, after.count) where lines.count < 24 {
      let old = index < before.count ? String(before[index]) : ""
      let new = index < after.count ? String(after[index]) : ""
      if old != new { lines += ["\(index + 1) - \(old)", "\(index + 1) + \(new)"] }
    }
    return lines.joined(separator: "\n")
  }
}
