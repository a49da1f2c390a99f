import Foundation
import FuzzSupport
import Testing

@testable import mtt_tui

/// Mutated configuration files: options or a sentence.
@Suite struct FuzzTests {
  @Test func configurations() {
    let text = "# a run\nepochs: 3\nlearning-rate: 5e-4\nlowercase: true\nno-ui: false\nname: 'a b'\n"
    var mutator = Mutator(
      seed: 17,
      spice: [
        "\n", ": ", "- ", "&a ", "*a", "<<: *a", "!!str ", "{", "}", "[", "]", "|\n ", ">-\n ", "? ", "---\n", "%TAG",
      ])
    // Each option that is looked up costs a hundred times what reading the file does.
    var whole = 0
    let (taken, refused) = mutator.feed(
      "configuration files", rounds: Mutator.rounds(2000), inputs: [Array(text.utf8)]
    ) { bytes in
      guard let text = String(bytes: bytes, encoding: .utf8) else { return }
      do throws(ConfigurationError) {
        _ = try ConfigurationFile.lines(text, path: "run.yaml")
        whole += 1
        if whole % 200 == 0 { _ = try ConfigurationFile(text: text, path: "run.yaml") }
      } catch {
        #expect(error.description.hasPrefix("run.yaml"))
        throw error
      }
    }
    #expect(taken > 0 && refused > 0)
  }
}
