import LoggedRuns
import TerminalCanvas
import Themes

@testable import Dashboard

/// What the comparison is shown with: five runs of one project, one of them foreign, one diverged, one damaged.
enum ComparisonScene: String, CaseIterable, Sendable {
  case table, overlay, diff, groups, tree, alone, help, filter, empty, problems

  static let now = 1_700_010_000.0

  static func run(
    _ name: String, seed: Double, rate: Double, best: Double, format: LogFormat = .run, breaks: Bool = false
  ) -> LoggedRun {
    var run = LoggedRun(id: "/runs/" + name, name: name, format: format)
    if format == .run {
      run.configuration = [
        "seed": .number(seed), "learningRate": .number(rate), "epochs": .number(6), "preset": .text("standard"),
      ]
    }
    run.declaredState = breaks ? .failed : .finished
    (run.lastWrite, run.totalEpochs) = (now - 3600 * seed, 6)
    let (train, epoch, loss) = (run.place(of: "train/loss"), run.place(of: "epoch"), run.place(of: "dev/loss"))
    let (accuracy, f1) = (run.place(of: "dev/accuracy_a"), run.place(of: "dev/entity_f1"))
    for step in 1...600 {
      let (share, time) = (Double(step) / 600, now - 2000 + Double(step) * seed)
      // Deterministic noise.
      let noise = Double((step * 7919 + Int(seed) * 104_729) % 101) / 100 - 0.5
      let fall = 2.2 / (1 + 6 * share) + 0.15 * (1 - best)
      run.add(train, step: Int64(step), time: time, value: breaks && step > 350 ? .nan : fall + noise * 0.2)
      run.add(epoch, step: Int64(step), time: time, value: share * 6)
      guard step % 100 == 0, !breaks || step < 350 else { continue }
      run.add(loss, step: Int64(step), time: time, value: fall * 1.2)
      run.add(accuracy, step: Int64(step), time: time, value: best * (1 - 0.4 / (1 + 8 * share)))
      run.add(f1, step: Int64(step), time: time, value: best * (1 - 0.5 / (1 + 7 * share)))
    }
    return run
  }

  static var runs: [LoggedRun] {
    var damaged = run("tb/bert-crf", seed: 4, rate: 0, best: 0.93, format: .tensorBoard)
    damaged.declaredState = .ended
    damaged.note(
      LogProblem(
        file: "/runs/tb/bert-crf/events.out.tfevents.1.a", place: .byte(4096),
        finding: "4096 zero bytes are passed over"))
    return [
      run("snips-standard-s1", seed: 1, rate: 0.001, best: 0.97),
      run("snips-standard-s2", seed: 2, rate: 0.001, best: 0.98),
      run("snips-standard-s3", seed: 3, rate: 0.001, best: 0.96),
      run("snips-rate-s1", seed: 1, rate: 0.01, best: 0.5, breaks: true),
      damaged,
    ]
  }

  /// The keys that lead to the scene.
  private var keys: [Key] {
    switch self {
    case .table, .empty: []
    case .overlay: [.character("b"), .down, .character("n"), .character("]"), .character("]"), .left, .left]
    case .diff:
      [
        .character("D"), .character(" "), .character(" "), .character(" "), .character(" "), .character("s"),
        .character("s"),
      ]
    case .groups: [.character("G"), .character("D"), .character("x")]
    case .tree: [.tab, .down, .down, .character("l")]
    case .alone: [.down, .enter]
    case .help: [.character("?")]
    case .filter: [.character("/")] + "lr>=0.01 | s2".map(Key.character)
    case .problems: [.character("i")]
    }
  }

  func model(_ theme: String = "midnight", glyphs: GlyphSet = .braille) throws -> ComparisonModel {
    var model = ComparisonModel(theme: try ThemeCatalog.theme(named: theme), glyphs: glyphs, wall: Self.now)
    if self != .empty { model.apply(Self.runs, isLoading: false) }
    for key in keys { _ = model.handle(.key(key), now: 0) }
    return model
  }

  func canvas(width: Int, height: Int, theme: String = "midnight", glyphs: GlyphSet = .braille) throws -> Canvas {
    var model = try model(theme, glyphs: glyphs)
    var canvas = Canvas(width: width, height: height)
    model.draw(into: &canvas)
    return canvas
  }
}
