public import TrainingEvents

/// What a run's `metrics.jsonl` tells of it afterwards.
public enum RunMetrics {
  static let fileName = "metrics.jsonl"

  /// The last evaluation on dev at a step; nil where there was none, or there is no such file.
  ///
  /// Reads the file in parts and decodes the lines of evaluations alone; one that cannot be read tells nothing.
  public static func evaluation(atStep step: Int, ofRunIn folder: String) throws(RunFolderError) -> EvaluationRecord? {
    let path = folder + "/" + fileName
    guard FileSystem.exists(path) else { return nil }
    let beginning = Array("{\"type\":\"evaluation\"".utf8)
    var found: EvaluationRecord?
    try LineFile.read(path) { (line) throws(RunFolderError) in
      guard line.starts(with: beginning) else { return }
      guard case .evaluation(let record)? = try? MetricLine(json: line, path: path) else { return }
      if record.split == .dev, record.step == step { found = record }
    }
    return found
  }
}
