/// The order in which an epoch visits the rows: a seeded shuffle, grouped by length in pools.
///
/// All rows are shuffled; every 50 batches' worth of them form a pool, whose rows are sorted by length (ties stay
/// shuffled) and cut into batches; the batches of all pools are then shuffled. Every row is in exactly one batch; at
/// most one batch is short. A pure function of (lengths, batch size, seed, epoch): the same everywhere, so a resume
/// needs nothing but these. Takes 4 bytes a row and 4 a batch.
public struct BatchOrder: Sendable {
  /// Batches in a pool.
  public static let poolBatches = 50

  /// Row indices, batch after batch, before the batches' own shuffle.
  private var rows: [Int32]
  /// Which batch of `rows` is visited when.
  private var visits: [Int32]
  private let batchSize: Int

  /// The order of epoch `epoch`; `batchSize` must be positive.
  public init(_ split: EncodedSplit, batchSize: Int, seed: UInt64, epoch: Int) {
    precondition(batchSize > 0, "A batch needs at least one row.")
    self.batchSize = batchSize
    var generator = SplitMix64(seed: seed, stream: UInt64(bitPattern: Int64(epoch)))
    rows = (0..<split.count).map { Int32($0) }
    generator.shuffle(&rows)
    let pool = batchSize * Self.poolBatches
    var scratch: [Int32] = []
    for start in stride(from: 0, to: rows.count, by: pool) {
      sortByLength(&rows, start..<min(start + pool, rows.count), split.lengths, &scratch)
    }
    visits = (0..<Self.batchCount(split, batchSize: batchSize)).map { Int32($0) }
    generator.shuffle(&visits)
  }

  /// An order for evaluation: all rows, shortest first, with as little padding as can be.
  public init(evaluating split: EncodedSplit, batchSize: Int) {
    precondition(batchSize > 0, "A batch needs at least one row.")
    self.batchSize = batchSize
    rows = (0..<split.count).map { Int32($0) }
    var scratch: [Int32] = []
    sortByLength(&rows, 0..<rows.count, split.lengths, &scratch)
    visits = (0..<Self.batchCount(split, batchSize: batchSize)).map { Int32($0) }
  }

  /// Number of batches of `batchSize` rows, the last one perhaps short.
  public static func batchCount(_ split: EncodedSplit, batchSize: Int) -> Int {
    (split.count + batchSize - 1) / batchSize
  }

  /// Number of batches.
  public var count: Int { visits.count }

  /// Row indices of the batch visited as number `index` of the epoch.
  public func rows(ofBatch index: Int) -> ArraySlice<Int32> {
    let start = Int(visits[index]) * batchSize
    return rows[start..<min(start + batchSize, rows.count)]
  }
}

/// Sorts `rows[range]` by length, keeping the order of equal ones: a counting sort.
private func sortByLength(
  _ rows: inout [Int32], _ range: Range<Int>, _ lengths: [Int32], _ scratch: inout [Int32]
) {
  guard !range.isEmpty else { return }
  scratch.removeAll(keepingCapacity: true)
  scratch.append(contentsOf: rows[range])
  let longest = scratch.reduce(0) { max($0, lengths[Int($1)]) }
  var places = [Int](repeating: 0, count: Int(longest) + 2)
  for row in scratch { places[Int(lengths[Int(row)]) + 1] += 1 }
  for length in 1..<places.count { places[length] += places[length - 1] }
  for row in scratch {
    let length = Int(lengths[Int(row)])
    rows[range.lowerBound + places[length]] = row
    places[length] += 1
  }
}
