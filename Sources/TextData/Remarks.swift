/// Says how many rows and words the maximum length cut off; nothing if none.
func remarksOnLength(_ split: EncodedSplit, _ name: String) -> [String] {
  remarksOnLength(
    name, rows: split.truncatedRows, of: split.count, maxLength: split.maxLength, words: split.cutWords,
    areTagged: split.tagColumn.contains { $0 != EncodedSplit.ignoredTag })
}

func remarksOnLength(
  _ name: String, rows: Int, of count: Int, maxLength: Int, words: Int, areTagged: Bool
) -> [String] {
  guard rows > 0 else { return [] }
  let fate = areTagged ? "without a prediction (predicted O, counted as missed)" : "not read"
  return [
    "\(name): \(rows) of \(counted(count, "sentence")) cut to \(maxLength) tokens, \(counted(words, "word")) \(fate)."
  ]
}

/// Names the labels that a split has and train has not, with the first place of the first of them.
func remarksOnUnseen(
  _ split: EncodedSplit, _ name: String, classes: LabelSet, tags: LabelSet, places: CorpusBuilder
) -> [String] {
  var remarks: [String] = []
  let rows = split.classes.reduce(0) { $0 + ($1 >= classes.seen.count ? 1 : 0) }
  if rows > 0 {
    let used = occurring(in: split.classes, of: classes.seen.count + classes.unseen.count)
    let labels = classes.unseen.indices.filter { used[classes.seen.count + $0] }.map { classes.unseen[$0] }
    let first = labels.first.flatMap { places.classes.find($0) }.map { places.classPlaces[Int($0)] } ?? name
    remarks.append(
      "\(name): \(counted(rows, "sentence")) with \(counted(labels.count, "class", "classes")) that train does not "
        + "have (counted as wrong): \(listed(labels)); first at \(first).")
  }
  let words = split.tagColumn.reduce(0) { $0 + (Int($1) >= tags.seen.count ? 1 : 0) }
  if words > 0 {
    let used = occurring(in: split.tagColumn, of: tags.seen.count + tags.unseen.count)
    let labels = tags.unseen.indices.filter { used[tags.seen.count + $0] }.map { tags.unseen[$0] }
    let first = labels.first.flatMap { places.tags.strings.find($0) }.map { places.tagPlaces[Int($0)] } ?? name
    remarks.append(
      "\(name): \(counted(words, "word")) with \(counted(labels.count, "tag")) that train does not have "
        + "(counted as wrong): \(listed(labels)); first at \(first).")
  }
  return remarks
}

/// The first five labels in quotation marks, and how many more there are.
func listed(_ labels: [String]) -> String {
  let shown = labels.prefix(5).map(quoted).joined(separator: ", ")
  return labels.count > 5 ? "\(shown) and \(labels.count - 5) more" : shown
}

/// Says how many sentences of dev and test are in a split before them too.
func findingsOnShared(_ splits: [(split: String, columns: SplitColumns)], _ words: StringTable) -> [String] {
  guard splits.count > 1 else { return [] }
  let table = SentenceKeys(words)
  var remarks: [String] = []
  var before: [(name: String, keys: Set<UInt64>)] = []
  for (name, columns) in splits {
    let keys = table.keys(of: columns)
    for other in before {
      var shared = FirstAndCount()
      for (row, key) in keys.enumerated() where other.keys.contains(key) { shared.note(row + 1) }
      guard let first = shared.first else { continue }
      remarks.append(
        "\(name): \(shared.count) of \(counted(keys.count, "sentence")) \(shared.count == 1 ? "is" : "are") in "
          + "\(other.name) too, but for case and punctuation (the first is sentence \(first)): figures on them say little."
      )
    }
    before.append((name, Set(keys)))
  }
  return remarks
}
