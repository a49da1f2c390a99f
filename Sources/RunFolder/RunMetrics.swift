public import TrainingEvents

/// What a run's `metrics.jsonl` tells of it afterwards.
public enum RunMetrics {
  static let fileName = "metrics.jsonl"
  private static let chunkSize = 1 << 20

  /// The last evaluation on dev at a step; nil where there was none, or there is no such file.
  ///
  /// Reads the file in parts and decodes the lines of evaluations alone; one that cannot be read tells nothing.
  public static func evaluation(atStep step: Int, ofRunIn folder: String) throws(RunFolderError) -> EvaluationRecord? {
    let path = folder + "/" + fileName
    guard FileSystem.exists(path) else { return nil }
    let beginning = Array("{\"type\":\"evaluation\"".utf8)
    var found: EvaluationRecord?
    try forEachLine(of: path) { (line) throws(RunFolderError) in
      guard line.starts(with: beginning) else { return }
      guard case .evaluation(let record)? = try? MetricLine(json: line, path: path) else { return }
      if record.split == .dev, record.step == step { found = record }
    }
    return found
  }

  /// Calls `body` with every whole line; one that is torn at the file's end is no line yet.
  private static func forEachLine(
    of path: String, _ body: (ArraySlice<UInt8>) throws(RunFolderError) -> Void
  ) throws(RunFolderError) {
    let file = try OpenFile.reading(path)
    let size = try file.size()
    var (rest, offset): ([UInt8], Int) = ([], 0)
    while offset < size {
      let chunk = try file.bytes(at: offset, count: min(chunkSize, size - offset))
      offset += chunk.count
      rest += chunk
      var start = rest.startIndex
      while let end = rest[start...].firstIndex(of: UInt8(ascii: "\n")) {
        try body(rest[start..<end])
        start = end + 1
      }
      rest.removeSubrange(..<start)
    }
  }
}
