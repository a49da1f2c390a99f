/// The embedding rows that a batch uses, and which of its tokens use each.
///
/// Rows are numbered through the tables: words, then positions and types or n-grams, as the model has them.
struct TouchedRows {
  /// Each used row once, in order of first use.
  private(set) var rows: [Int32] = []
  /// [rows + 1]: the tokens of `rows[i]` are `tokens[starts[i]..<starts[i + 1]]`, in ascending order.
  private(set) var starts: [Int32] = [0]
  private(set) var tokens: [Int32] = []
  /// What each of `tokens` counts: 1, or 1 / the number of the token's n-grams; empty where all count 1.
  private(set) var weights: [Float] = []
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
    weights.removeAll(keepingCapacity: true)
  }

  mutating func collect(_ batch: PackedBatch, _ configuration: ModelConfiguration) {
    removeAll()
    let isAbsolute = configuration.positions == .absolute
    let hasGrams = configuration.nGramBuckets > 0 && !batch.nGramStarts.isEmpty
    let positionRows = Int32(configuration.vocabularySize)
    let typeRow = positionRows + Int32(configuration.maxPositions)
    let gramRows = isAbsolute ? typeRow + Int32(configuration.typeVocabularySize) : positionRows
    var counts: [Int32] = []
    func each(_ body: (Int32, Int32) -> Void) {
      for token in 0..<batch.tokenCount {
        body(batch.tokenIDs[token], Int32(token))
        if isAbsolute {
          body(positionRows + batch.positions[token], Int32(token))
          body(typeRow, Int32(token))
        }
        if hasGrams {
          for gram in Int(batch.nGramStarts[token])..<Int(batch.nGramStarts[token + 1]) {
            body(gramRows + batch.nGrams[gram], Int32(token))
          }
        }
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
    tokens = [Int32](repeating: 0, count: Int(starts[starts.count - 1]))
    if hasGrams { weights = [Float](repeating: 1, count: tokens.count) }
    var next = starts
    each { row, token in
      let place = Int(placeOfRow[Int(row)])
      tokens[Int(next[place])] = token
      if hasGrams && row >= gramRows {
        weights[Int(next[place])] = 1 / Float(batch.nGramStarts[Int(token) + 1] - batch.nGramStarts[Int(token)])
      }
      next[place] += 1
    }
  }
}
