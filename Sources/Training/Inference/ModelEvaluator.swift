public import TextData

/// Evaluates a trained model on a split of a data set, read as a stream: memory does not grow with the data.
public struct ModelEvaluator {
  private let model: TrainedModel

  public init(_ model: TrainedModel) { self.model = model }

  /// Goes once over a split.
  ///
  /// - Parameters:
  ///   - source: a data set's folder, or the file or folder of the split itself.
  ///   - name: which split of the data set.
  ///   - reading: what is known of the form of its files.
  ///   - errors: a file for every wrong sentence, the surest mistakes first; nil for none.
  public func evaluate(
    _ source: DataOptions.Source, split name: SplitName, reading: ReadingOptions = .init(), errors: String? = nil
  ) throws(RunFailure) -> EvaluationReport {
    let file: ErrorFile? = if let errors { try ErrorFile(path: errors) } else { nil }
    var scores = SplitScores(model.encoding)
    let (path, remarks) = try read(source, name, reading) { (part) throws(RunFailure) in
      try add(part, to: &scores, file)
    }
    var report = scores.report(weights: model.weights)
    report.model = model.origin
    report.checkpoint = model.checkpointName
    report.path = model.path
    report.data = path
    report.split = name.rawValue
    report.decoding = model.decoding
    report.remarks = model.remarks + remarks
    try file?.store(
      heading: "\(report.wrong) of \(report.judged) sentences of \(path) are wrong with \(model.origin)")
    return report
  }

  /// Hands out a split's parts; returns the path of its words, and sentences for the log.
  private func read(
    _ source: DataOptions.Source, _ name: SplitName, _ reading: ReadingOptions,
    _ body: (EncodedPart) throws(RunFailure) -> Void
  ) throws(RunFailure) -> (path: String, remarks: [String]) {
    var failure: RunFailure?
    do throws(DataError) {
      var stream = try SplitStream(source, split: name, encoding: model.encoding, reading: reading)
      try stream.read { part in
        do throws(RunFailure) {
          try body(part)
          return true
        } catch {
          failure = error
          return false
        }
      }
      if failure == nil { return (stream.path, stream.remarks) }
    } catch {
      throw RunFailure(error)
    }
    throw failure ?? RunFailure(exitCode: 70, "Evaluation ended without a reason.")
  }

  private func add(_ part: EncodedPart, to scores: inout SplitScores, _ file: ErrorFile?) throws(RunFailure) {
    scores.name(classes: part.classes, tags: part.tags)
    let reader = MistakeReader(classes: part.classes, tags: part.tags, tagsAreEntities: scores.tagsAreEntities)
    let order = model.order(part.split)
    var batch = Batch()
    for index in 0..<order.count {
      let rows = order.rows(ofBatch: index)
      collate(part.split, rows: rows, padTo: nil, into: &batch)
      let answers = try model.answers(batch)
      scores.add(answers.figures, batch)
      var offset: Int32 = 0
      for (place, row) in rows.enumerated() {
        let row = Int(row)
        let tokens = part.split.wordPositions(of: row).map { offset + $0 }
        let sentence = scores.sentence(
          row, of: part.split, predictedClass: answers.classes[place],
          predicted: model.model.decodedTags(answers, tokens: tokens))
        let words = part.split.wordCount(of: row)
        scores.add(
          sentence, words: words, cut: words - tokens.count, unknown: part.split.unknownWords(of: row))
        if let file, !(sentence.classIsRight && sentence.tagsAreRight) {
          let posteriors = model.posteriors(answers, sentence: place, tokens: tokens)
          let mistake = reader.mistake(
            sentence, posteriors, number: part.firstSentence + row + 1, words: part.words(of: row))
          let place = "line \(part.lines[row])\(part.file.map { " of \($0)" } ?? "")"
          try file.add(mistake, place: place)
        }
        offset += Int32(part.split.length(of: row))
      }
    }
  }
}
