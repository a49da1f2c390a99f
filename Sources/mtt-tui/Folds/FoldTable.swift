import Comparison
import Formatting
import TrainingEvents

/// The figures of folds beside each other, with mean and spread.
struct FoldTable {
  /// Of each fold on its own sentences; nil where a run ended without them.
  let folds: [EvaluationRecord?]

  private struct Column {
    var title: String
    var key: String
    var values: [Double?]

    /// Nil where no fold has the figure.
    var statistics: RunGroup.Statistics? { RunGroup.Statistics(values.compactMap(\.self)) }
  }

  /// The figures that some fold has.
  private var columns: [Column] {
    let figures: [(String, String, (EvaluationRecord) -> Double?)] = [
      ("AccA", "accuracy_a", { $0.counts.accuracy(.sentence) }),
      ("AccB", "accuracy_b", { $0.counts.accuracy(.words) }),
      ("entity F1", "entity_f1", { $0.entityF1 }), ("exact match", "exact_match", { $0.exactMatch }),
    ]
    return figures.map { title, key, figure in
      Column(title: title, key: key, values: folds.map { $0.flatMap(figure).flatMap { $0.isFinite ? $0 : nil } })
    }.filter { $0.statistics != nil }
  }

  var text: String {
    func row(_ name: String, _ cells: [String]) -> String {
      name + String(repeating: " ", count: max(0, 16 - name.count))
        + cells.map { String(repeating: " ", count: max(0, 13 - $0.count)) + $0 }.joined() + "\n"
    }
    func cell(_ value: Double?) -> String { value.map { Format.fixed($0) } ?? "–" }
    let columns = columns
    var text = row("", columns.map(\.title))
    for number in folds.indices { text += row("fold \(number + 1)", columns.map { cell($0.values[number]) }) }
    return text + row("mean", columns.map { cell($0.statistics?.mean) })
      + row("spread", columns.map { cell($0.statistics?.deviation) })
      + row("n", columns.map { String($0.statistics?.count ?? 0) })
      + "Each fold's figures are of a model that has not seen it; spread is the standard deviation over the folds.\n"
  }

  /// The same as one JSON object on a line.
  func json(folder: String) -> String {
    func number(_ value: Double?) -> String { value.map(JSONText.number) ?? "null" }
    let members = columns.map { column in
      let statistics = column.statistics
      return "\(JSONText.quoted(column.key)):{\"mean\":\(number(statistics?.mean))"
        + ",\"spread\":\(number(statistics?.deviation)),\"n\":\(statistics?.count ?? 0)"
        + ",\"values\":[\(column.values.map(number).joined(separator: ","))]}"
    }
    return "{\"event\":\"folds\",\"directory\":\(JSONText.quoted(folder)),\"folds\":\(folds.count)"
      + (members.isEmpty ? "" : "," + members.joined(separator: ",")) + "}\n"
  }
}
