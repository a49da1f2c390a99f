import RunModel
import TerminalCanvas

/// What was drawn in the last frame, for the next one: a frame draws anew only what shows something new.
struct KeptFrame: Sendable {
  /// What pictures follow from, each number another one after a change.
  struct Revisions: Hashable, Sendable {
    /// The run as a whole.
    var run = 0
    /// Theme, glyphs and the terminal's background.
    var look = 0
    /// What is shown, and where lists are scrolled, sorted and filtered: all choices but those of the curves' view.
    var choices = 0
  }

  var revisions = Revisions()
  /// The palette, and the look it was made for.
  var palette: (look: Int, palette: Palette)?
  var loss: LossChart.Plotted?
  var pictures: [Part: Picture] = [:]

  /// What is kept by itself.
  enum Part: Hashable, Sendable {
    case panel(PanelID)
    case header, keyLine
  }

  /// A part of the screen as it was drawn.
  struct Picture: Sendable {
    /// What it follows from.
    struct Key: Hashable, Sendable {
      let area: Rect
      let isFocused: Bool
      let look: Int
      let choices: Int
      let content: Content
    }

    let key: Key
    let patch: CanvasPatch
    /// What the mouse can meet on it.
    let regions: [HitRegion]
  }

  /// What a part shows: a part of the run, at one of its revisions, or everything that it follows from itself.
  enum Content: Hashable, Sendable {
    case run(Int)
    case records(Int)
    case log(Int)
    case header(HeaderLine.Content)
    case keys(KeyLine.Content)
  }
}

extension DashboardModel {
  /// What a panel shows; nil for one that moves with the clock, the cursor or something outside the run, so that every
  /// frame draws it.
  func content(of panel: PanelID) -> KeptFrame.Content? {
    switch panel {
    // Before the first epoch ends, the steps to it are counted.
    case .epochs: run.epochs.isEmpty ? .run(kept.revisions.run) : .records(run.revisions.records)
    case .accuracyChart, .labels, .confusions: .records(run.revisions.records)
    case .accuracy, .weights, .gradients, .cosine, .schedule, .configuration: .run(kept.revisions.run)
    case .progress: run.hasEnded ? .run(kept.revisions.run) : nil
    case .log: .log(run.revisions.log)
    case .loss, .cores, .memory, .ranks, .speed, .mistakes, .mistake, .setup: nil
    }
  }
}
