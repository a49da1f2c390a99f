import RunModel
import Themes

/// How a mark looks on the curves.
extension RunMark.Kind {
  var glyph: Unicode.Scalar {
    switch self {
    case .epoch: "┊"
    case .checkpoint: "◆"
    case .spike: "↑"
    case .pause: "║"
    case .resume: "▶"
    case .parameter: "±"
    case .broken: "×"
    }
  }

  var color: ThemeKey {
    switch self {
    case .epoch: .dividerLine
    case .checkpoint: .stateEvaluating
    case .spike: .logWarning
    case .pause: .statePaused
    case .resume: .stateRunning
    case .parameter: .highlight
    case .broken: .stateFailed
    }
  }
}
