import FuzzSupport
import Testing

@testable import Themes

/// Mutated theme files: a theme or a sentence.
@Suite struct FuzzTests {
  @Test func themes() throws {
    let inputs = try ["midnight", "paper"].map { name in
      let bytes = try #require(ThemeCatalog.embedded.first { $0.name == name }).bytes()
      return Array(bytes.split(separator: UInt8(ascii: "\n")).prefix(20).joined(separator: [UInt8(ascii: "\n")]))
    }
    var mutator = Mutator(
      seed: 13,
      spice: ["theme[", "]", "=", "\"", "'", "#", "\n", "\r\n", "#ff00ff", "#12", "1 2 3", "256 0 0", "main_fg"])
    let (taken, refused) = mutator.feed("themes", rounds: Mutator.rounds(1000), inputs: inputs) { bytes in
      _ = Theme(name: "fuzz", colors: try ThemeParser(file: "fuzz.theme").parse(bytes))
    }
    #expect(taken > 0 && refused > 0)
  }
}
