import RunModel
import TerminalCanvas
import Testing
import Themes
import TrainingEvents

@testable import Dashboard

/// Data with classes alone or tags alone: the other task is not there, rather than being 0.
@Suite struct TaskTests {
  private func model(_ task: ModelTask) throws -> DashboardModel {
    var model = DashboardModel(theme: try ThemeCatalog.theme(named: ThemeCatalog.defaultName), glyphs: .braille)
    var run = SampleRun()
    for event in run.events(through: 1000) {
      model.apply(Self.without(task == .sentence ? .words : .sentence, event), now: 0)
    }
    return model
  }

  /// The event as a run without a task has it.
  private static func without(_ task: ModelTask, _ event: TrainingEvent) -> TrainingEvent {
    func counts(_ counts: MetricCounts) -> MetricCounts {
      var counts = counts
      (counts.correct[task], counts.total[task]) = (0, 0)
      return counts
    }
    switch event {
    case .runStarted(var run):
      if task == .sentence { run.sentenceClasses = [] } else { run.tags = [] }
      return .runStarted(run)
    case .stepsCompleted(let steps):
      return .stepsCompleted(
        steps.map { step in
          var step = step
          step.counts = counts(step.counts)
          step.losses[task] = 0
          return step
        })
    case .evaluated(var record):
      record.counts = counts(record.counts)
      (record.losses[task], record.breakdowns[task]) = (0, nil)
      if task == .words { record.entityF1 = nil }
      return .evaluated(record)
    case .epochCompleted(var record):
      record.counts = counts(record.counts)
      return .epochCompleted(record)
    default: return event
    }
  }

  @Test(arguments: ModelTask.allCases, [[48, 10], [80, 24], [120, 40], [200, 60]])
  func theOtherTaskIsNowhere(_ task: ModelTask, size: [Int]) throws {
    let other = task == .sentence ? "B" : "A"
    for (page, layout) in [("1", 0), ("1", 1), ("1", 2), ("2", 0), ("3", 0), ("5", 0)] as [(Character, Int)] {
      var model = try model(task)
      model.resize(width: size[0], height: size[1])
      _ = model.handle(.key(.character(page)), now: 1)
      for _ in 0..<layout { _ = model.handle(.key(.character("v")), now: 1) }
      var canvas = Canvas(width: size[0], height: size[1])
      model.draw(into: &canvas, now: 9)
      let text = canvas.plainRows().joined(separator: "\n")
      #expect(!text.contains(try Regex("[^A-Za-z]\(other)[^A-Za-z0-9]")), "page \(page), layout \(layout):\n\(text)")
      #expect(!text.contains("0.00%") && !text.contains(" 0%"), "page \(page), layout \(layout):\n\(text)")
    }
  }

  @Test(arguments: ModelTask.allCases)
  func exportsLeaveItOut(_ task: ModelTask) throws {
    let model = try model(task)
    let files = model.exports(width: 120, height: 40, now: 1)
    let letter = task == .sentence ? "b" : "a"
    for file in files where file.name.hasSuffix(".csv") {
      let header = file.text.prefix { $0 != "\n" }
      #expect(!header.contains("loss_\(letter)") && !header.contains("accuracy_\(letter)"), "\(header)")
    }
    #expect(!model.figures.contains("\(letter.uppercased()) "), "\(model.figures)")
    let evaluations = try #require(files.first { $0.name.hasPrefix("dev-") }).text.split(separator: "\n")
    #expect(evaluations.count == 3 && evaluations[1].hasPrefix("409,0,") && evaluations[2].hasPrefix("818,1,"))
  }

  /// An epoch has the number that every line and file gives it; only a place among all counts from 1.
  @Test func epochsHaveOneNumber() throws {
    var model = DashboardModel(theme: try ThemeCatalog.theme(named: ThemeCatalog.defaultName), glyphs: .braille)
    var run = SampleRun()
    for event in run.events(through: 409 * 6 + 10) { model.apply(event, now: 0) }
    model.resize(width: 200, height: 60)
    var canvas = Canvas(width: 200, height: 60)
    model.draw(into: &canvas, now: 9)
    let text = canvas.plainRows().joined(separator: "\n")
    #expect(text.contains("epoch 7 of 10"))
    #expect(text.contains("dev epoch 5: loss") && text.contains("best epoch 5"))
    #expect(text.contains("  5★"), "the row of the table")
    #expect(model.figures.contains("epoch 7 of 10") && model.figures.contains("last dev, epoch 5"))
    _ = model.handle(.key(.home), now: 1)
    #expect(model.chart.cursor == 1)
    model.draw(into: &canvas, now: 9)
    #expect(canvas.plainRows().joined().contains("step 1, epoch 0,"))
  }

  @Test func epochsBeyondAThousandKeepTheirNumbers() throws {
    var run = RunState()
    var sample = SampleRun()
    sample.epochs = 20_000
    run.apply(.runStarted(sample.description), now: 0)
    for epoch in [998, 999, 1000, 12_345] {
      run.apply(
        .epochCompleted(
          EpochRecord(
            epoch: epoch, step: epoch + 1, averageLoss: 1, averageLosses: PerTask(1, 1), counts: MetricCounts(),
            seconds: 1)), now: 0)
    }
    var painter = Painter(
      canvas: Canvas(width: 60, height: 12), palette: Palette(try ThemeCatalog.theme(named: "midnight")),
      glyphs: .braille)
    EpochPanel(run: run).draw(in: Rect(x: 0, y: 0, width: 60, height: 12), with: &painter)
    let text = painter.finish().canvas.plainRows().joined(separator: "\n")
    for number in ["998", "999", "1000", "12345"] { #expect(text.contains("\(number) ")) }
  }
}
