import Foundation
import Glibc
import TerminalCanvas
import Testing

@testable import Dashboard

/// Every binding of the comparison's key table, pressed in a real terminal.
@Suite(.enabled(if: Tmux.isInstalled, "tmux is not installed"))
struct ComparisonKeyTests {
  private let folder: Folder

  init() throws {
    folder = try Folder()
    // Long ago: nothing on the screen changes but by a key.
    func write(_ name: String, _ text: String) throws {
      try folder.write(name, text)
      let times = [timespec(tv_sec: 1_700_000_000, tv_nsec: 0), timespec(tv_sec: 1_700_000_000, tv_nsec: 0)]
      utimensat(AT_FDCWD, folder[name], times, 0)
    }
    for (name, factor) in [("again", 0.7), ("fast", 1.0), ("slow", 0.5)] {
      var lines = "step,epoch,train_loss,val_acc\n"
      // One was restarted at step 20, and did worse before.
      let steps = name == "again" ? Array(1...30) + Array(20...50) : Array(1...50)
      for (place, step) in steps.enumerated() {
        let loss = (name == "again" && place < 30 ? 4 : 2) / (1 + Double(step) * factor)
        let accuracy = step.isMultiple(of: 10) ? "\(Double(step) / 60 * factor)" : ""
        lines += "\(step),\(step / 10),\(loss),\(accuracy)\n"
      }
      try write("logs/\(name)/metrics.csv", lines)
      try write("logs/\(name)/hparams.yaml", "lr: \(0.001 * factor)\nseed: 1\nbatch_size: 8\n")
    }
    try write("logs/torn.jsonl", "{\"step\": 1, \"reward\": 2}\n{\"step\": 2, \"rew\n{\"step\": 3, \"reward\": 4}\n")
  }

  @Test func everyBindingOfTheTable() async throws {
    try folder.write("job.sh", "exec '\(Program.path)' view logs")
    let tmux = try Tmux("bash --norc --noprofile -i", in: folder, columns: 120, rows: 40)
    try tmux.takeClipboard()
    for binding in ComparisonBinding.all {
      for key in binding.keys {
        if !tmux.screen.contains("mtt-tui view") {
          try tmux.type("clear; sh job.sh", "Enter")
          try await tmux.shows("4 runs")
          try await tmux.hides("reading…")
        }
        try await press(key, binding.command, on: tmux)
      }
    }
  }

  /// Presses a key and waits for what it does, and leaves things as they were.
  ///
  /// There is no default: a new command does not build without its case.
  private func press(_ key: Key, _ command: ComparisonCommand, on tmux: Tmux) async throws {
    func shows(_ text: String) async throws {
      try tmux.press(key)
      try await tmux.shows(text)
    }
    func hides(_ text: String) async throws {
      try tmux.press(key)
      try await tmux.hides(text)
    }
    func type(_ name: String, shows text: String) async throws {
      try tmux.type(name)
      try await tmux.shows(text)
    }
    func type(_ name: String, hides text: String) async throws {
      try tmux.type(name)
      try await tmux.hides(text)
    }
    /// The row of the selected run goes from one place to another.
    func selects(_ start: String..., from first: Int, to last: Int) async throws {
      try tmux.type("PPage")
      try await eventually("the first row is selected") { selectedRow(on: tmux) == 0 }
      for name in start { try tmux.type(name) }
      try await eventually("row \(first) is selected before \(command)") { selectedRow(on: tmux) == first }
      try tmux.press(key)
      try await eventually("\(command) selects row \(last)") { selectedRow(on: tmux) == last }
      try tmux.type("PPage")
      try await eventually("the first row is selected") { selectedRow(on: tmux) == 0 }
    }
    /// The picture once it stands still: what the key before this one drew may still be on its way.
    func stands(_ when: String, _ read: () -> String) async throws -> String {
      var picture = read()
      var alike = 0
      try await eventually("the picture stands still \(when)") {
        let last = picture
        picture = read()
        alike = picture == last ? alike + 1 : 0
        return alike == 5
      }
      return picture
    }
    /// The key shows another picture of the same text, and a second time the first one.
    func turns(_ read: () -> String) async throws {
      let before = try await stands("before \(command)", read)
      try tmux.press(key)
      try await eventually("\(command) changes the picture") { read() != before }
      try tmux.press(key)
      try await eventually("\(command) changes it back") { read() == before }
    }
    switch command {
    case .up: try await selects("Down", from: 1, to: 0)
    case .down: try await selects(from: 0, to: 1)
    case .pageUp: try await selects("NPage", from: 3, to: 0)
    case .pageDown: try await selects(from: 0, to: 3)
    case .mark:
      try await shows("1 marked")
      try tmux.type("PPage")
      try await hides("1 marked")
      try tmux.type("PPage")
    case .onlyMarked:
      try await type("m", shows: "1 marked")
      try await shows("1 of 4  marked only")
      try await hides("marked only")
      try tmux.type("PPage")
      try await type("m", hides: "1 marked")
      try tmux.type("PPage")
    case .baseline:
      try await shows("· base ")
      try await tmux.shows("vs base")
      try await hides("· base ")
    case .sort:
      try await shows("by run ▼")
      try await shows("by state ▼")
    case .reverse:
      try await type("s", shows: "▼")
      try await shows("▲")
      try await hides("▲")
    case .filter:
      try await shows("words, key>number")
      try tmux.literally("fast")
      try await tmux.shows("1 of 4")
      try await type("Escape", hides: "1 of 4")
      try await type("Tab", shows: "train_loss")
      try await shows("words of the metrics' names")
      try tmux.literally("acc")
      try await tmux.hides("train_loss")
      try await type("Escape", shows: "train_loss")
      try await type("Tab", shows: "╭─ Runs")
    case .groups:
      try await shows("mean ± sd of val_acc")
      try await hides("mean ± sd")
    case .diff:
      try await hides("Configuration:")
      try await shows("Configuration: 1 of 3 differ")
    case .nextMetric:
      try await hides("╭─ val_acc")
      try await type("N", shows: "╭─ val_acc")
    case .previousMetric:
      try await type("n", hides: "╭─ val_acc")
      try await shows("╭─ val_acc")
    case .page:
      try await shows("╭─ Metrics")
      try await shows("╭─ Runs")
    case .axis:
      for axis in ["epoch", "relative", "wall", "aligned", "samples", "step"] {
        try tmux.press(key)
        try await tmux.shows(" \(axis) ")
      }
    case .scale:
      try await shows(" log ─")
      try await hides(" log ─")
    case .smoothLess:
      try await type("]", shows: "smoothed 0.3")
      try await hides("smoothed")
    case .smoothMore:
      try await shows("smoothed 0.3")
      try await type("[", hides: "smoothed")
    case .cursorLeft:
      try await type("End", shows: "step 50")
      try await shows("step 49")
      try await type("Escape", hides: "step 49")
    case .cursorRight:
      try await type("Home", shows: "step 10")
      try await shows("step 11")
      try await type("Escape", hides: "step 11")
    case .cursorStart:
      try await shows("step 10")
      try await type("Escape", hides: "step 10")
    case .cursorEnd:
      try await shows("step 50")
      try await type("Escape", hides: "step 50")
    case .zoomIn:
      try await shows("zoomed")
      try await type("0", hides: "zoomed")
    case .zoomOut, .showAll:
      try await type("+", shows: "zoomed")
      try await hides("zoomed")
    case .panLeft:
      try await type("+", shows: "zoomed")
      try await type("Home", shows: "step 30")
      try tmux.press(key)
      try await type("Home", shows: "step 25")
      try await type("0", hides: "zoomed")
      try await type("Escape", hides: "step 25")
    case .panRight:
      try await type("+", shows: "zoomed")
      try tmux.type(",")
      try await type("Home", shows: "step 25")
      try tmux.press(key)
      try await type("Home", shows: "step 30")
      try await type("0", hides: "zoomed")
      try await type("Escape", hides: "step 30")
    case .onTop:
      try await type("n", hides: "╭─ val_acc")
      try await turns { tmux.coloredScreen }
      try await type("N", shows: "╭─ val_acc")
    case .alone:
      try await shows("· only ")
      try await tmux.shows("╭─ Metrics")
      try await type("Escape", hides: "· only ")
    case .replaced:
      try await shows("earlier attempts")
      try await hides("earlier attempts")
      try await type("n", shows: "╭─ train_loss")
      try await turns { tmux.screen }
      try await type("N", shows: "╭─ val_acc")
    case .join:
      try await type("Tab", shows: "╭─ Metrics")
      try tmux.type("Down")
      try await shows("╭─ Join reward with (J)")
      try tmux.type("Down")
      try await shows("╭─ reward ─, train_loss ┄")
      try await hides("╭─ reward ─, train_loss ┄")
      try tmux.type("PPage")
      try await type("Tab", shows: "╭─ Runs")
    case .problems:
      try await shows("torn.jsonl:2: ")
      try await hides("torn.jsonl:2: ")
    case .export:
      try tmux.press(key)
      let names = ["comparison.csv", "comparison.md", "comparison.svg", "curves.csv"]
      try await eventually("the view is written") { folder.entries("mtt-tui-comparison") == names }
    case .writeEvents:
      try tmux.press(key)
      try await tmux.shows("runs in mtt-tui-comparison/tensorboard")
      #expect(folder.entries("mtt-tui-comparison/tensorboard").count == 4)
    case .copy:
      try tmux.press(key)
      // The clipboard comes before the notice, which must have come before it can go.
      try await tmux.shows("the table is on the clipboard")
      try await eventually("the table is on the clipboard") { tmux.clipboard.hasPrefix("| run |") }
      try await tmux.hides("the table is on the clipboard")
    case .theme:
      let before = try await stands("before \(command)") { tmux.coloredScreen }
      let text = tmux.screen
      try tmux.press(key)
      try await eventually("the same text has other colours") { tmux.coloredScreen != before && tmux.screen == text }
    case .glyphs:
      func hasBraille() -> Bool { tmux.screen.unicodeScalars.contains { (0x2801...0x28FF).contains($0.value) } }
      func hasBlocks() -> Bool { tmux.screen.unicodeScalars.contains { (0x2580...0x259F).contains($0.value) } }
      try await eventually("curves are drawn in braille") { hasBraille() }
      for (braille, blocks) in [(false, true), (false, false), (true, false)] {
        try tmux.press(key)
        try await eventually("the glyphs are others") { hasBraille() == braille && hasBlocks() == blocks }
      }
    case .back:
      try await type("End", shows: "step 50")
      try await hides("step 50")
    case .help:
      try await shows("Join runs that differ in their seed alone")
      try await hides("Join runs that differ in their seed alone")
    case .redraw:
      try tmux.spoil("spoiled picture")
      try await tmux.shows("spoiled picture")
      try await hides("spoiled picture")
    case .suspend:
      try await shows("Stopped")
      try await type("fg", shows: "fg")
      try await type("Enter", shows: "4 runs")
    case .quit: try await hides("mtt-tui view")
    }
  }

  /// The place of the selected run in the table; nil where none is seen.
  private func selectedRow(on tmux: Tmux) -> Int? {
    let lines = tmux.screen.components(separatedBy: "\n")
    guard let line = lines.firstIndex(where: { $0.hasPrefix("│ ▸") }) else { return nil }
    return line - 3
  }
}
