internal import MultiTaskTransformer
internal import RunFolder
internal import TextData
internal import TrainingEvents

/// The margins of train's labels summed over the epochs: the area under the margin (Pleiss et al., 2020), by which wrong
/// labels are found. A label that the model learns from the others like it has a large one; one that goes against them is
/// held down by them until it is learnt by heart.
///
/// Each word's tag has its own. Of very much data only the first sentences and words have sums, so that memory stays
/// bounded: 12 bytes each, 36 MB at most. Steps whose update was left out do not count.
struct MarginSums: Hashable, Sendable {
  static let fileName = "margins.safetensors"
  /// Most labels of each task with sums.
  static let most = PerTask(1 << 20, 1 << 21)

  /// One label's.
  struct Entry: Hashable, Sendable {
    var sum: Float = 0
    /// What the label is most often mistaken for, by majority vote (Boyer and Moore), and the votes that it is ahead.
    var rival: Int32 = 0
    var votes: UInt16 = 0
    var epochs: UInt16 = 0

    var mean: Float { epochs == 0 ? .nan : sum / Float(epochs) }

    mutating func add(_ margin: LabelMargin) {
      guard epochs < .max else { return }
      sum += margin.value
      epochs += 1
      if votes == 0 { rival = margin.rival }
      if rival == margin.rival { votes += 1 } else { votes -= 1 }
    }
  }

  /// Of each task that train has labels of: the classes' by sentence, the tags' by word, as train has them.
  private(set) var entries: PerTask<[Entry]>

  /// - Parameters:
  ///   - rows: train's sentences and words.
  ///   - labels: how many each task has.
  init(rows: PerTask<Int>, labels: PerTask<Int>) {
    entries = PerTask { task in
      // One label alone has no rival.
      labels[task] > 1 ? [Entry](repeating: Entry(), count: min(rows[task], Self.most[task])) : []
    }
  }

  init(_ dataset: TextDataset) {
    self.init(
      rows: PerTask(dataset.train.count, dataset.train.wordCount), labels: PerTask { dataset.labels($0).count })
  }

  /// Adds a batch's margins. Words that chance put into its sentences do not count.
  mutating func add(_ margins: BatchMargins, of batch: Batch, rows: ArraySlice<Int32>, in train: EncodedSplit) {
    for (sentence, row) in rows.lazy.map(Int.init).enumerated() {
      if margins.classes.indices.contains(sentence), let margin = margins.classes[sentence] {
        add(margin, .sentence, row)
      }
      for token in batch.tokens(of: sentence) where batch.wordPlaces[token] >= 0 {
        guard margins.tags.indices.contains(token), let margin = margins.tags[token] else { continue }
        add(margin, .words, train.firstWord(of: row) + Int(batch.wordPlaces[token]))
      }
    }
  }

  private mutating func add(_ margin: LabelMargin, _ task: ModelTask, _ label: Int) {
    if label < entries[task].count { entries[task][label].add(margin) }
  }

  /// Those of a sentence's words; none where it has no sums.
  func words(of row: Int, in train: EncodedSplit) -> ArraySlice<Entry> {
    let first = train.firstWord(of: row)
    let words = first..<first + train.wordCount(of: row)
    return words.upperBound <= entries.words.count ? entries.words[words] : []
  }
}

/// In a checkpoint: the sums of each task, and beside them [labels] of the other three numbers of an entry in one, of 32,
/// 16 and 16 bits from the lowest.
extension MarginSums {
  private static func names(_ task: ModelTask) -> (sums: String, tallies: String) {
    let name = task == .sentence ? "classes" : "tags"
    return ("\(name).margin_sums", "\(name).tallies")
  }

  var file: CheckpointFile {
    var tensors: [StoredTensor] = []
    for task in ModelTask.allCases where !entries[task].isEmpty {
      let (own, names) = (entries[task], Self.names(task))
      tensors += [
        StoredTensor(name: names.sums, shape: [own.count], values: .f32(own.map(\.sum))),
        StoredTensor(name: names.tallies, shape: [own.count], values: .i64(own.map(\.tally))),
      ]
    }
    return CheckpointFile(name: Self.fileName, content: .tensors(tensors, metadata: [:]))
  }

  /// Goes on from those of a checkpoint, where it has some of as many labels: earlier versions kept none, or others.
  mutating func restore(_ checkpoint: Checkpoint) throws(RunFolderError) {
    guard checkpoint.has(Self.fileName) else { return }
    let file = try checkpoint.tensors(Self.fileName)
    for task in ModelTask.allCases where !entries[task].isEmpty {
      let (count, names) = (entries[task].count, Self.names(task))
      guard let sums = file.entry(names.sums), let tallies = file.entry(names.tallies), sums.shape == [count],
        tallies.shape == [count]
      else { continue }
      let values = (try file.floats(sums), try file.integers(tallies))
      for label in 0..<count { entries[task][label] = Entry(sum: values.0[label], tally: values.1[label]) }
    }
  }
}

extension MarginSums.Entry {
  fileprivate var tally: Int64 {
    Int64(UInt32(bitPattern: rival)) | Int64(votes) << 32 | Int64(bitPattern: UInt64(epochs) << 48)
  }

  fileprivate init(sum: Float, tally: Int64) {
    self.sum = sum
    rival = Int32(truncatingIfNeeded: tally)
    votes = UInt16(truncatingIfNeeded: tally >> 32)
    epochs = UInt16(truncatingIfNeeded: tally >> 48)
  }
}
