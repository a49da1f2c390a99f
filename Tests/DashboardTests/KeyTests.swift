import Formatting
import Foundation
import RunModel
import TerminalCanvas
import Testing
import Themes
import TrainingEvents

@testable import Dashboard

@Suite struct KeyTests {
  private func model(_ phase: RunPhase, role: SessionRole = .owner) throws -> DashboardModel {
    var model = DashboardModel(
      theme: try ThemeCatalog.theme(named: ThemeCatalog.defaultName), glyphs: .braille, role: role)
    var run = SampleRun()
    for event in run.events(through: 20) { model.apply(event, now: 0) }
    model.apply(.phaseChanged(PhaseChange(phase: phase, step: 20)), now: 0)
    return model
  }

  private func press(_ model: inout DashboardModel, _ key: Key) -> [DashboardAction] {
    model.handle(.key(key), now: 1)
  }

  @Test(arguments: [Key.character("p"), .character(" ")])
  func pauseAndResume(_ key: Key) throws {
    for (phase, expected) in [
      (RunPhase.running, [DashboardAction.send(.pause)]), (.evaluating, [.send(.pause)]), (.paused, [.send(.resume)]),
      (.pausing, [.send(.resume)]), (.stopping, []), (.finished, []), (.failed, []),
    ] {
      var model = try model(phase)
      #expect(press(&model, key) == expected, "\(phase)")
    }
  }

  /// Until the engine answers, it is said that the command waits.
  @Test func aCommandIsShownUntilItIsAnswered() throws {
    func lastRow(_ model: DashboardModel, now: Double) -> String {
      var model = model
      var canvas = Canvas(width: 120, height: 40)
      model.draw(into: &canvas, now: now)
      return canvas.plainRows()[39]
    }
    var model = try model(.running)
    _ = press(&model, .character("p"))
    #expect(lastRow(model, now: 1.1).contains("pause asked for"))
    #expect(lastRow(model, now: 9).contains("pause waits for the engine, 8 s"))
    model.apply(.phaseChanged(PhaseChange(phase: .paused, step: 20)), now: 9)
    #expect(!lastRow(model, now: 9).contains("pause waits"))
    _ = press(&model, .character("c"))
    #expect(lastRow(model, now: 20).contains("checkpoint waits"))
    let record = CheckpointRecord(step: 20, path: "/c", reason: .requested, isBest: false, bytes: 1, seconds: 0)
    model.apply(.checkpointWritten(record), now: 20)
    #expect(!lastRow(model, now: 30).contains("checkpoint waits"))
  }

  @Test func checkpointWhetherPausedOrNot() throws {
    var running = try model(.running)
    #expect(press(&running, .character("c")) == [.send(.checkpoint)])
    var paused = try model(.paused)
    #expect(press(&paused, .character("c")) == [.send(.checkpoint)])
    var finished = try model(.finished)
    #expect(press(&finished, .character("c")) == [])
  }

  @Test func detachesFromARunThatIsThereAndGoesOn() throws {
    var running = try model(.running)
    #expect(press(&running, .character("d")) == [.detach])
    var finished = try model(.finished)
    #expect(press(&finished, .character("d")) == [.quit])
    var loading = DashboardModel(theme: try ThemeCatalog.theme(named: ThemeCatalog.defaultName), glyphs: .braille)
    #expect(press(&loading, .character("d")) == [.detach], "the engine is a process of its own from the start")
  }

  @Test func theStopDialogOffersThreeWaysLeavingAndAWayBack() throws {
    for (keys, expected) in [
      ([Key.enter], [DashboardAction.send(.stop(.saveAndStop))]), ([.down, .enter], [.send(.stop(.finishEpoch))]),
      ([.up, .enter], [.detach]), ([.character("d")], [.detach]), ([.tab, .tab, .enter], [.send(.stop(.stopNow))]),
      ([.backTab, .backTab, .enter], [.send(.stop(.stopNow))]), ([.character("s")], [.send(.stop(.saveAndStop))]),
      ([.character("f")], [.send(.stop(.finishEpoch))]), ([.character("n")], [.send(.stop(.stopNow))]),
      ([.escape], []), ([.character("p")], []), ([.character("q")], []),
      ([.control("c")], []),
    ] {
      var model = try model(.running)
      #expect(press(&model, .character("q")) == [])
      #expect(model.popup == .stop(StopDialog(marked: .stop(.saveAndStop))))
      var actions: [DashboardAction] = []
      for key in keys { actions += press(&model, key) }
      #expect(actions == expected, "\(keys)")
    }
  }

  @Test func escapeClosesTheDialogAndNothingIsSent() throws {
    var model = try model(.running)
    _ = press(&model, .character("q"))
    #expect(press(&model, .escape) == [])
    #expect(model.popup == nil)
    #expect(press(&model, .character("p")) == [.send(.pause)])
  }

  /// A click on a way to stop takes it, one in the dialog does nothing, one beside it goes back.
  @Test func theStopDialogTakesClicks() throws {
    var model = try model(.running)
    model.resize(width: 100, height: 30)
    func click(_ target: (HitRegion.Target) -> Bool) throws -> [DashboardAction] {
      let place = try #require(model.regions(now: 1).last { target($0.target) }?.rect)
      return model.handle(.mouse(MouseEvent(action: .press, x: place.x, y: place.y)), now: 1)
    }
    _ = press(&model, .character("q"))
    #expect(try click { if case .dialog = $0 { true } else { false } } == [] && model.popup != nil)
    #expect(try click { $0 == .choice(.stop(.finishEpoch)) } == [.send(.stop(.finishEpoch))])
    _ = press(&model, .character("q"))
    #expect(model.handle(.mouse(MouseEvent(action: .press, x: 0, y: 29)), now: 1) == [] && model.popup == nil)
  }

  /// Ctrl-C closes what is open; where nothing is, it asks, and a second one leaves without waiting.
  @Test(arguments: [RunPhase.loading, .running, .evaluating, .paused, .stopping])
  func controlCAsksAndThenLeaves(_ phase: RunPhase) throws {
    var model = try model(phase)
    for key in [Character(":"), "?", "/"] {
      _ = press(&model, .character(key))
      #expect(press(&model, .control("c")) == [] && model.popup == nil, "\(key)")
    }
    #expect(press(&model, .control("c")) == [])
    #expect(press(&model, .control("c")) == [.stopAndLeave])
  }

  /// Somebody who only watches leaves by the usual keys, and stops the run only by saying so.
  @Test func watchersLeaveWithoutAQuestion() throws {
    for key in [Key.character("q"), .control("c"), .character("d")] {
      var model = try model(.running, role: .watcher)
      #expect(press(&model, key) == [.detach])
    }
    var model = try model(.running, role: .watcher)
    for character in ":stop" { _ = press(&model, .character(character)) }
    #expect(press(&model, .enter) == [])
    var canvas = Canvas(width: 100, height: 30)
    model.draw(into: &canvas, now: 1)
    #expect(canvas.plainRows().contains { $0.contains("Stop the run snips-joint?") })
    #expect(press(&model, .character("s")) == [.send(.stop(.saveAndStop))])
  }

  @Test func theHelpIsForWhoReadsIt() throws {
    for (role, words) in [(SessionRole.owner, "else ask how to stop"), (.watcher, "else leave")] {
      var model = try model(.running, role: role)
      _ = press(&model, .character("?"))
      var canvas = Canvas(width: 200, height: 60)
      model.draw(into: &canvas, now: 1)
      let text = canvas.plainRows().joined(separator: "\n")
      #expect(text.contains("Ctrl-C  Close what is open; \(words)"))
      for sign in ["Faint band", "Dotted line", "Dev: the total loss", "The best on dev"] {
        #expect(text.contains(sign))
      }
    }
  }

  /// Pasted text is not a row of keys.
  @Test func aPasteIsText() throws {
    var model = try model(.running)
    #expect(model.handle(.paste("a quick p c fox\n:stop now\n"), now: 1) == [])
    #expect(model.popup == nil && model.run.phase == .running)
    _ = press(&model, .character(":"))
    #expect(model.handle(.paste("lr 3e-4\nquit"), now: 1) == [])
    #expect(press(&model, .enter) == [.send(.setLearningRate(3e-4))])
  }

  @Test(arguments: [RunPhase.finished, .failed])
  func anEndedRunIsLeftAtOnce(_ phase: RunPhase) throws {
    for key in [Key.character("q"), .control("c")] {
      var model = try model(phase)
      #expect(!model.shouldLeave)
      #expect(press(&model, key) == [.quit])
    }
    var running = try model(.running)
    #expect(press(&running, .enter) == [])
    _ = press(&running, .character("q"))
    running.apply(.phaseChanged(PhaseChange(phase: phase, step: 20)), now: 2)
    #expect(running.popup == nil)
    #expect(press(&running, .character("q")) == [.quit])
  }

  @Test func whoSavedAndStoppedIsNotKeptWaiting() throws {
    for (key, leaves) in [("s", true), ("n", true), ("f", false)] as [(Character, Bool)] {
      var model = try model(.running)
      _ = press(&model, .character("q"))
      _ = press(&model, .character(key))
      #expect(!model.shouldLeave)
      model.apply(.phaseChanged(PhaseChange(phase: .finished, step: 20)), now: 2)
      #expect(model.shouldLeave == leaves)
    }
  }

  @Test func helpClosesAsItOpened() throws {
    var model = try model(.running)
    for close in [Key.character("?"), .escape, .enter, .character("q")] {
      _ = press(&model, .character("?"))
      #expect(model.popup == .help(0))
      #expect(press(&model, close) == [])
      #expect(model.popup == nil)
    }
  }

  @Test func looksAreSwitched() throws {
    var model = try model(.running)
    var seen: Set<String> = []
    for _ in ThemeCatalog.shipped {
      _ = press(&model, .character("t"))
      seen.insert(model.theme.name)
    }
    #expect(seen == Set(ThemeCatalog.shipped))
    #expect(model.theme.name == ThemeCatalog.defaultName)
    _ = press(&model, .character("g"))
    #expect(model.glyphs == .blocks)
    let before = model.chart.scale
    _ = press(&model, .character("l"))
    #expect(model.chart.scale != before)
    #expect(press(&model, .control("l")) == [.redraw])
    #expect(press(&model, .control("z")) == [.suspend])
  }

  @Test func theLogScrollsAndStaysWhereItIsRead() throws {
    var model = try model(.running)
    for number in 0..<30 {
      model.apply(.log(LogLine(level: .info, text: "\(number)", time: 0, step: 20)), now: 0)
    }
    _ = press(&model, .up)
    _ = press(&model, .up)
    #expect(model.offset(of: .log) == 2)
    model.apply(.log(LogLine(level: .info, text: "new", time: 0, step: 20)), now: 0)
    #expect(model.offset(of: .log) == 3)
    for _ in 0..<5 { _ = press(&model, .down) }
    #expect(model.offset(of: .log) == 0)
    for _ in 0..<99 { _ = press(&model, .up) }
    #expect(model.offset(of: .log) == model.run.log.count - 2, "the oldest line stands on top of the two rows")
    _ = press(&model, .down)
    #expect(model.offset(of: .log) == model.run.log.count - 3, "one press goes one line back at once")
  }

  @Test func nothingIsDrawnTwiceWithoutNeed() throws {
    var model = try model(.running)
    model.markDrawn(now: 5)
    #expect(!model.needsDisplay)
    model.tick(now: 5.1)
    #expect(!model.needsDisplay)
    model.tick(now: 6.2)
    #expect(model.needsDisplay, "the clock shows another second")
    model.markDrawn(now: 6.2)
    _ = press(&model, .character("?"))
    #expect(model.needsDisplay)
  }

  /// The README's table of keys names keys of the dashboard alone; the manual's holds every one.
  @Test func theREADMEAndTheManualNameTheKeys() throws {
    let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let text = try String(contentsOfFile: "/\(root)/README.md", encoding: .utf8)
    let section = try #require(text.components(separatedBy: "## Keys").dropFirst().first)
    let rows = section.split(separator: "\n").prefix { !$0.hasPrefix("#") }.filter { $0.hasPrefix("|") }.dropFirst(2)
    let labels = KeyBinding.all.flatMap { $0.label.components(separatedBy: " / ") }
    #expect(rows.count >= 5)
    for row in rows {
      let key = row.split(separator: "|")[0].filter { $0 != "`" && $0 != " " }
      #expect(labels.contains(key), "\(key)")
    }
    for binding in KeyBinding.all { #expect(KeyReference.keys.contains("    \(binding.label) ")) }
    for line in [KeyReference.keys, KeyReference.commands, KeyReference.signs, KeyReference.comparisonKeys]
      .flatMap({ $0.split(separator: "\n") })
    {
      #expect(CharacterWidth.columns(of: String(line)) <= 79)
    }
  }

  @Test func theHelpScrollsNoFurtherThanItsEnd() throws {
    var model = try model(.running)
    var canvas = Canvas(width: 80, height: 24)
    _ = press(&model, .character("?"))
    model.draw(into: &canvas, now: 1)
    for _ in 0..<9 { _ = press(&model, .pageDown) }
    model.draw(into: &canvas, now: 1)
    let end = canvas.plainRows()
    #expect(end.contains { $0.contains("At the lower edge: not finite") })
    _ = press(&model, .up)
    model.draw(into: &canvas, now: 1)
    #expect(canvas.plainRows() != end, "one press goes one line back")
  }

  @Test func everyKeyHasOneMeaning() {
    // Wherever one stands: a place's own meaning wins over the one everywhere else.
    for place in [nil] + KeyPlace.allCases {
      let keys = KeyBinding.all.filter { $0.place == place }.flatMap(\.keys)
      #expect(Set(keys).count == keys.count)
      for binding in KeyBinding.all where binding.place == place {
        #expect(
          binding.keys.allSatisfy { KeyBinding.command(for: $0, at: place.map { [$0] } ?? []) == binding.command })
      }
    }
    #expect(KeyBinding.all.allSatisfy { !$0.label.isEmpty && !$0.explanation.isEmpty })
    #expect(Set(KeyBinding.all.map(\.command)) == Set(DashboardCommand.allCases))
  }
}
