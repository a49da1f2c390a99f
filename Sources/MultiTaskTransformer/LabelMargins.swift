import Kernels

/// How far a label's logit is above the largest other one: below 0 where the model believes another label more.
@frozen public struct LabelMargin: Hashable, Sendable, BitwiseCopyable {
  public var value: Float
  /// The label with that largest other logit.
  public var rival: Int32

  public init(_ value: Float, rival: Int32) {
    self.value = value
    self.rival = rival
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

/// The margins of a batch's labels: nil where there is no label that the model knows.
public struct BatchMargins: Hashable, Sendable {
  /// [B].
  public var classes: [LabelMargin?]
  /// [T], of each token's tag.
  public var tags: [LabelMargin?]

  public init(classes: [LabelMargin?] = [], tags: [LabelMargin?] = []) {
    self.classes = classes
    self.tags = tags
  }
}

/// The margins of a batch's labels in training.
///
/// They are read from the logits before the loss replaces these by gradients, so they cost a look at each. Workers write
/// those of their own sentences.
final class LabelMargins {
  /// The classes' of the sentences, then the tags' of the tokens.
  private var margins = AlignedBuffer<LabelMargin>(count: 0)
  private var sentences = 0
  private var count = 0

  /// Begins a batch of so many sentences and tokens, none of which has a margin yet.
  func begin(sentences: Int, tokens: Int) {
    self.sentences = sentences
    count = sentences + tokens
    if count > margins.count { margins = AlignedBuffer(count: count) }
    margins.start.update(repeating: LabelMargin(.nan, rival: 0), count: count)
  }

  /// All of them for other processes.
  var words: [UInt64] {
    (0..<count).map { place in
      let margin = margins.start[place]
      return UInt64(margin.value.bitPattern) | UInt64(UInt32(bitPattern: margin.rival)) << 32
    }
  }

  /// Takes in those that another process has of the same batch.
  func take(_ words: some Collection<UInt64>) {
    for (place, word) in zip(0..<count, words) {
      let value = Float(bitPattern: UInt32(truncatingIfNeeded: word))
      guard value.isFinite else { continue }
      margins.start[place] = LabelMargin(value, rival: Int32(truncatingIfNeeded: word >> 32))
    }
  }

  func set(sentence: Int, _ margin: LabelMargin) { margins.start[sentence] = margin }
  func set(token: Int, _ margin: LabelMargin) { margins.start[sentences + token] = margin }

  var all: BatchMargins {
    func known(_ places: Range<Int>) -> [LabelMargin?] {
      places.map { margins.start[$0].value.isFinite ? margins.start[$0] : nil }
    }
    return BatchMargins(classes: known(0..<sentences), tags: known(sentences..<count))
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
      pass.margins.set(sentence: pass.batch.firstSentence + sentence, margin)
    }
  }
}

extension TagHead {
  /// Notes the margins of the share's tags; `logits` are its first token's, without their bias. A learned chain's
  /// transitions have no part in them.
  func noteMargins(_ pass: Pass, _ logits: UnsafePointer<Float>) {
    let count = classifier.outputs
    guard count > 1 else { return }
    for token in pass.share.tokens {
      let label = Int(pass.batch.tagLabels[token])
      guard 0..<count ~= label else { continue }
      let margin = LabelMargin(
        logits + (token - pass.firstRow) * count, bias: pass.parameters + classifier.bias, label: label, of: count)
      pass.margins.set(token: pass.batch.firstToken + token, margin)
    }
  }
}

extension ModelEnsemble {
  /// The margins of the last step's labels.
  ///
  /// Values are the members' means; what the label is mistaken for is what the member says that believes it least.
  public var labelMargins: BatchMargins {
    let all = members.map(\.margins.all)
    guard all.count > 1 else { return all.first ?? BatchMargins() }
    func mean(_ own: KeyPath<BatchMargins, [LabelMargin?]>) -> [LabelMargin?] {
      all[0][keyPath: own].indices.map { place in
        let margins = all.compactMap { $0[keyPath: own][place] }
        guard var margin = margins.min(by: { $0.value < $1.value }) else { return nil }
        margin.value = margins.reduce(0) { $0 + $1.value } / Float(margins.count)
        return margin
      }
    }
    return BatchMargins(classes: mean(\.classes), tags: mean(\.tags))
  }
}
