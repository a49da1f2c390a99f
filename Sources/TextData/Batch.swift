/// One batch: row-major, `count` × `length`, as training and evaluation take it.
public struct Batch: Sendable, Hashable {
  /// B.
  public var count: Int
  /// L: the longest row, or the fixed length.
  public var length: Int
  /// [B, L]; padding is [PAD].
  public var inputIDs: [Int32]
  /// [B, L]; 1 at real tokens, 0 at padding.
  public var attentionMask: [Int32]
  /// [B]; -100 without a class.
  public var taskALabels: [Int32]
  /// [B, L]; -100 at padding, [CLS], [SEP] and unlabelled tokens.
  public var taskBLabels: [Int32]
  /// [B × L + 1]: position i has the n-gram rows `nGrams[nGramStarts[i]..<nGramStarts[i + 1]]`; both are empty for data
  /// without n-grams.
  public var nGramStarts: [Int32] = []
  public var nGrams: [Int32] = []

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

  /// An empty batch, to be filled by a `Collator`.
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
  var collator = Collator(augmentation: nil)
  collator.collate(split, rows: rows, padTo: padTo, epoch: 0, into: &batch)
}

/// Stacks rows into batches, changed by chance where it is given an augmentation. Keeps its scratch memory.
public struct Collator: Sendable {
  private let augmentation: Augmentation?
  /// The content of one row after another: words, tags, and where each row's begin.
  private var words: [Int32] = []
  private var tags: [Int16] = []
  private var starts: [Int] = []
  private var rowWords: [Int32] = []
  private var rowTags: [Int16] = []
  private var generators: [SplitMix64] = []
  /// Where words are split anew: the pieces of each of `words`, and where each one's begin.
  private var drawnPieces: [Int32] = []
  private var drawnStarts: [Int] = []

  public init(augmentation: Augmentation?) {
    self.augmentation = augmentation
  }

  /// Fills `batch` with `rows` as they are in `epoch`.
  ///
  /// L is the longest row, or `padTo` where that is longer. A changed row is cut to the split's maximum length, as any.
  public mutating func collate(
    _ split: EncodedSplit, rows: some RandomAccessCollection<Int32>, padTo: Int?, epoch: Int, into batch: inout Batch
  ) {
    guard let augmentation else {
      let lengths = rows.map { split.length(of: Int($0)) }
      prepare(&batch, split, rows, lengths, padTo)
      for (index, row) in rows.enumerated() {
        let range = split.wordStarts[Int(row)]..<split.wordStarts[Int(row) + 1]
        let tags = split.tagColumn.isEmpty ? [] : split.tagColumn[range]
        var none = NoChange()
        fill(&batch, split, index, split.words[range], tags, length: lengths[index], &none)
      }
      return
    }
    var lengths: [Int] = []
    words.removeAll(keepingCapacity: true)
    tags.removeAll(keepingCapacity: true)
    generators.removeAll(keepingCapacity: true)
    starts = [0]
    drawnPieces.removeAll(keepingCapacity: true)
    drawnStarts = augmentation.splitsWords ? [0] : []
    for row in rows {
      var generator = augmentation.generator(row: Int(row), epoch: epoch)
      augmentation.change(split, row: Int(row), words: &rowWords, tags: &rowTags, &generator)
      words += rowWords
      tags += rowTags
      starts.append(words.count)
      var tokens = -drawnPieces.count
      if augmentation.splitsWords {
        for word in rowWords {
          augmentation.appendPieces(of: word, to: &drawnPieces, &generator)
          drawnStarts.append(drawnPieces.count)
        }
        tokens += drawnPieces.count
      } else {
        tokens = rowWords.reduce(0) { $0 + split.pieces.count(of: $1) }
      }
      generators.append(generator)
      lengths.append(min(tokens, split.maxLength - 2) + 2)
    }
    prepare(&batch, split, rows, lengths, padTo)
    for index in 0..<rows.count {
      let range = starts[index]..<starts[index + 1]
      var change = ByChance(augmentation: augmentation, generator: generators[index])
      fill(&batch, split, index, words[range], tags.isEmpty ? [] : tags[range], length: lengths[index], &change)
    }
  }

  /// Sets the batch's size and fills it with padding.
  private func prepare(
    _ batch: inout Batch, _ split: EncodedSplit, _ rows: some RandomAccessCollection<Int32>, _ lengths: [Int],
    _ padTo: Int?
  ) {
    let length = max(padTo ?? 0, lengths.max() ?? 0)
    batch.count = rows.count
    batch.length = length
    refill(&batch.inputIDs, with: split.pieces.special.pad, count: rows.count * length)
    refill(&batch.attentionMask, with: 0, count: rows.count * length)
    refill(&batch.taskBLabels, with: ignoredLabel, count: rows.count * length)
    batch.taskALabels.removeAll(keepingCapacity: true)
    for row in rows { batch.taskALabels.append(split.classes[Int(row)]) }
    batch.nGrams.removeAll(keepingCapacity: true)
    batch.nGramStarts.removeAll(keepingCapacity: true)
    if !split.nGrams.isEmpty { batch.nGramStarts.append(0) }
  }

  /// Writes row `index`: [CLS], the tokens of `words` as far as they fit, [SEP].
  @inline(__always)
  private func fill(
    _ batch: inout Batch, _ split: EncodedSplit, _ index: Int, _ words: ArraySlice<Int32>, _ tags: ArraySlice<Int16>,
    length: Int, _ change: inout some TokenChange
  ) {
    let base = index * batch.length
    let end = base + length - 1
    batch.inputIDs[base] = split.pieces.special.cls
    batch.inputIDs[end] = split.pieces.special.sep
    for position in base...end { batch.attentionMask[position] = 1 }
    let areDrawn = !drawnStarts.isEmpty
    let ids = areDrawn ? drawnPieces : split.pieces.ids
    let hasNGrams = !split.nGrams.isEmpty
    if hasNGrams { batch.nGramStarts.append(Int32(batch.nGrams.count)) }
    var position = base + 1
    for place in words.indices {
      if position >= end { break }
      let word = words[place]
      if !tags.isEmpty { batch.taskBLabels[position] = Int32(tags[tags.startIndex + place - words.startIndex]) }
      if hasNGrams {
        for gram in split.nGrams.range(of: word) where change.keepsNGram() {
          batch.nGrams.append(split.nGrams.rows[gram])
        }
      }
      let pieces = areDrawn ? drawnStarts[place]..<drawnStarts[place + 1] : split.pieces.range(of: word)
      for piece in pieces where position < end {
        batch.inputIDs[position] = change.token(ids[piece])
        position += 1
        // A word's n-grams are its first token's.
        if hasNGrams { batch.nGramStarts.append(Int32(batch.nGrams.count)) }
      }
    }
    guard hasNGrams else { return }
    while batch.nGramStarts.count < base + batch.length + 1 { batch.nGramStarts.append(Int32(batch.nGrams.count)) }
  }
}

/// What may happen to a row's tokens and n-grams on their way into a batch.
private protocol TokenChange {
  mutating func token(_ token: Int32) -> Int32
  mutating func keepsNGram() -> Bool
}

private struct NoChange: TokenChange {
  @inline(__always) func token(_ token: Int32) -> Int32 { token }
  @inline(__always) func keepsNGram() -> Bool { true }
}

private struct ByChance: TokenChange {
  let augmentation: Augmentation
  var generator: SplitMix64

  @inline(__always) mutating func token(_ token: Int32) -> Int32 { augmentation.token(token, &generator) }
  @inline(__always) mutating func keepsNGram() -> Bool { augmentation.keepsNGram(&generator) }
}

private func refill(_ column: inout [Int32], with value: Int32, count: Int) {
  column.removeAll(keepingCapacity: true)
  column.append(contentsOf: repeatElement(value, count: count))
}
