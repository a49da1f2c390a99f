import TerminalCanvas
import TrainingEvents

/// A page of the dashboard, by the number of its key.
enum Page: Int, Hashable, Sendable, CaseIterable {
  case overview = 1
  case classes, balance, machine, log, errors, setup

  var title: String {
    switch self {
    case .overview: "overview"
    case .classes: "classes"
    case .balance: "balance"
    case .machine: "machine"
    case .log: "log"
    case .errors: "errors"
    case .setup: "setup"
    }
  }
}

extension Page {
  /// What brings it up.
  var command: DashboardCommand {
    switch self {
    case .overview: .overviewPage
    case .classes: .classesPage
    case .balance: .balancePage
    case .machine: .machinePage
    case .log: .logPage
    case .errors: .errorsPage
    case .setup: .setupPage
    }
  }

  /// The page that a command brings up; nil for any other command.
  init?(_ command: DashboardCommand) {
    guard let page = Self.allCases.first(where: { $0.command == command }) else { return nil }
    self = page
  }
}

/// How the overview is laid out.
enum LayoutPreset: String, Hashable, Sendable, CaseIterable {
  /// Curves, figures, epochs and log.
  case standard
  /// Little but the curves.
  case curves
  /// Figures first.
  case figures

  var next: LayoutPreset {
    switch self {
    case .standard: .curves
    case .curves: .figures
    case .figures: .standard
    }
  }
}

/// Everything that has a frame of its own, can have the focus and be shown alone.
enum PanelID: Hashable, Sendable {
  case loss, accuracy, progress, epochs, accuracyChart, log
  case labels(ModelTask), confusions(ModelTask)
  case weights, gradients, cosine, schedule
  case cores, memory, ranks, speed
  case mistakes, mistake
  case setup, configuration
}

/// The order in which labels stand in their table.
enum TableOrder: Hashable, Sendable {
  case data, worst, frequent

  var next: TableOrder { self == .data ? .worst : self == .worst ? .frequent : .data }

  var words: String {
    switch self {
    case .data: "as in the data"
    case .worst: "worst F1 first"
    case .frequent: "most frequent first"
    }
  }
}

/// What lies under the mouse.
struct HitRegion: Hashable, Sendable {
  enum Target: Hashable, Sendable {
    case panel(PanelID)
    /// The loss curves themselves.
    case plot
    case command(DashboardCommand)
    case page(Page)
    /// A row of a list, counted from its beginning.
    case row(PanelID, Int)
    /// A dialog, and within it a way to stop.
    case dialog
    case choice(StopDialog.Choice)
  }

  var rect: Rect
  var target: Target
}
