import Foundation
import TerminalCanvas
import Testing
import TrainingEvents

@testable import Dashboard

@Suite struct SetupPageTests {
  @Test func optionsThatDifferFromThePresetComeFirst() {
    var configuration = RunConfiguration(preset: .standard)
    #expect(ConfigurationRow.all(of: configuration).allSatisfy { !$0.isChanged })
    configuration.learningRate = 5e-4
    configuration.freeze = ["embeddings", "layer.0-2"]
    let rows = ConfigurationRow.all(of: configuration)
    #expect(
      rows.prefix(2) == [
        ConfigurationRow(name: "learning-rate", value: "0.0005", isChanged: true),
        ConfigurationRow(name: "freeze", value: "embeddings, layer.0-2", isChanged: true),
      ])
    #expect(rows.contains(ConfigurationRow(name: "hidden", value: "128", isChanged: false)))
    #expect(rows.contains(ConfigurationRow(name: "weight-a", value: "1", isChanged: false)))
    #expect(rows.contains(ConfigurationRow(name: "lazy-embeddings", value: "yes", isChanged: false)))
    #expect(rows.contains(ConfigurationRow(name: "pad-to", value: "its longest row", isChanged: false)))
    #expect(rows.contains(ConfigurationRow(name: "precision", value: "f32", isChanged: false)))
  }

  /// Where the run lies, and what to type to come back or to use the model.
  @Test func theRunIsNamedWhole() throws {
    let running = try Scene.running.model()
    func text(_ model: DashboardModel) -> String {
      var (model, canvas) = (model, Canvas(width: 120, height: 40))
      model.resize(width: 120, height: 40)
      _ = model.handle(.key(.character("7")), now: 1)
      model.draw(into: &canvas, now: 1)
      return canvas.plainRows().joined(separator: "\n")
    }
    let live = text(running)
    #expect(live.contains("/home/ada/runs/2026-03-14-0926-snips-joint"))
    #expect(live.contains("mtt-tui attach /home/ada/runs/2026-03-14-0926-snips-joint"))
    let ended = text(try Scene.finished.model())
    #expect(ended.contains("mtt-tui evaluate /home/ada/runs/2026-03-14-0926-snips-joint"))
    #expect(!ended.contains("mtt-tui attach"))
  }

  @Test func itsOptionsScroll() throws {
    var model = try Scene.running.model()
    model.resize(width: 80, height: 24)
    _ = model.handle(.key(.character("7")), now: 1)
    for _ in 0..<200 { _ = model.handle(.key(.down), now: 1) }
    var canvas = Canvas(width: 80, height: 24)
    model.draw(into: &canvas, now: 1)
    let rows = canvas.plainRows().joined(separator: "\n")
    #expect(rows.contains("divergence-limit"), "the last one")
    #expect(!rows.contains("lowercase"), "the first one")
  }
}
