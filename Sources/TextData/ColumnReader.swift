/// Reads CoNLL columns: a word in the first column, its tag in the last, sentences parted by empty lines.
func readColumns(
  _ path: String, _ report: inout ReadReport, _ body: (borrowing Sentence) throws(DataError) -> Void
) throws(DataError) {
  throw .malformed(path, "columns cannot be read yet")
}
func readJSONLines(
  _ path: String, _ report: inout ReadReport, _ body: (borrowing Sentence) throws(DataError) -> Void
) throws(DataError) {
  throw .malformed(path, "JSONL cannot be read yet")
}
