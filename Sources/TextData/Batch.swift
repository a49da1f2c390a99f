/// One batch: row-major, `count` × `length`, as training and evaluation take it.
public struct Batch: Sendable, Hashable {
  /// B.
  public var count: Int
  /// L: the longest row, or the fixed length.
  public var length: Int
  /// [B, L]; padding is id 0.
  public var inputIDs: [Int32]
  /// [B, L]; 1 at real tokens, 0 at padding.
  public var attentionMask: [Int32]
  /// [B]; -100 without a class.
  public var taskALabels: [Int32]
  /// [B, L]; -100 at padding, [CLS], [SEP] and unlabelled tokens.
  public var taskBLabels: [Int32]

  public init(
    count: Int, length: Int, inputIDs: [Int32], attentionMask: [Int32], taskALabels: [Int32], taskBLabels: [Int32]
  ) {
    self.count = count
    self.length = length
    self.inputIDs = inputIDs
    self.attentionMask = attentionMask
    self.taskALabels = taskALabels
    self.taskBLabels = taskBLabels
  }

  /// An empty batch, to be filled by `collate(_:rows:padTo:into:)`.
  public init() {
    self.init(count: 0, length: 0, inputIDs: [], attentionMask: [], taskALabels: [], taskBLabels: [])
  }
}

/// Stacks rows into a batch of B = `rows.count`.
///
/// L is the longest row, or `padTo` where that is longer: no token is ever dropped here.
public func collate(_ split: EncodedSplit, rows: some RandomAccessCollection<Int32>, padTo: Int?) -> Batch {
  var batch = Batch()
  collate(split, rows: rows, padTo: padTo, into: &batch)
  return batch
}

/// Stacks rows into `batch`, whose storage is used again: no allocation once it has seen its largest batch.
public func collate(
  _ split: EncodedSplit, rows: some RandomAccessCollection<Int32>, padTo: Int?, into batch: inout Batch
) {
  var length = padTo ?? 0
  for row in rows { length = max(length, split.length(of: Int(row))) }
  batch.count = rows.count
  batch.length = length
  refill(&batch.inputIDs, with: SpecialToken.pad.id, count: rows.count * length)
  refill(&batch.attentionMask, with: 0, count: rows.count * length)
  refill(&batch.taskBLabels, with: ignoredLabel, count: rows.count * length)
  batch.taskALabels.removeAll(keepingCapacity: true)
  var base = 0
  for row in rows {
    let end = base + split.length(of: Int(row)) - 1
    batch.taskALabels.append(split.classes[Int(row)])
    batch.inputIDs[base] = SpecialToken.cls.id
    batch.inputIDs[end] = SpecialToken.sep.id
    for position in base...end { batch.attentionMask[position] = 1 }
    fill(&batch, from: split, words: split.wordStarts[Int(row)]..<split.wordStarts[Int(row) + 1], base + 1, end)
    base += length
  }
}

/// Writes the tokens and tags of `words` to positions `start..<end`; what does not fit is cut.
@inline(__always)
private func fill(_ batch: inout Batch, from split: EncodedSplit, words: Range<Int>, _ start: Int, _ end: Int) {
  let hasTags = !split.tagColumn.isEmpty
  let pieces = split.pieces
  var position = start
  for word in words {
    if position >= end { return }
    if hasTags { batch.taskBLabels[position] = Int32(split.tagColumn[word]) }
    let id = Int(split.words[word])
    if pieces.isOneToOne {
      batch.inputIDs[position] = pieces.ids[id]
      position += 1
    } else {
      for piece in pieces.starts[id]..<pieces.starts[id + 1] where position < end {
        batch.inputIDs[position] = pieces.ids[Int(piece)]
        position += 1
      }
    }
  }
}

private func refill(_ column: inout [Int32], with value: Int32, count: Int) {
  column.removeAll(keepingCapacity: true)
  column.append(contentsOf: repeatElement(value, count: count))
}
