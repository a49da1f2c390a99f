public import TrainingEvents

extension RunConfiguration {
  /// What cannot be trained, as the start of a sentence: numbers out of their ranges first, then options that do not go
  /// together; nil if nothing is wrong.
  public var fault: String? {
    if let fault = RunOption.all.lazy.compactMap({ $0.fault(in: self) }).first { return fault }
    guard hidden.isMultiple(of: heads) else {
      return "--hidden \(hidden) cannot be split over --heads \(heads): the heads must divide the width"
    }
    if let parts, parts.nonzeroBitCount != 1 {
      return "--parts is \(parts), but must be a power of two, such as 1, 2, 4 or 8"
    }
    if let padTo, padTo < maxLength {
      return "--pad-to \(padTo) is shorter than --max-length \(maxLength): give --max-length \(padTo) as well, so that"
        + " longer sentences are cut"
    }
    if pieceDropout ?? 0 > 0, encoder == nil, tokenizer == .words {
      return "--piece-dropout is about pieces of words: give --tokenizer wordpiece too"
    }
    guard weightA > 0 || weightB > 0 else {
      return "--weight-a and --weight-b are both 0, so there is nothing to learn"
    }
    guard learningRate > 0 else { return "--learning-rate is 0, so nothing would be learned" }
    return encoderFault ?? freezeFault
  }

  private var encoderFault: String? {
    guard encoder != nil else { return nil }
    let foreign = [
      ("--normalization pre", normalization != .post), ("--positions relative", positions != .absolute),
      ("--convolution", convolution), ("--ngram-buckets", nGramBuckets != 0), ("--neighbour-heads", neighbourHeads),
    ].filter(\.1).map(\.0)
    guard !foreign.isEmpty else { return nil }
    return "A pretrained encoder has BERT's shape, which has no \(foreign.joined(separator: ", ")): leave that out (or"
      + " choose no preset)"
  }

  private var freezeFault: String? {
    if unfreezeEvery != nil, freeze.contains("encoder") {
      return "--freeze names the whole encoder, which --unfreeze-every would train in time: leave one of them out"
    }
    do throws(FreezeFault) {
      // The layers of a pretrained encoder are not known yet.
      _ = try FrozenParts(freeze, layers: encoder == nil ? layers : 1024)
      return nil
    } catch {
      return error.sentence
    }
  }
}
