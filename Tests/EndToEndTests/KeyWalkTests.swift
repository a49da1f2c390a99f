import Dashboard
import Foundation
import Glibc
import TerminalCanvas
import Testing

/// Every binding of the key table, pressed in a real terminal; and the mouse.
@Suite(.enabled(if: Tmux.isInstalled, "tmux is not installed"), .serialized)
struct KeyWalkTests {
  private let folder: Folder

  init() throws {
    folder = try Folder()
  }

  /// A paused run in a shell of its own: nothing on the screen changes but by a key. It learns so slowly that dev sentences
  /// are wrong.
  private func start() async throws -> Tmux {
    let options = Program.tiny.joined(separator: " ")
    try folder.write(
      "job.sh",
      "export XDG_CONFIG_HOME='\(folder["config"])'; exec '\(Program.path)' --epochs 1000000 "
        + "--batch-size 8 --learning-rate 1e-4 --run-dir run \(options)")
    let tmux = try Tmux("bash --norc --noprofile -i", in: folder, columns: 160, rows: 50)
    try tmux.takeClipboard()
    try tmux.type("sh job.sh", "Enter")
    // Epochs enough for every curve and list, however many have passed when the screen is read.
    try await eventually("ten epochs are evaluated", seconds: 120) {
      let metrics = (try? folder.text("run/metrics.jsonl")) ?? ""
      return metrics.components(separatedBy: "\"type\":\"evaluation\"").count > 10
    }
    try tmux.type("p")
    try await tmux.shows("║ paused")
    return tmux
  }

  @Test func everyBindingOfTheTable() async throws {
    let tmux = try await start()
    // What ends or leaves the screen comes last.
    let last: [DashboardCommand] = [.suspend, .detach, .interrupt, .readAlerts]
    let bindings = KeyBinding.all.filter { !last.contains($0.command) }
    #expect(bindings.count + last.count == KeyBinding.all.count)
    for binding in bindings {
      for key in binding.keys { try await press(key, binding.command, on: tmux) }
    }
    try tmux.type("C-z")
    try await tmux.shows("Stopped")
    try tmux.type("fg", "Enter")
    try await tmux.shows("║ paused")
    try tmux.type("d")
    try await tmux.shows("attach run")
    try tmux.type("clear; '\(Program.path)' attach run", "Enter")
    try await tmux.shows("║ paused")
    try tmux.type("C-c")
    try await tmux.hides("║ paused")
    try tmux.type("clear; '\(Program.path)' attach run", "Enter")
    try await tmux.shows("║ paused")
    // A rate that no run survives makes alerts.
    try tmux.type(":")
    try tmux.literally("lr 1e30")
    try tmux.type("Enter", "p")
    try await tmux.shows("✗ failed")
    try await tmux.shows(" ! ")
    try tmux.type("a")
    try await tmux.hides(" ! ")
    try await tmux.shows("5 log")
    try tmux.type("q")
    try await tmux.hides("✗ failed")
  }

  /// Goes to another page and back, which leaves no panel in focus. Escape would too, but nothing shows when it has come,
  /// and a key right behind it is one with Alt.
  private func losesFocus(on tmux: Tmux) async throws {
    try tmux.type("4")
    try await tmux.shows("Memory and threads")
    try tmux.type("1")
    try await tmux.shows("╭─ Loss")
    try await tmux.shows("╭─ Log")
  }

  /// Presses a key and waits for what it does, and leaves things as they were.
  ///
  /// There is no default: a new command does not build without its case.
  private func press(_ key: Key, _ command: DashboardCommand, on tmux: Tmux) async throws {
    func kept(_ line: String) async throws {
      try await eventually("“\(line)” is kept after \(command)") {
        (try? folder.text("config/mtt-tui/preferences").contains(line)) ?? false
      }
    }
    // A cursor stands at the newest step at first.
    func cursor(_ start: String..., moves: (_ before: Int, _ after: Int) -> Bool) async throws {
      for name in start { try tmux.type(name) }
      var before: Int?
      try await eventually("the curves are read out") {
        before = step(on: tmux)
        return before != nil
      }
      try tmux.press(key)
      try await eventually("\(command) moves the cursor") {
        guard let before, let after = step(on: tmux) else { return false }
        return moves(before, after)
      }
      try tmux.type("Escape")
      try await tmux.hides(", epoch ")
    }
    func part(_ start: String..., shows text: String? = nil, hides hidden: String? = nil) async throws {
      for name in start { try tmux.type(name) }
      if !start.isEmpty, let hidden { try await tmux.shows(hidden) }
      try tmux.press(key)
      if let text { try await tmux.shows(text) }
      if let hidden { try await tmux.hides(hidden) }
      try tmux.type("0")
      try await tmux.hides(" newest ")
      try await tmux.hides(" part ")
    }
    switch command {
    case .pauseOrResume:
      try tmux.press(key)
      try await tmux.shows("▶ running")
      try tmux.press(key)
      try await tmux.shows("║ paused")
    case .checkpoint:
      try tmux.press(key)
      try await tmux.shows("(requested")
    case .stop:
      try tmux.press(key)
      try await tmux.shows("Stop training?")
      try tmux.type("Escape")
      try await tmux.hides("Stop training?")
    case .commandLine:
      try tmux.press(key)
      try tmux.type("t", "h", "Tab")
      try await tmux.shows(":theme")
      try tmux.type("Escape")
      try await tmux.hides(":theme")
    case .overviewPage, .classesPage, .balancePage, .machinePage, .logPage, .errorsPage, .setupPage:
      let pages: [DashboardCommand: (text: String?, name: String)] = [
        .overviewPage: ("╭─ Loss", "overview"), .classesPage: ("A: classes", "classes"),
        .balancePage: ("Gradient on the encoder", "balance"), .machinePage: ("Memory and threads", "machine"),
        .errorsPage: ("Errors, dev, epoch", "errors"), .setupPage: ("Configuration, preset", "setup"),
        .logPage: (nil, "log"),  // the log is on the first page too: it is known by what is gone
      ]
      let page = try #require(pages[command])
      try tmux.press(key)
      if let text = page.text { try await tmux.shows(text) } else { try await tmux.hides("Memory and") }
      try await kept("page = \(page.name)")
      try tmux.type("1")
      try await tmux.shows("╭─ Loss")
    case .nextFocus:
      try tmux.press(key)
      try tmux.press(key)
      try tmux.type("Enter")
      try await tmux.hides("╭─ Loss")
      try await tmux.shows("╭─ Log")
      try await losesFocus(on: tmux)
    case .previousFocus:
      try tmux.type("Tab", "Tab")
      try tmux.press(key)
      try tmux.type("Enter")
      try await tmux.hides("╭─ Log")
      try await tmux.shows("╭─ Loss")
      try await losesFocus(on: tmux)
    case .maximize:
      try tmux.press(key)
      try await tmux.hides("╭─ Log")
      try tmux.press(key)
      try await tmux.shows("╭─ Log")
    case .back:
      try tmux.type("Enter")
      try await tmux.hides("╭─ Log")
      try tmux.press(key)
      try await tmux.shows("╭─ Log")
    case .nextLayout:
      for layout in ["curves", "figures", "standard"] {
        try tmux.press(key)
        try await kept("layout = \(layout)")
      }
      // Kept before it is drawn; and not every layout has the log.
      try await tmux.shows("╭─ Loss")
      try await tmux.shows("╭─ Log")
    case .cursorLeft: try await cursor("End") { $1 < $0 }
    case .cursorRight: try await cursor("Home") { $1 > $0 }
    case .cursorStart: try await cursor("End") { $1 < $0 / 4 }
    case .cursorEnd: try await cursor("Home") { $1 > $0 * 4 }
    case .zoomIn: try await part(shows: " newest ")
    case .zoomOut: try await part("+", hides: " newest ")
    case .panLeft: try await part("+", shows: " part ", hides: " newest ")
    case .panRight: try await part("+", ",", shows: " newest ", hides: " part ")
    case .showAll: try await part("+", hides: " newest ")
    case .follow: try await part("+", shows: " part ", hides: " newest ")
    case .toggleScale:
      try tmux.press(key)
      try await kept("scale = linear")
      try tmux.press(key)
      try await kept("scale = logarithmic")
    case .nextUnit:
      for unit in ["epoch", "time", "step"] {
        try tmux.press(key)
        try await kept("unit = \(unit)")
      }
    case .smoothLess:
      try tmux.press(key)
      try await kept("smoothing = 1")
      try tmux.type("]")
      try await kept("smoothing = 2")
    case .smoothMore:
      try tmux.press(key)
      try await kept("smoothing = 3")
      try tmux.type("[")
      try await kept("smoothing = 2")
    case .scrollUp:
      try tmux.press(key)
      try await tmux.shows("Log, 1 back")
      try tmux.type("Down")
      try await tmux.hides(" back ")
    case .scrollDown:
      try tmux.type("Up", "Up")
      try tmux.press(key)
      try await tmux.shows("Log, 1 back")
      try tmux.type("Down")
      try await tmux.hides(" back ")
    case .scrollPageUp:
      try tmux.press(key)
      try await tmux.shows("Log, 9 back")
      try tmux.type("NPage")
      try await tmux.hides(" back ")
    case .scrollPageDown:
      try tmux.type("Up", "PPage")
      try await tmux.shows("Log, 10 back")
      try tmux.press(key)
      try await tmux.shows("Log, 1 back")
      try tmux.type("Down")
      try await tmux.hides(" back ")
    case .logLevel:
      try tmux.press(key)
      try await tmux.shows("Log, warnings and errors")
      try tmux.press(key)
      try await tmux.shows("Log, errors")
      try tmux.press(key)
      try await tmux.hides("Log, errors")
    case .search:
      try tmux.press(key)
      try tmux.literally("checkpoint")
      try await tmux.shows("Log, with \"checkpoint\"")
      try tmux.type("Escape")
      try await tmux.hides("Log, with")
    case .nextOrder:
      try tmux.type("2")
      try await tmux.shows("A: classes")
      for words in ["worst F1 first", "most frequent first"] {
        try tmux.press(key)
        try await tmux.shows(words)
      }
      try tmux.press(key)
      try await tmux.hides("most frequent first")
      try tmux.type("1")
      try await tmux.shows("╭─ Loss")
    case .mark:
      try tmux.type("6")
      try await tmux.shows("Errors, dev, epoch")
      try tmux.press(key)
      try await tmux.shows("╰─ 1 marked")
      try await tmux.shows("║ paused")
      try tmux.type("Up")
      try tmux.press(key)
      try await tmux.hides("╰─ 1 marked")
      try tmux.type("1")
      try await tmux.shows("╭─ Loss")
    case .suspects:
      try tmux.type("6")
      try await tmux.shows("Errors, dev, epoch")
      try tmux.press(key)
      try await tmux.shows("Suspects, train, epoch")
      try await tmux.shows("of train")
      try tmux.press(key)
      try await tmux.shows("Errors, dev, epoch")
      try tmux.type("1")
      try await tmux.shows("╭─ Loss")
    case .showConfused:
      try tmux.type("2")
      try await tmux.shows("A: confused")
      try tmux.type("Tab", "Tab")
      try tmux.press(key)
      try await tmux.shows(" → ")
      try await tmux.shows("Errors, dev, epoch")
      try tmux.type("Escape")
      try await tmux.hides(" → ")
      try tmux.type("1")
      try await tmux.shows("╭─ Loss")
    case .export:
      try tmux.press(key)
      try await eventually("the view lies in the run's folder") { folder.entries("run/exports").count == 5 }
    case .copy:
      try tmux.press(key)
      try await eventually("the figures are on the clipboard") { tmux.clipboard.contains("last dev, epoch") }
    case .nextTheme:
      let before = try theme()
      try tmux.press(key)
      try await eventually("another theme is kept") { try theme() != before }
    case .nextGlyphs:
      for glyphs in ["blocks", "ascii", "braille"] {
        try tmux.press(key)
        try await kept("glyphs = \(glyphs)")
      }
      try await tmux.shows("╭─ Loss")
    case .help:
      try tmux.press(key)
      try await tmux.shows("Pages and panels")
      try tmux.press(key)
      try await tmux.hides("Pages and panels")
    case .redraw:
      try tmux.spoil("spoiled picture")
      try await tmux.shows("spoiled picture")
      try tmux.press(key)
      try await tmux.hides("spoiled picture")
    case .suspend, .detach, .interrupt, .readAlerts: Issue.record("\(command) has its turn at the end")
    }
  }

  /// The step of the cursor's box.
  private func step(on tmux: Tmux) -> Int? {
    guard let range = tmux.screen.firstMatch(of: /step ([0-9,]+), epoch/) else { return nil }
    return Int(range.1.filter { $0 != "," })
  }

  private func theme() throws -> Substring? {
    try folder.text("config/mtt-tui/preferences").split(separator: "\n").first { $0.hasPrefix("theme") }
  }

  @Test func theMouse() async throws {
    let tmux = try await start()
    // On the curves: the wheel zooms, a drag pans, a click reads out.
    try tmux.mouse("<64", 40, 10)
    try await tmux.shows(" part ")
    try tmux.mouse("<65", 40, 10)
    try await tmux.hides(" part ")
    try tmux.type("+", "+")
    try await tmux.shows(" newest ")
    try tmux.mouse("<0", 40, 10)
    try tmux.mouse("<32", 60, 10)
    try tmux.mouse("<0", 60, 10, isRelease: true)
    try await tmux.shows(" part ")
    try tmux.type("0")
    try await tmux.hides(" part ")
    try tmux.mouse("<0", 40, 10)
    try tmux.mouse("<0", 40, 10, isRelease: true)
    try await tmux.shows(", epoch ")
    try tmux.type("Escape")
    try await tmux.hides(", epoch ")
    // The key line's buttons and pages.
    try tmux.click(try #require(tmux.place(of: "? help")))
    try await tmux.shows("Pages and panels")
    try tmux.mouse("<0", 1, 1)
    try await tmux.hides("Pages and panels")
    try tmux.click(try #require(tmux.place(of: "3 balance")))
    try await tmux.shows("Gradient on the encoder")
    try tmux.click(try #require(tmux.place(of: "1 overview")))
    try await tmux.shows("╭─ Loss")
    // The wheel scrolls elsewhere, a click takes the focus.
    try await tmux.shows("╭─ Log")  // below the curves: a frame may be seen half drawn
    let log = try #require(tmux.place(of: "╭─ Log"))
    try tmux.mouse("<64", log.column + 10, log.row + 2)
    try await tmux.shows("Log, 3 back")
    try tmux.click((log.column + 10, log.row + 2))
    try tmux.type("Enter")
    try await tmux.hides("╭─ Loss")
    try tmux.type("q", "n")
    try await tmux.hides("╭─ Log")
  }
}

extension Tmux {
  /// Presses a key as the table names it.
  func press(_ key: Key) throws {
    switch key {
    case .character(" "): try type("Space")
    case .character(let character): try literally(String(character))
    case .control(let character): try type("C-\(character)")
    case .enter: try type("Enter")
    case .tab: try type("Tab")
    case .backTab: try type("BTab")
    case .escape: try type("Escape")
    case .backspace: try type("BSpace")
    case .delete: try type("DC")
    case .up: try type("Up")
    case .down: try type("Down")
    case .left: try type("Left")
    case .right: try type("Right")
    case .home: try type("Home")
    case .end: try type("End")
    case .pageUp: try type("PPage")
    case .pageDown: try type("NPage")
    case .function(let number): try type("F\(number)")
    }
  }

  /// Sends a mouse report; places count from 1, as terminals do.
  func mouse(_ button: String, _ column: Int, _ row: Int, isRelease: Bool = false) throws {
    try literally("\u{1B}[\(button);\(column);\(row)\(isRelease ? "m" : "M")")
  }

  func click(_ place: (column: Int, row: Int)) throws {
    try mouse("<0", place.column, place.row)
    try mouse("<0", place.column, place.row, isRelease: true)
  }

  /// Where a text begins on the screen, counted from 1.
  func place(of text: String) -> (column: Int, row: Int)? {
    for (row, line) in screen.components(separatedBy: "\n").enumerated() {
      if let range = line.range(of: text) { return (line[..<range.lowerBound].count + 1, row + 1) }
    }
    return nil
  }
}
