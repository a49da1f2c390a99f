import Foundation
import RunModel
import TerminalCanvas
import Testing
import Themes
import TrainingEvents

@testable import Dashboard

/// What is not of now does not look as if it were.
@Suite struct LivenessTests {
  private func model(_ phase: RunPhase = .running, at now: Double = 0) throws -> DashboardModel {
    var model = DashboardModel(theme: try ThemeCatalog.theme(named: ThemeCatalog.defaultName), glyphs: .braille)
    var run = SampleRun()
    for event in run.events(through: 600) { model.apply(event, now: now) }
    if phase != .running { model.apply(.phaseChanged(PhaseChange(phase: phase, step: 600)), now: now) }
    return model
  }

  private func screen(_ model: DashboardModel, now: Double, width: Int = 120, height: Int = 40) -> String {
    var model = model
    var canvas = Canvas(width: width, height: height)
    model.draw(into: &canvas, now: now)
    return canvas.plainRows().joined(separator: "\n")
  }

  /// Within five seconds, at every size, and gone with the first event.
  @Test(arguments: [[48, 10], [60, 16], [80, 24], [120, 40], [200, 60]])
  func anEngineThatDoesNotAnswerIsSaid(size: [Int]) throws {
    var model = try model()
    #expect(!screen(model, now: 2, width: size[0], height: size[1]).contains("no answer"))
    model.markDrawn(now: 2)
    model.tick(now: 4)
    #expect(model.needsDisplay)
    let text = screen(model, now: 12, width: size[0], height: size[1])
    #expect(text.contains("no answer for 12 s"))
    #expect(!text.contains("▶ running"))
    #expect(!text.contains(/left +[0-9]/), "no time left is promised")
    var sample = SampleRun()
    model.apply(.stepsCompleted([sample.step(601)]), now: 12.5)
    #expect(!screen(model, now: 13, width: size[0], height: size[1]).contains("no answer"))
  }

  /// A long evaluation sends nothing for minutes, but works.
  @Test func anEngineThatWorksIsNotMissed() throws {
    var model = try model(.evaluating)
    for second in 1...120 { model.note(.working, now: Double(second)) }
    #expect(!screen(model, now: 121).contains("no answer"))
    for second in 121...130 { model.note(.idle, now: Double(second)) }
    #expect(screen(model, now: 130).contains("no answer for 10 s"))
  }

  /// A paused engine rests; one that was stopped does not hear `p`.
  @Test func aPausedEngineMayRest() throws {
    var model = try model(.paused)
    for second in 1...20 { model.note(.idle, now: Double(second)) }
    #expect(!screen(model, now: 20).contains("no answer"))
    for second in 21...30 { model.note(.stopped, now: Double(second)) }
    #expect(screen(model, now: 30).contains("no answer for 30 s"))
  }

  @Test func pausedLooksPaused() throws {
    let model = try model(.paused)
    let text = screen(model, now: 150)
    #expect(text.contains("║ paused 2 min ago"))
    #expect(text.contains("paused 2 min ago, p goes on"))
    #expect(!text.contains("left "))
    #expect(!text.contains(/steps\/s +[0-9]/) && !text.contains(/tokens\/s +[0-9]/))
    var later = model
    later.markDrawn(now: 150)
    later.tick(now: 155)
    #expect(!later.needsDisplay, "nothing has changed")
    later.tick(now: 190)
    #expect(later.needsDisplay, "it is three minutes now")
  }

  /// A run that is patient may end sooner.
  @Test(arguments: [[60, 16], [120, 40]]) func timeLeftIsNoMoreThanIsKnown(size: [Int]) throws {
    func header(patience: Int?) throws -> String {
      var model = DashboardModel(theme: try ThemeCatalog.theme(named: ThemeCatalog.defaultName), glyphs: .braille)
      var run = SampleRun()
      for event in run.events(through: 600) {
        guard case .runStarted(var description) = event else {
          model.apply(event, now: 0)
          continue
        }
        description.configuration.patience = patience
        model.apply(.runStarted(description), now: 0)
      }
      return String(screen(model, now: 0.5, width: size[0], height: size[1]).prefix { $0 != "\n" })
    }
    #expect(try header(patience: nil).contains(/left [0-9]/))
    #expect(try header(patience: 3).contains(/left ≤ [0-9]/))
  }

  @Test func spansOfTime() {
    let expected = [
      (3.0, "3 s"), (119, "119 s"), (120, "2 min"), (7199, "119 min"), (7200, "2 h"), (200_000, "2 days"),
    ]
    for (seconds, words) in expected { #expect(Liveness.span(seconds) == words) }
    #expect(Liveness.span(.nan) == "0 s" && Liveness.span(-1) == "0 s")
  }

  /// What the machine does is measured and shown anew although the run stands.
  @Test func theMachinesPageGoesOnWhileTheRunIsPaused() throws {
    var model = try model(.paused)
    #expect(!model.needsTicks)
    _ = model.handle(.key(.character("4")), now: 60)
    #expect(model.needsTicks)
  }

  /// The row of keys shows a notice in the place of pages and whole keys, never over half a word.
  @Test(arguments: [60, 80, 100, 120, 200])
  func noticesStandBesideWholeKeys(width: Int) throws {
    var model = try model()
    model.showNotice("5 files in the run's exports/", now: 0)
    let rows = screen(model, now: 1, width: width, height: 24).split(separator: "\n")
    let last = try #require(rows.last)
    #expect(last.contains("5 files in the run's exports/"))
    let keys = last.components(separatedBy: "5 files")[0].components(separatedBy: "   ")
      .map { $0.filter { $0 != " " } }.filter { !$0.isEmpty }
    let known = [
      "ppause", "ccheckpoint", "qstop", "dleaverunning", ":command", "↑↓scroll", "wfilter", "/search", "←→read",
      "+-zoom",
      "llinear", "xaxis", "eexport", "ttheme", "gglyphs", "?help",
    ]
    #expect(keys.allSatisfy(known.contains), "\(keys)")
    var written = model
    written.apply(
      .checkpointWritten(
        CheckpointRecord(step: 600, path: "/c", reason: .epoch, isBest: false, bytes: 1, seconds: 0)), now: 1)
    #expect(
      screen(written, now: 1.5, width: width, height: 24).contains("5 files"), "a checkpoint takes no notice away")
  }

  /// How to stop is said at every size, for whoever may.
  @Test(arguments: [60, 80, 120, 200])
  func theKeyLineSaysHowToLeave(width: Int) throws {
    for page in "1234567" {
      var model = try model()
      model.resize(width: width, height: 24)
      _ = model.handle(.key(.character(page)), now: 0)
      let row = screen(model, now: 9, width: width, height: 24).split(separator: "\n").last ?? ""
      #expect(row.contains("q stop") && row.contains("? help") && row.contains("p pause"), "\(page): \(row)")
      #expect(row.contains("←→ read") == (page == "1" && width > 60), "\(page): \(row)")
      if page == "5", width > 60 { #expect(row.contains("↑↓ scroll"), "\(row)") }
      // Page 6 has long words for its own keys.
      if width >= 200 || width >= 120 && page != "6" {
        #expect(row.contains("1 overview") && row.contains("5 log"), "the pages are named: \(row)")
      }
    }
  }
}
