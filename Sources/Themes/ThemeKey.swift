/// The colours a theme file can give: btop's names, then ours.
public enum ThemeKey: String, Hashable, Sendable, CaseIterable {
  case mainBackground = "main_bg"
  case mainForeground = "main_fg"
  case title
  case highlight = "hi_fg"
  case selectedBackground = "selected_bg"
  case selectedForeground = "selected_fg"
  case inactive = "inactive_fg"
  case graphText = "graph_text"
  case meterBackground = "meter_bg"
  case miscellaneous = "proc_misc"
  case cpuBox = "cpu_box"
  case memoryBox = "mem_box"
  case networkBox = "net_box"
  case processBox = "proc_box"
  case dividerLine = "div_line"
  case temperatureStart = "temp_start"
  case temperatureMiddle = "temp_mid"
  case temperatureEnd = "temp_end"
  case cpuStart = "cpu_start"
  case cpuMiddle = "cpu_mid"
  case cpuEnd = "cpu_end"
  case freeStart = "free_start"
  case freeMiddle = "free_mid"
  case freeEnd = "free_end"
  case cachedStart = "cached_start"
  case cachedMiddle = "cached_mid"
  case cachedEnd = "cached_end"
  case availableStart = "available_start"
  case availableMiddle = "available_mid"
  case availableEnd = "available_end"
  case usedStart = "used_start"
  case usedMiddle = "used_mid"
  case usedEnd = "used_end"
  case downloadStart = "download_start"
  case downloadMiddle = "download_mid"
  case downloadEnd = "download_end"
  case uploadStart = "upload_start"
  case uploadMiddle = "upload_mid"
  case uploadEnd = "upload_end"
  case processStart = "process_start"
  case processMiddle = "process_mid"
  case processEnd = "process_end"

  // Ours.
  case lossTotal = "loss_total"
  case lossA = "loss_a"
  case lossB = "loss_b"
  case taskAStart = "task_a_start"
  case taskAMiddle = "task_a_mid"
  case taskAEnd = "task_a_end"
  case taskBStart = "task_b_start"
  case taskBMiddle = "task_b_mid"
  case taskBEnd = "task_b_end"
  case progressStart = "progress_start"
  case progressMiddle = "progress_mid"
  case progressEnd = "progress_end"
  case best
  case stateRunning = "state_running"
  case statePaused = "state_paused"
  case stateEvaluating = "state_evaluating"
  case stateFinished = "state_finished"
  case stateFailed = "state_failed"
  case logWarning = "log_warning"
  case logError = "log_error"

  /// The key whose colour is taken where this one is missing; nil takes the default theme's.
  public var fallback: ThemeKey? {
    switch self {
    case .meterBackground, .graphText: .inactive
    case .processStart: .cpuStart
    case .processMiddle: .cpuMiddle
    case .processEnd: .cpuEnd
    case .lossTotal, .best, .statePaused, .logWarning: .availableEnd
    case .lossA: .downloadEnd
    case .lossB: .uploadEnd
    case .stateRunning: .freeEnd
    case .stateEvaluating, .stateFinished: .cachedEnd
    case .stateFailed, .logError: .usedEnd
    case .availableEnd: .availableMiddle
    case .downloadEnd: .downloadMiddle
    case .uploadEnd: .uploadMiddle
    case .freeEnd: .freeMiddle
    case .cachedEnd: .cachedMiddle
    case .usedEnd: .usedMiddle
    case .availableMiddle: .availableStart
    case .downloadMiddle: .downloadStart
    case .uploadMiddle: .uploadStart
    case .freeMiddle: .freeStart
    case .cachedMiddle: .cachedStart
    case .usedMiddle: .usedStart
    default: nil
    }
  }
}

/// The gradients a theme file can give, each by three keys.
public enum ThemeGradient: String, Hashable, Sendable, CaseIterable {
  case temperature = "temp"
  case cpu, free, cached, available, used, download, upload, process
  case taskA = "task_a"
  case taskB = "task_b"
  case progress

  /// Gradients that stand in for one whose keys are missing, in order.
  var fallbacks: [ThemeGradient] {
    switch self {
    case .process: [.cpu]
    case .taskA: [.download]
    case .taskB: [.upload]
    case .progress: [.cached]
    default: []
    }
  }

  var start: ThemeKey { key("_start") }
  var middle: ThemeKey { key("_mid") }
  var end: ThemeKey { key("_end") }

  private func key(_ suffix: String) -> ThemeKey { ThemeKey(rawValue: rawValue + suffix) ?? .mainForeground }
}
