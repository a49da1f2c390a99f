import Kernels
public import TrainingEvents

/// How far a label's logit is above the largest other one: below 0 where the model believes another label more.
@frozen public struct LabelMargin: Hashable, Sendable, BitwiseCopyable {
  public var value: Float
  /// The label with that largest other logit.
  public var rival: Int32
  /// The token that has the label, and how many its sentence has, [CLS] and [SEP] included; 0 of them for a class.
  public var token: Int32
  public var tokens: Int32

  public init(_ value: Float, rival: Int32, token: Int32 = 0, tokens: Int32 = 0) {
    self.value = value
    self.rival = rival
    self.token = token
    self.tokens = tokens
  }

  /// The margin of a label that is one of `count`, at least 2.
  ///
  /// - Parameters:
  ///   - logits: without their bias.
  ///   - label: in 0..<count.
  init(_ logits: UnsafePointer<Float>, bias: UnsafePointer<Float>, label: Int, of count: Int) {
    var rival = label == 0 ? 1 : 0
    var largest = -Float.infinity
    for column in 0..<count where column != label {
      let logit = logits[column] + bias[column]
      if logit > largest {
        largest = logit
        rival = column
      }
    }
    self.init(logits[label] + bias[label] - largest, rival: Int32(rival))
  }
}

/// The margins of a batch's labels in training: of each sentence that of its class, and the smallest of its words' tags.
///
/// They are read from the logits before the loss replaces these by gradients, so they cost a look at each. Workers write
/// those of their own sentences.
final class LabelMargins {
  private var margins = AlignedBuffer<PerTask<LabelMargin>>(count: 0)
  private var count = 0

  /// Begins a batch of so many sentences, none of which has a margin yet.
  func begin(sentences: Int) {
    if sentences > margins.count { margins = AlignedBuffer(count: sentences) }
    count = sentences
    margins.start.update(repeating: PerTask.all(LabelMargin(.nan, rival: 0)), count: count)
  }

  /// All of them for other processes: two numbers a sentence and task.
  var words: [UInt64] {
    (0..<count).flatMap { sentence in
      ModelTask.allCases.flatMap { task -> [UInt64] in
        let margin = margins.start[sentence][task]
        return [
          UInt64(margin.value.bitPattern) | UInt64(UInt32(bitPattern: margin.rival)) << 32,
          UInt64(UInt32(bitPattern: margin.token)) | UInt64(UInt32(bitPattern: margin.tokens)) << 32,
        ]
      }
    }
  }

  /// Takes in those that another process has of the same batch.
  func take(_ words: some Collection<UInt64>) {
    var words = words.makeIterator()
    for sentence in 0..<count {
      for task in ModelTask.allCases {
        guard let first = words.next(), let second = words.next() else { return }
        let value = Float(bitPattern: UInt32(truncatingIfNeeded: first))
        guard value.isFinite else { continue }
        margins.start[sentence][task] = LabelMargin(
          value, rival: Int32(truncatingIfNeeded: first >> 32), token: Int32(truncatingIfNeeded: second),
          tokens: Int32(truncatingIfNeeded: second >> 32))
      }
    }
  }

  func set(_ task: ModelTask, _ sentence: Int, _ margin: LabelMargin) { margins.start[sentence][task] = margin }

  /// Those of the batch's sentences; nil where there is no label that the model knows.
  var all: [PerTask<LabelMargin?>] {
    (0..<count).map { sentence in margins.start[sentence].map { $0.value.isFinite ? $0 : nil } }
  }
}

extension SentenceHead {
  /// Notes the margins of the share's classes; `logits` are its first sentence's, without their bias.
  func noteMargins(_ pass: Pass, _ logits: UnsafePointer<Float>) {
    let count = classifier.outputs
    guard count > 1 else { return }
    for (row, sentence) in pass.share.sentences.enumerated() {
      let label = Int(pass.batch.classLabels[sentence])
      guard 0..<count ~= label else { continue }
      let margin = LabelMargin(logits + row * count, bias: pass.parameters + classifier.bias, label: label, of: count)
      pass.margins.set(.sentence, pass.batch.firstSentence + sentence, margin)
    }
  }
}

extension TagHead {
  /// Notes the smallest margin of the tags of each of the share's sentences; `logits` are its first token's, without their
  /// bias. A learned chain's transitions have no part in it.
  func noteMargins(_ pass: Pass, _ logits: UnsafePointer<Float>) {
    let count = classifier.outputs
    guard count > 1 else { return }
    for sentence in pass.share.sentences {
      var smallest: LabelMargin?
      let tokens = pass.batch.tokens(of: sentence)
      for token in tokens {
        let label = Int(pass.batch.tagLabels[token])
        guard 0..<count ~= label else { continue }
        var margin = LabelMargin(
          logits + (token - pass.firstRow) * count, bias: pass.parameters + classifier.bias, label: label, of: count)
        if let least = smallest?.value, !(margin.value < least) { continue }
        (margin.token, margin.tokens) = (Int32(token - tokens.lowerBound), Int32(tokens.count))
        smallest = margin
      }
      if let smallest { pass.margins.set(.words, pass.batch.firstSentence + sentence, smallest) }
    }
  }
}

extension ModelEnsemble {
  /// The margins of the last step's labels, one entry a sentence of its batch.
  ///
  /// Values are the members' means; what the label is mistaken for, and where, is the surest one's.
  public var labelMargins: [PerTask<LabelMargin?>] {
    let all = members.map(\.margins.all)
    guard all.count > 1 else { return all.first ?? [] }
    return all[0].indices.map { sentence in
      PerTask { task in
        let margins = all.compactMap { $0[sentence][task] }
        guard var margin = margins.min(by: { $0.value < $1.value }) else { return nil }
        margin.value = margins.reduce(0) { $0 + $1.value } / Float(margins.count)
        return margin
      }
    }
  }
}
