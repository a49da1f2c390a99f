/// One batch, packed: the tokens of B sentences one after another, without padding.
public struct Batch: Sendable, Hashable {
  /// B.
  public var count: Int { classLabels.count }
  /// L: tokens of the longest sentence, or the fixed length; what a row has where the batch is padded.
  public var length = 0
  /// [T].
  public var tokenIDs: [Int32] = []
  /// [B + 1]: sentence s has tokens `starts[s]..<starts[s + 1]`.
  public var starts: [Int32] = [0]
  /// [B]; -100 without a class.
  public var classLabels: [Int32] = []
  /// [T]; -100 at [CLS], [SEP] and unlabelled tokens.
  public var tagLabels: [Int32] = []
  /// [T]: which word of its row a token is the first one of, from 0; -1 for other tokens and for words that chance put in.
  public var wordPlaces: [Int32] = []
  /// [T + 1]: token i has the n-gram rows `nGrams[nGramStarts[i]..<nGramStarts[i + 1]]`; both are empty for data without
  /// n-grams.
  public var nGramStarts: [Int32] = []
  public var nGrams: [Int32] = []

  /// An empty batch, to be filled by a `Collator`.
  public init() {}

  public func tokens(of sentence: Int) -> Range<Int> { Int(starts[sentence])..<Int(starts[sentence + 1]) }
}

/// Puts rows into a batch of B = `rows.count`.
///
/// L is the longest row, or `padTo` where that is longer: no token is ever dropped here.
public func collate(_ split: EncodedSplit, rows: some RandomAccessCollection<Int32>, padTo: Int?) -> Batch {
  var batch = Batch()
  collate(split, rows: rows, padTo: padTo, into: &batch)
  return batch
}

/// Puts rows into `batch`, whose storage is used again: no allocation once it has seen its largest batch.
public func collate(
  _ split: EncodedSplit, rows: some RandomAccessCollection<Int32>, padTo: Int?, into batch: inout Batch
) {
  var collator = Collator(augmentation: nil)
  collator.collate(split, rows: rows, padTo: padTo, epoch: 0, into: &batch)
}

/// Puts rows into batches, changed by chance where it is given an augmentation. Keeps its scratch memory.
public struct Collator: Sendable {
  private let augmentation: Augmentation?
  /// A changed row.
  private var words: [Int32] = []
  private var tags: [Int16] = []
  private var places: [Int32] = []
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
    batch.removeAll(hasNGrams: !split.nGrams.isEmpty)
    for row in rows {
      let first = batch.tokenIDs.count
      if let augmentation {
        append(split, Int(row), augmentation.generator(row: Int(row), epoch: epoch), augmentation, to: &batch)
      } else {
        let range = split.wordStarts[Int(row)]..<split.wordStarts[Int(row) + 1]
        let tags = split.tagColumn.isEmpty ? [] : split.tagColumn[range]
        var none = NoChange()
        append(split, split.words[range], tags, places: nil, &none, to: &batch)
      }
      batch.starts.append(Int32(batch.tokenIDs.count))
      batch.classLabels.append(split.classes[Int(row)])
      batch.length = max(batch.length, batch.tokenIDs.count - first)
    }
    batch.length = max(batch.length, padTo ?? 0)
  }

  /// Appends a row as chance changes it.
  private mutating func append(
    _ split: EncodedSplit, _ row: Int, _ generator: SplitMix64, _ augmentation: Augmentation, to batch: inout Batch
  ) {
    var generator = generator
    augmentation.change(split, row: row, words: &words, tags: &tags, places: &places, &generator)
    if augmentation.splitsWords {
      drawnPieces.removeAll(keepingCapacity: true)
      drawnStarts.removeAll(keepingCapacity: true)
      drawnStarts.append(0)
      for word in words {
        augmentation.appendPieces(of: word, to: &drawnPieces, &generator)
        drawnStarts.append(drawnPieces.count)
      }
    }
    var change = ByChance(augmentation: augmentation, generator: generator)
    append(split, words[...], tags[...], places: places, &change, to: &batch)
  }

  /// Appends [CLS], the tokens of `words` as far as they fit, [SEP].
  ///
  /// - Parameter places: where the words stand in their row; nil where they are all of it.
  @inline(__always)
  private func append(
    _ split: EncodedSplit, _ words: ArraySlice<Int32>, _ tags: ArraySlice<Int16>, places: [Int32]?,
    _ change: inout some TokenChange, to batch: inout Batch
  ) {
    let areDrawn = !drawnStarts.isEmpty
    let ids = areDrawn ? drawnPieces : split.pieces.ids
    let hasNGrams = !split.nGrams.isEmpty
    /// Where [SEP] stands at the latest.
    let end = batch.tokenIDs.count + split.maxLength - 1
    batch.append(split.pieces.special.cls, label: ignoredLabel, place: -1)
    for (place, word) in words.enumerated() {
      if batch.tokenIDs.count >= end { break }
      if hasNGrams {
        for gram in split.nGrams.range(of: word) where change.keepsNGram() {
          batch.nGrams.append(split.nGrams.rows[gram])
        }
      }
      // A word's tag and n-grams are its first token's.
      var label = tags.isEmpty ? ignoredLabel : Int32(tags[tags.startIndex + place])
      var own = places?[place] ?? Int32(place)
      let pieces = areDrawn ? drawnStarts[place]..<drawnStarts[place + 1] : split.pieces.range(of: word)
      for piece in pieces where batch.tokenIDs.count < end {
        batch.append(change.token(ids[piece]), label: label, place: own)
        (label, own) = (ignoredLabel, -1)
      }
    }
    batch.append(split.pieces.special.sep, label: ignoredLabel, place: -1)
  }
}

extension Batch {
  fileprivate mutating func removeAll(hasNGrams: Bool) {
    length = 0
    tokenIDs.removeAll(keepingCapacity: true)
    starts.removeAll(keepingCapacity: true)
    starts.append(0)
    classLabels.removeAll(keepingCapacity: true)
    tagLabels.removeAll(keepingCapacity: true)
    wordPlaces.removeAll(keepingCapacity: true)
    nGramStarts.removeAll(keepingCapacity: true)
    nGrams.removeAll(keepingCapacity: true)
    if hasNGrams { nGramStarts.append(0) }
  }

  /// Appends a token, which has the n-grams appended since the last one.
  @inline(__always)
  fileprivate mutating func append(_ token: Int32, label: Int32, place: Int32) {
    tokenIDs.append(token)
    tagLabels.append(label)
    wordPlaces.append(place)
    if !nGramStarts.isEmpty { nGramStarts.append(Int32(nGrams.count)) }
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
