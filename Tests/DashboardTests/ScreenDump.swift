import Foundation
import TerminalCanvas
import Testing
import Themes

/// `SCREEN_DUMP=folder` writes every scene as text with colours, to look at.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["SCREEN_DUMP"] != nil, "set SCREEN_DUMP to a folder"))
struct ScreenDump {
  @Test(arguments: Scene.allCases, [[60, 16], [80, 24], [120, 40], [160, 50], [200, 60]])
  func scene(_ scene: Scene, size: [Int]) throws {
    let environment = ProcessInfo.processInfo.environment
    let folder = environment["SCREEN_DUMP"] ?? "."
    let glyphs = environment["SCREEN_GLYPHS"].flatMap { GlyphSet(rawValue: $0) } ?? .braille
    let canvas = try scene.canvas(
      width: size[0], height: size[1], theme: environment["SCREEN_THEME"] ?? ThemeCatalog.defaultName, glyphs: glyphs)
    let file = "\(folder)/\(scene.rawValue)-\(size[0])x\(size[1]).ansi"
    try canvas.ansi().write(toFile: file, atomically: true, encoding: .utf8)
    #expect(canvas.ansi().split(separator: "\n").count == size[1])
  }
}
