public import TrainingEvents

/// What a run's `metrics.jsonl` says of it afterwards.
public enum RunMetrics {
  static let fileName = "metrics.jsonl"

  /// The last evaluation on dev at a step; nil where there was none, or there is no such file.
  ///
  /// Reads the file in parts and decodes the lines of evaluations alone; one that cannot be read says nothing.
  public static func evaluation(atStep step: Int, ofRunIn folder: String) throws(RunFolderError) -> EvaluationRecord? {
    try last(ofRunIn: folder) { $0.split == .dev && $0.step == step }
  }

  /// The last evaluation on a split; nil where there was none.
  public static func lastEvaluation(
    on split: DataSplit, ofRunIn folder: String
  ) throws(RunFolderError) -> EvaluationRecord? {
    try last(ofRunIn: folder) { $0.split == split }
  }

  private static func last(
    ofRunIn folder: String, where isWanted: (EvaluationRecord) -> Bool
  ) throws(RunFolderError) -> EvaluationRecord? {
    let path = folder + "/" + fileName
    guard FileSystem.exists(path) else { return nil }
    let beginning = Array("{\"type\":\"evaluation\"".utf8)
    var found: EvaluationRecord?
    try LineFile.read(path) { (line) throws(RunFolderError) in
      guard line.starts(with: beginning) else { return }
      guard case .evaluation(let record)? = try? MetricLine(json: line, path: path) else { return }
      if isWanted(record) { found = record }
    }
    return found
  }
}
