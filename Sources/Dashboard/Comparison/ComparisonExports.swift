import Comparison
import LoggedRuns
import TerminalCanvas
import Themes

extension ComparisonModel {
  /// What is on a screen of a size now as a picture, the table for a pull request and for scripts, and the curves shown.
  public func exports(width: Int, height: Int) -> [ExportedFile] {
    var view = self
    (view.popup, view.notice) = (nil, nil)
    var canvas = Canvas(width: width, height: height)
    view.draw(into: &canvas)
    let text = theme[.mainForeground] ?? Color(0xD0D0D0)
    let paper = theme.background ?? (text.luminance > 0.5 ? Color(0x101014) : Color(0xFAFAFA))
    return [
      ExportedFile(name: "comparison.svg", text: canvas.svg(foreground: text, background: paper)),
      ExportedFile(name: "comparison.md", text: TableText.markdown.write(table)),
      ExportedFile(name: "comparison.csv", text: TableText.csv.write(table)),
      ExportedFile(name: "curves.csv", text: curveTable),
    ]
  }

  /// A line a bucket of every curve of the family that is shown.
  private var curveTable: String {
    func quoted(_ text: String) -> String {
      text.contains { ",\"\n".contains($0) } ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
    }
    var text = "run,metric,step,time,last,minimum,maximum,mean,points,not_finite\n"
    let metrics = families.first { $0.family == family }?.metrics ?? []
    for run in drawn {
      for name in metrics {
        for bucket in run.metric(name)?.buckets ?? [] {
          let time = bucket.time.isNaN ? "" : "\(bucket.time)"
          let values = [bucket.last, bucket.minimum, bucket.maximum, bucket.mean].map {
            bucket.count > 0 ? "\($0)" : ""
          }
          text += "\(quoted(run.name)),\(quoted(name)),\(bucket.step),\(time),"
          text += values.joined(separator: ",") + ",\(bucket.count),\(bucket.broken)\n"
        }
      }
    }
    return text
  }
}
