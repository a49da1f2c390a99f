import Dashboard
import TerminalCanvas
import Themes
import TrainingEvents

/// The states of the screen that are worth looking at.
enum Scene: String, CaseIterable {
  case empty, loading, early, running, log, paused, help, stop, finished, failed, broken, wide

  /// The moment the scene is drawn at.
  static let now = 200.0

  func model(theme: String = ThemeCatalog.defaultName, glyphs: GlyphSet = .braille) throws -> DashboardModel {
    var model = DashboardModel(theme: try ThemeCatalog.theme(named: theme), glyphs: glyphs)
    var run = SampleRun()
    func feed(_ events: [TrainingEvent]) {
      for event in events { model.apply(event, now: Self.now) }
    }
    func press(_ key: Key) { _ = model.handle(.key(key), now: Self.now) }
    switch self {
    case .empty: break
    case .loading: feed([.runStarted(run.description)])
    case .early: feed(run.events(through: 7))
    case .running: feed(run.events(through: 2633))
    case .log:
      feed(run.events(through: 2633))
      press(.character("l"))
    case .paused:
      feed(run.events(through: 1500))
      feed([.phaseChanged(PhaseChange(phase: .paused, step: 1500))])
    case .help:
      feed(run.events(through: 1500))
      press(.character("?"))
    case .stop:
      feed(run.events(through: 1500))
      press(.character("q"))
    case .finished:
      feed(run.events(through: run.totalSteps))
      feed([
        .evaluated(run.evaluation(9, split: .test)),
        .phaseChanged(
          PhaseChange(
            phase: .finished, step: run.totalSteps,
            outcome: RunOutcome(exitCode: 0, message: "Done: the best model is step-0004090."))),
      ])
    case .failed:
      feed(run.events(through: 700))
      feed([
        .alert(LogLine(level: .warning, text: "The loss is not finite at step 700.", time: 0, step: 700)),
        .phaseChanged(
          PhaseChange(
            phase: .failed, step: 700,
            outcome: RunOutcome(
              exitCode: 76, message: "Training diverged: 10 steps without a finite loss; lower --learning-rate."))),
      ])
    case .broken:
      run.brokenSteps = Set(500...540).union([1100])
      feed(run.events(through: 1300))
    case .wide:
      run.name = "訓練ラン👩‍👩‍👧 e\u{301}tude\u{7}"
      feed(run.events(through: 800))
      feed([
        .log(LogLine(level: .warning, text: "数据\t里有 3 行 🧪 太长 \u{1B}[31mred\u{1B}[0m 🇩🇪", time: 0, step: 800))
      ])
    }
    return model
  }

  func canvas(
    width: Int, height: Int, theme: String = ThemeCatalog.defaultName, glyphs: GlyphSet = .braille
  ) throws -> Canvas {
    var model = try model(theme: theme, glyphs: glyphs)
    var canvas = Canvas(width: width, height: height)
    model.draw(into: &canvas, now: Self.now)
    return canvas
  }
}
