internal import RunFolder
public import TextData
internal import TrainingEvents

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
  ///   - calibrates: whether the model's temperatures are fitted to these sentences and kept in its folder.
  ///   - precision: share of right ones wanted among the classes answered, for which a threshold is looked for.
  public func evaluate(
    _ source: DataOptions.Source, split name: SplitName, reading: ReadingOptions = .init(), errors: String? = nil,
    calibrates: Bool = false, precision: Double? = nil
  ) throws(RunFailure) -> EvaluationReport {
    let file: ErrorFile? = if let errors { try ErrorFile(path: errors) } else { nil }
    var scores = SplitScores(model.encoding, temperatures: model.temperatures, isFitting: calibrates)
    let (path, remarks) = try read(source, name, reading) { (part) throws(RunFailure) in
      try add(part, to: &scores, file)
    }
    let fit = calibrates ? scores.fit() : nil
    if let fit { try keep(fit.fitted) }
    var report = scores.report(weights: model.weights)
    if let fit {
      for task in ModelTask.allCases { report.calibration[task]?.temperature = fit.fitted[task] }
    }
    report.rejection = precision.flatMap { scores.rejection(precision: $0) }
    report.model = model.origin
    report.checkpoint = model.checkpointName
    report.path = model.path
    report.data = path
    report.split = name.rawValue
    report.decoding = model.decoding
    report.remarks = model.remarks + remarks + (fit?.remarks ?? [])
    try file?.store(
      heading: "\(report.wrong) of \(report.judged) sentences of \(path) are wrong with \(model.origin)")
    return report
  }

  /// Puts temperatures into the model's folder, in place of older ones.
  private func keep(_ temperatures: Temperatures) throws(RunFailure) {
    try RunFailure.converting { () throws(RunFolderError) in
      try FileSystem.writeAtomically(
        RunJSON.encode(temperatures, pretty: true), to: model.path + "/" + Temperatures.fileName)
    }
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
      let sentences = model.map(answers, rows, of: part.split) { $1 }
      for (place, (row, answer)) in zip(rows, sentences).enumerated() {
        let row = Int(row)
        let sentence = scores.sentence(
          row, of: part.split, predictedClass: answers.classes[place], predicted: answer.tags)
        let words = part.split.wordCount(of: row)
        scores.add(
          sentence, words: words, cut: words - answer.tokens.count, unknown: part.split.unknownWords(of: row))
        scores.add(answer.posteriors, of: sentence)
        if let file, !(sentence.classIsRight && sentence.tagsAreRight) {
          let mistake = reader.mistake(
            sentence, answer.posteriors.tempered(by: model.temperatures), number: part.firstSentence + row + 1,
            words: part.words(of: row))
          let place = "line \(part.lines[row])\(part.file.map { " of \($0)" } ?? "")"
          try file.add(mistake, place: place)
        }
      }
    }
  }
}
