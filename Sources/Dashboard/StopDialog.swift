import Formatting
import RunModel
import TerminalCanvas
import Themes
import TrainingEvents

/// How to end the run, or to leave it running: the choices, one of them marked.
struct StopDialog: Hashable, Sendable {
  enum Choice: Hashable, Sendable, CaseIterable {
    case stop(StopMode)
    /// Leave the screen; the run goes on.
    case leave

    static let allCases = StopMode.allCases.map(Choice.stop) + [.leave]

    /// The key that takes it.
    var key: Character {
      switch self {
      case .stop(.saveAndStop): "s"
      case .stop(.finishEpoch): "f"
      case .stop(.stopNow): "n"
      case .leave: "d"
      }
    }

    /// A few words, and fewer.
    var title: (full: String, short: String) {
      switch self {
      case .stop(.saveAndStop): ("save and stop", "save and stop")
      case .stop(.finishEpoch): ("finish the epoch", "finish epoch")
      case .stop(.stopNow): ("stop now", "stop now")
      case .leave: ("leave it running", "leave running")
      }
    }
  }

  var marked: Choice
  /// Opened by Ctrl-C, which a second time answers it.
  var isInterrupt = false
  /// Opened by somebody who did not begin the run.
  var isWatcher = false

  /// With the choice before or after the marked one marked.
  func marking(_ by: Int) -> StopDialog {
    let choices = Choice.allCases
    let place = (choices.firstIndex(of: marked) ?? 0) + by
    var dialog = self
    dialog.marked = choices[(place + choices.count) % choices.count]
    return dialog
  }

  func draw(_ run: RunState, over area: Rect, with painter: inout Painter) {
    let palette = painter.palette
    let name = run.description?.name ?? ""
    let note = note(name)
    let title =
      isWatcher && !name.isEmpty ? "Stop the run \(CharacterWidth.clip(name, columns: 30))?" : "Stop training?"
    var inner = dialog(title, width: 62, height: note == nil ? 9 : 10, over: area, with: &painter)
    _ = inner.takeTop(1)
    for choice in Choice.allCases {
      let row = inner.takeTop(1)
      guard !row.isEmpty else { return }
      painter.regions.append(HitRegion(rect: row, target: .choice(choice)))
      let detail = detail(choice, run.phase)
      if choice == marked { painter.canvas.fill(row, " ", palette.selected) }
      let isMarked = choice == marked
      painter.text(
        row.x, row.y, isMarked ? "▶ \(choice.key)" : "  \(choice.key)", isMarked ? palette.selected : palette.key)
      painter.text(
        row.x + 5, row.y, width: 17, choice.title.full, isMarked ? palette.selected : palette.value)
      painter.text(
        row.x + 23, row.y, width: row.width - 23, detail, isMarked ? palette.selected : palette.label)
    }
    _ = inner.takeTop(1)
    let keys = inner.takeTop(1)
    painter.pieces(
      keys.x, keys.y, width: keys.width,
      [
        ("Enter", palette.key), (" takes the marked one   ", palette.label), ("Esc", palette.key),
        (" goes back", palette.label),
      ])
    if let note, !inner.isEmpty { painter.pieces(inner.x, inner.y, width: inner.width, note(palette)) }
  }

  /// A last line, where there is something to add.
  private func note(_ name: String) -> ((Palette) -> [(String, Style)])? {
    if isInterrupt {
      return { [("Ctrl-C", $0.key), (" again: save, stop, and leave at once", $0.label)] }
    }
    if isWatcher { return { [("Whoever began this run is not asked.", $0.style(.logWarning))] } }
    return nil
  }

  private func detail(_ choice: Choice, _ phase: RunPhase) -> String {
    switch choice {
    case .stop(.saveAndStop): "write a checkpoint, then end"
    case .stop(.finishEpoch): phase == .paused ? "resume to its end, then save" : "train to its end, then save"
    case .stop(.stopNow): "write nothing more"
    case .leave: "'mtt-tui attach' comes back"
    }
  }
}
