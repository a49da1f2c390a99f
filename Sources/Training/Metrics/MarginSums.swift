internal import MultiTaskTransformer
internal import RunFolder
internal import TextData
internal import TrainingEvents

/// The margins of train's labels summed over the epochs: the area under the margin (Pleiss et al., 2020), by which wrong
/// labels are found. A label that the model learns from the others like it has a large one; one that goes against them is
/// held down by them until it is learnt by heart.
///
/// Of very many sentences only the first have sums, so that memory stays bounded. Steps whose update was left out do not
/// count.
struct MarginSums: Hashable, Sendable {
  static let fileName = "margins.safetensors"
  /// Most sentences with sums.
  static let mostRows = 1 << 20

  /// One label's.
  struct Entry: Hashable, Sendable {
    var sum: Float = 0
    var epochs: UInt32 = 0
    /// What the label is most often mistaken for, by majority vote (Boyer and Moore), and the votes that it is ahead.
    var rival: Int32 = 0
    var token: Int32 = 0
    var votes: UInt32 = 0

    var mean: Float { epochs == 0 ? .nan : sum / Float(epochs) }

    mutating func add(_ margin: LabelMargin, votes isVote: Bool) {
      guard epochs < .max else { return }
      sum += margin.value
      epochs += 1
      guard isVote else { return }
      if votes == 0 { (rival, token) = (margin.rival, margin.token) }
      if (rival, token) == (margin.rival, margin.token) { votes += 1 } else { votes -= 1 }
    }
  }

  /// [rows] of each task that train has labels of.
  private(set) var entries: PerTask<[Entry]>

  /// - Parameters:
  ///   - rows: train's sentences.
  ///   - labels: how many each task has.
  init(rows: Int, labels: PerTask<Int>) {
    // One label alone has no rival.
    entries = labels.map { $0 > 1 ? [Entry](repeating: Entry(), count: min(rows, Self.mostRows)) : [] }
  }

  init(_ dataset: TextDataset) {
    self.init(rows: dataset.train.count, labels: PerTask { dataset.labels($0).count })
  }

  /// Adds a batch's margins.
  mutating func add(_ margins: [PerTask<LabelMargin?>], rows: ArraySlice<Int32>, of train: EncodedSplit) {
    for (row, own) in zip(rows, margins) {
      for task in ModelTask.allCases where entries[task].indices.contains(Int(row)) {
        guard let margin = own[task] else { continue }
        // Where words were left out or put in by chance, a place says nothing of the sentence as it is.
        let isInPlace = task == .sentence || Int(margin.tokens) == train.length(of: Int(row))
        entries[task][Int(row)].add(margin, votes: isInPlace)
      }
    }
  }
}

/// In a checkpoint: the sums, and beside them [rows, 2] of epochs and votes, and of rival and token.
extension MarginSums {
  private static func names(_ task: ModelTask) -> (sums: String, counts: String, rivals: String) {
    let name = task == .sentence ? "sentence" : "words"
    return ("\(name).margin_sums", "\(name).counts", "\(name).rivals")
  }

  var file: CheckpointFile {
    var tensors: [StoredTensor] = []
    for task in ModelTask.allCases where !entries[task].isEmpty {
      let (own, names) = (entries[task], Self.names(task))
      tensors += [
        StoredTensor(name: names.sums, shape: [own.count], values: .f32(own.map(\.sum))),
        StoredTensor(
          name: names.counts, shape: [own.count, 2], values: .i64(own.flatMap { [Int64($0.epochs), Int64($0.votes)] })),
        StoredTensor(
          name: names.rivals, shape: [own.count, 2], values: .i64(own.flatMap { [Int64($0.rival), Int64($0.token)] })),
      ]
    }
    return CheckpointFile(name: Self.fileName, content: .tensors(tensors, metadata: [:]))
  }

  /// Goes on from those of a checkpoint, where it has some of as many sentences: earlier versions kept none.
  mutating func restore(_ checkpoint: Checkpoint) throws(RunFolderError) {
    guard checkpoint.has(Self.fileName) else { return }
    let file = try checkpoint.tensors(Self.fileName)
    for task in ModelTask.allCases where !entries[task].isEmpty {
      let (count, names) = (entries[task].count, Self.names(task))
      guard let sums = file.entry(names.sums), let counts = file.entry(names.counts),
        let rivals = file.entry(names.rivals), sums.shape == [count], counts.shape == [count, 2],
        rivals.shape == [count, 2]
      else { continue }
      let values = (try file.floats(sums), try file.integers(counts), try file.integers(rivals))
      for row in 0..<count {
        entries[task][row] = Entry(
          sum: values.0[row], epochs: UInt32(clamping: values.1[2 * row]), rival: Int32(clamping: values.2[2 * row]),
          token: Int32(clamping: values.2[2 * row + 1]), votes: UInt32(clamping: values.1[2 * row + 1]))
      }
    }
  }
}
