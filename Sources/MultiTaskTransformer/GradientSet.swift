import CKernels
import Kernels

/// The gradients of one pass as one value: those of vectors and matrices, densely, and those of the embedding rows that
/// the pass used.
///
/// Sets of models with one configuration can be added and compared. Every sum is made in an order that neither the
/// number of workers nor chance changes.
public final class GradientSet {
  /// What of a set a sum goes over.
  struct Region: Sendable {
    /// Runs of the dense part, in the order in which they are summed.
    var dense: [Range<Int>]
    var includesRows: Bool
  }

  /// Of the vector and matrix regions, at the parameters' offsets.
  let dense: FloatBuffer
  /// Numbers of the embedding rows that have gradients; those of all others are 0.
  private(set) var rows: [Int32] = []
  /// [rows, hidden].
  private(set) var rowValues = FloatBuffer(count: 0)
  private let hidden: Int
  private static let rowsPerTask = 32

  init(denseCount: Int, hidden: Int) {
    dense = FloatBuffer(count: denseCount)
    self.hidden = hidden
  }

  /// Makes room for the gradients of these rows, which the caller writes.
  func use(rows: [Int32]) {
    self.rows = rows
    if rowValues.count < rows.count * hidden { rowValues = FloatBuffer(count: 2 * rows.count * hidden) }
  }

  /// Euclidean norm over a region; not finite if any gradient in it is not.
  func norm(over region: Region, _ team: ThreadTeam) -> Double { dot(self, over: region, team).squareRoot() }

  /// Σ x·y over a region of two sets with the same rows.
  func dot(_ other: GradientSet, over region: Region, _ team: ThreadTeam) -> Double {
    precondition(rows == other.rows, "the dot product is over one list of embedding rows")
    let rowTasks = region.includesRows ? taskCount : 0
    let sums = AlignedBuffer<Double>(count: region.dense.count + rowTasks)
    team.run(tasks: sums.count) { task, _ in
      if task < region.dense.count {
        let range = region.dense[task]
        sums.start[task] = mtt_dot(dense.start + range.lowerBound, other.dense.start + range.lowerBound, range.count)
      } else {
        for row in rowRange(task - region.dense.count) {
          sums.start[task] += mtt_dot(rowValues.start + row * hidden, other.rowValues.start + row * hidden, hidden)
        }
      }
    }
    return sums.copy(0..<sums.count).reduce(0, +)
  }

  /// Adds, over a region, a set with the same rows.
  func add(_ other: GradientSet, over region: Region, _ team: ThreadTeam) {
    precondition(rows == other.rows, "the sum is over one list of embedding rows")
    team.run(tasks: region.dense.count + (region.includesRows ? taskCount : 0)) { task, _ in
      let (sum, values, count): (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>, Int)
      if task < region.dense.count {
        let range = region.dense[task]
        (sum, values, count) = (dense.start + range.lowerBound, other.dense.start + range.lowerBound, range.count)
      } else {
        let range = rowRange(task - region.dense.count)
        let first = range.lowerBound * hidden
        (sum, values, count) = (rowValues.start + first, other.rowValues.start + first, range.count * hidden)
      }
      mtt_weighted_sum(sum, 1, sum, 1, values, count)
    }
  }

  /// Sets a region to 0.
  func clear(_ region: Region) {
    for run in runs(over: region) { run.update(repeating: 0) }
  }

  /// A region as few runs of numbers, in the order in which they lie.
  func runs(over region: Region) -> [UnsafeMutableBufferPointer<Float>] {
    var joined: [Range<Int>] = []
    for range in region.dense.sorted(by: { $0.lowerBound < $1.lowerBound }) where !range.isEmpty {
      if let last = joined.last, last.upperBound == range.lowerBound {
        joined[joined.count - 1] = last.lowerBound..<range.upperBound
      } else {
        joined.append(range)
      }
    }
    var runs = joined.map { UnsafeMutableBufferPointer(start: dense.start + $0.lowerBound, count: $0.count) }
    if region.includesRows, !rows.isEmpty {
      runs.append(UnsafeMutableBufferPointer(start: rowValues.start, count: rows.count * hidden))
    }
    return runs
  }

  /// Adds factor × another set, whose rows need not be the same.
  func add(_ other: GradientSet, times factor: Float = 1) {
    mtt_weighted_sum(dense.start, 1, dense.start, factor, other.dense.start, dense.count)
    var places: [Int32: Int] = [:]
    for (place, row) in rows.enumerated() { places[row] = place }
    let missing = other.rows.filter { places[$0] == nil }
    let old = rowValues
    let oldCount = rows.count
    use(rows: rows + missing)
    if rowValues !== old { rowValues.start.update(from: old.start, count: oldCount * hidden) }
    (rowValues.start + oldCount * hidden).update(repeating: 0, count: missing.count * hidden)
    for (index, row) in missing.enumerated() { places[row] = oldCount + index }
    for (index, row) in other.rows.enumerated() {
      guard let place = places[row] else { continue }
      let values = rowValues.start + place * hidden
      mtt_weighted_sum(values, 1, values, factor, other.rowValues.start + index * hidden, hidden)
    }
  }

  /// Multiplies every gradient.
  func scale(by factor: Float) {
    mtt_weighted_sum(dense.start, factor, dense.start, 0, dense.start, dense.count)
    mtt_weighted_sum(rowValues.start, factor, rowValues.start, 0, rowValues.start, rows.count * hidden)
  }

  private var taskCount: Int { (rows.count + Self.rowsPerTask - 1) / Self.rowsPerTask }

  private func rowRange(_ task: Int) -> Range<Int> {
    let first = task * Self.rowsPerTask
    return first..<min(first + Self.rowsPerTask, rows.count)
  }
}
