/// What reading leaves behind besides the sentences.
struct ReadReport: Sendable {
  /// Sentences for the log.
  var remarks: [String] = []
  /// Hex digest of each file read, by path.
  var fingerprints: [String: String] = [:]
}

/// How often something was seen, and on which line first.
struct FirstAndCount: Sendable {
  private(set) var first: Int?
  private(set) var count = 0

  mutating func note(_ line: Int) {
    if first == nil { first = line }
    count += 1
  }
}

/// `1 word`, `2 words`.
func counted(_ count: Int, _ noun: String, _ plural: String? = nil) -> String {
  "\(count) \(count == 1 ? noun : plural ?? noun + "s")"
}

/// Calls `body` with a text file's checked bytes and notes its fingerprint; with no bytes where there is no path.
func withText(
  _ path: String?, _ report: inout ReadReport,
  _ body: (UnsafeBufferPointer<UInt8>, inout ReadReport) throws(DataError) -> Void
) throws(DataError) {
  guard let path else { return try body(UnsafeBufferPointer(start: nil, count: 0), &report) }
  try withFileBytes(path) { (bytes) throws(DataError) in
    try checkText(bytes, path: path)
    report.fingerprints[path] = fingerprint(bytes)
    try body(bytes, &report)
  }
}
