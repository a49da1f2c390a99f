/// The embedding rows that a batch uses, and which of its tokens use each.
///
/// Rows are numbered through the three tables: words, then positions, then types.
struct TouchedRows {
  /// Each used row once, in order of first use.
  private(set) var rows: [Int32] = []
  /// [rows + 1]: the tokens of `rows[i]` are `tokens[starts[i]..<starts[i + 1]]`, in ascending order.
  private(set) var starts: [Int32] = [0]
  private(set) var tokens: [Int32] = []
  /// By row: the last generation that used it and its place in `rows` then.
  private var generationOfRow: [Int32]
  private var placeOfRow: [Int32]
  private var generation: Int32 = 0

  init(rowCount: Int) {
    generationOfRow = [Int32](repeating: 0, count: rowCount)
    placeOfRow = [Int32](repeating: 0, count: rowCount)
  }

  func contains(_ row: Int) -> Bool { generationOfRow[row] == generation }

  /// Forgets the rows of the batch before.
  mutating func removeAll() {
    generation += 1
    rows.removeAll(keepingCapacity: true)
    starts.removeAll(keepingCapacity: true)
    starts.append(0)
    tokens.removeAll(keepingCapacity: true)
  }

  mutating func collect(_ batch: PackedBatch, vocabularySize: Int, maxPositions: Int) {
    removeAll()
    let positionRows = Int32(vocabularySize)
    let typeRow = Int32(vocabularySize + maxPositions)
    var counts: [Int32] = []
    func each(_ body: (Int32, Int32) -> Void) {
      for token in 0..<batch.tokenCount {
        body(batch.tokenIDs[token], Int32(token))
        body(positionRows + batch.positions[token], Int32(token))
        body(typeRow, Int32(token))
      }
    }
    each { row, _ in
      let index = Int(row)
      if generationOfRow[index] != generation {
        generationOfRow[index] = generation
        placeOfRow[index] = Int32(rows.count)
        rows.append(row)
        counts.append(0)
      }
      counts[Int(placeOfRow[index])] += 1
    }
    for count in counts { starts.append(starts[starts.count - 1] + count) }
    tokens = [Int32](repeating: 0, count: 3 * batch.tokenCount)
    var next = starts
    each { row, token in
      let place = Int(placeOfRow[Int(row)])
      tokens[Int(next[place])] = token
      next[place] += 1
    }
  }
}
