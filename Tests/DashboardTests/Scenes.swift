import Dashboard
import RunModel
import TerminalCanvas
import Themes
import TrainingEvents

/// The states of the screen that are worth looking at.
enum Scene: String, CaseIterable {
  case empty, loading, one, early, running, log, paused, help, stop, finished, failed, broken, wide
  case cursor, zoomed, time, curves, figures, classes, balance, machine, journal, setup, alone, command, wrong, long
  case errors, confused

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
    case .one: feed(run.events(through: 1))
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
    case .cursor, .zoomed, .time, .curves, .figures, .classes, .balance, .journal, .setup, .alone, .command, .wrong,
      .errors, .confused:
      feedSteered(&run, &model)
      for epoch in 0..<6 {
        let step = (epoch + 1) * run.stepsPerEpoch
        model.take(run.mistakes(epoch), ofStep: step)
      }
      for key in keys { press(key) }
    case .machine:
      feed(run.events(through: 2000))
      for index in 0..<60 { model.apply(Self.machine(index)) }
      press(.character("4"))
    case .long: feedMillions(&model)
    case .wide:
      run.name = "訓練ラン👩‍👩‍👧 e\u{301}tude\u{7}"
      feed(run.events(through: 800))
      feed([
        .log(LogLine(level: .warning, text: "数据\t里有 3 行 🧪 太长 \u{1B}[31mred\u{1B}[0m 🇩🇪", time: 0, step: 800))
      ])
    }
    return model
  }

  /// The keys that bring a scene of a steered run up.
  private var keys: [Key] {
    switch self {
    case .cursor: Array(repeating: .left, count: 12)
    case .zoomed: [.left, .character("+"), .character("+"), .character(","), .escape]
    case .time: [.character("x"), .character("x"), .character("l"), .character("]")]
    case .curves: [.character("v")]
    case .figures: [.character("v"), .character("v")]
    case .classes: [.character("2"), .tab]
    case .balance: [.character("3")]
    case .journal: [.character("5")]
    case .setup: [.character("7")]
    case .errors: [.character("6"), .down, .character(" "), .up]
    case .confused: [.character("2"), .tab, .tab, .down, .down]
    case .alone: [.tab, .enter, .escape, .enter]
    case .command: ":theme ".map { .character($0) }
    case .wrong: ":weight C 2".map { .character($0) } + [.enter]
    default: []
    }
  }

  /// A run with everything that leaves a mark.
  private func feedSteered(_ run: inout SampleRun, _ model: inout DashboardModel) {
    run.brokenSteps = [1700, 1701]
    run.preset = self == .setup ? .standard : nil
    for event in run.events(through: 2633) {
      model.apply(event, now: Self.now)
      guard case .stepsCompleted(let steps) = event, let step = steps.last?.step else { continue }
      let more: [TrainingEvent] =
        switch step {
        case 600: [.parameterChanged(ParameterChange(parameter: .learningRate, old: 1e-3, new: 5e-4, step: 600))]
        case 1000: [.phaseChanged(PhaseChange(phase: .paused, step: step))]
        case 1001: [.phaseChanged(PhaseChange(phase: .running, step: step))]
        case 1701: [.alert(LogLine(level: .error, text: "The loss is nan in step 1701.", time: 0, step: step))]
        case 2100: [.parameterChanged(ParameterChange(parameter: .weight(.words), old: 1, new: 0.5, step: 2100))]
        default: []
        }
      for event in more { model.apply(event, now: Self.now) }
    }
  }

  /// Ten million steps, given in strides of a thousand, and one spike.
  private func feedMillions(_ model: inout DashboardModel) {
    var run = SampleRun()
    run.stepsPerEpoch = 1_000_000
    model.apply(.runStarted(run.description), now: Self.now)
    model.apply(.phaseChanged(PhaseChange(phase: .running, step: 0)), now: Self.now)
    for step in stride(from: 1000, through: 10_000_000, by: 1000) {
      var record = run.step(step)
      if step == 6_000_000 { record.loss = 40 }
      model.apply(.stepsCompleted([record]), now: Self.now)
    }
  }

  private static func machine(_ index: Int) -> MachineSample {
    let wave = Double((index * 7) % 20) / 20
    return MachineSample(
      cores: [0.95 - 0.1 * wave, 0.9 - 0.3 * wave, 0.2 + 0.3 * wave, 0.1], residentBytes: 400_000_000 + index * 900_000,
      totalBytes: 16_000_000_000, availableBytes: 9_000_000_000, threads: 9, processCores: 1.93, temperature: 64)
  }

  func canvas(
    width: Int, height: Int, theme: String = ThemeCatalog.defaultName, glyphs: GlyphSet = .braille
  ) throws -> Canvas {
    var model = try model(theme: theme, glyphs: glyphs)
    model.resize(width: width, height: height)
    var canvas = Canvas(width: width, height: height)
    model.draw(into: &canvas, now: Self.now)
    return canvas
  }
}
