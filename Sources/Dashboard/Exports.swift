import Formatting
import RunModel
import TerminalCanvas
import Themes
import TrainingEvents

/// A file that `e` writes: its name and what is in it.
public struct ExportedFile: Hashable, Sendable {
  public var name: String
  public var text: String
}

extension DashboardModel {
  /// What is on a screen of a size now, as text and picture; the loss curves as a picture; every series as a table; the
  /// sentences that are marked.
  public func exports(width: Int, height: Int, now: Double) -> [ExportedFile] {
    var view = self
    (view.popup, view.notice, view.previewedTheme) = (nil, nil, nil)
    var canvas = Canvas(width: width, height: height)
    view.draw(into: &canvas, now: now)
    let stem = "step-\(run.step)"
    let text = canvas.plainRows().map { row in
      String(row.reversed().drop(while: { $0 == " " }).reversed()) + "\n"
    }
    let files = [
      ExportedFile(name: "view-\(stem).txt", text: text.joined()),
      ExportedFile(name: "view-\(stem).svg", text: canvas.svg(foreground: ink.text, background: ink.paper)),
      ExportedFile(name: "chart-\(stem).svg", text: chartPicture()),
      ExportedFile(name: "series-\(stem).csv", text: seriesTable),
      ExportedFile(name: "dev-\(stem).csv", text: evaluationTable),
    ]
    return files + markedFiles
  }

  /// Colours for a theme that leaves its own to the terminal.
  private var ink: (text: Color, paper: Color) {
    let text = theme[.mainForeground] ?? Color(0xD0D0D0)
    return (text, theme.background ?? (text.luminance > 0.5 ? Color(0x101014) : Color(0xFAFAFA)))
  }

  private func chartPicture() -> String {
    var canvas = Canvas(width: 120, height: 36)
    canvas.clear(Palette(theme).text)
    var painter = Painter(canvas: canvas, palette: Palette(theme), glyphs: glyphs)
    LossChart(run: run, view: chart).draw(in: Rect(x: 0, y: 0, width: 120, height: 36), with: &painter)
    return painter.finish().canvas.svg(foreground: ink.text, background: ink.paper)
  }

  /// A line a step, or as many steps together as are kept so; empty where a value was not finite.
  private var seriesTable: String {
    let tasks = run.tasks
    let columns =
      ["step", "steps", "loss", "loss_min", "loss_max"] + tasks.map { "loss_" + $0.suffix }
      + ["loss_smoothed", "gradient_norm", "learning_rate", "seconds"]
    var text = columns.joined(separator: ",") + "\n"
    func number(_ value: Double?) -> String { value.map { $0.isFinite ? "\($0)" : "" } ?? "" }
    func mean(_ series: SeriesHistory, _ step: Int) -> String {
      number(series.bucket(at: step).flatMap { $0.count > 0 ? $0.mean : nil })
    }
    for (middle, bucket) in run.total.raw.finest where !bucket.isEmpty {
      let step = Int(middle)
      var fields = [
        "\(step)", "\(bucket.count + bucket.broken)", bucket.count > 0 ? number(bucket.mean) : "",
        number(bucket.minimum), number(bucket.maximum),
      ]
      fields += tasks.map { mean(run.series($0).raw, step) }
      fields += [
        mean(run.total.smooth, step), mean(run.gradientNorm, step), mean(run.learningRate, step),
        number(run.stepClock.seconds(at: Double(step))),
      ]
      text += fields.joined(separator: ",") + "\n"
    }
    return text
  }

  /// A row an evaluation; a task that the data lack has no columns.
  private var evaluationTable: String {
    func number(_ value: Double?) -> String { value.flatMap { $0.isFinite ? "\($0)" : nil } ?? "" }
    let tasks = run.tasks
    let names = tasks.map { $0.suffix }
    var columns = ["step", "epoch", "loss"] + names.map { "loss_" + $0 } + names.map { "accuracy_" + $0 }
    columns += ["exact_match", "entity_f1"]
    var text = columns.joined(separator: ",") + "\n"
    for record in run.evaluations {
      var figures: [Double?] = [record.loss] + tasks.map { record.losses[$0] }
      figures += tasks.map { record.counts.accuracy($0) } + [record.exactMatch, record.entityF1]
      text += "\(record.step),\(record.epoch)," + figures.map(number).joined(separator: ",") + "\n"
    }
    return text
  }

  /// The current figures in a few lines, for the clipboard.
  var figures: String {
    func perTask(_ value: (ModelTask) -> String?) -> String {
      run.tasks.compactMap { task in value(task).map { "\(task.rawValue) \($0)" } }.joined(separator: ", ")
    }
    let place = run.epochCount > 0 ? ", epoch \(min(run.epoch + 1, run.epochCount)) of \(run.epochCount)" : ""
    var lines = ["\(run.description?.name ?? "run"): step \(run.step) of \(run.totalSteps)\(place)"]
    if let last = run.lastStep {
      let losses = perTask { last.losses[$0].map { NumberText.short($0) } }
      lines.append("train loss \(NumberText.short(last.loss)) (\(losses))")
    }
    for (name, record) in [("last dev", run.evaluations.last), ("best dev", run.best), ("test", run.test)] {
      guard let record else { continue }
      var line = "\(name), epoch \(record.epoch): loss \(NumberText.short(record.loss)), "
      line += perTask { record.counts.accuracy($0).map { NumberText.percent($0) } }
      if let f1 = record.entityF1 { line += ", F1 \(NumberText.percent(f1))" }
      lines.append(line + ", exact \(NumberText.percent(record.exactMatch))")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
