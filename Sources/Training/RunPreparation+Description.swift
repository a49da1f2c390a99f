internal import RunFolder
internal import TextData
internal import TrainingEvents

extension RunPreparation {
  static func describe(
    _ folder: RunFolder, _ configuration: RunConfiguration, _ dataset: TextDataset, _ model: TransformerModel,
    _ state: LoopState, from checkpoint: Checkpoint?
  ) -> RunDescription {
    let steps = stepsPerEpoch(configuration, dataset)
    return RunDescription(
      name: folder.manifest.name, directory: folder.path, configuration: configuration, dataName: dataset.name,
      trainSentences: dataset.train.count, devSentences: dataset.dev?.count ?? 0,
      testSentences: dataset.test?.count ?? 0, sentenceClasses: dataset.sentenceClasses, tags: dataset.tags,
      vocabularySize: dataset.vocabulary.count, parameterCount: model.parameterCount, stepsPerEpoch: steps,
      totalSteps: configuration.epochs * steps, startStep: state.step, resumedFrom: checkpoint?.name,
      secondsBefore: state.elapsed, best: state.best, threads: model.threads,
      lossDescription: lossDescription(configuration, dataset, state))
  }

  private static func lossDescription(
    _ configuration: RunConfiguration, _ dataset: TextDataset, _ state: LoopState
  ) -> String {
    func term(_ weight: Double, _ name: String) -> String { weight == 1 ? name : "\(weight) × \(name)" }
    let changes = [
      configuration.labelSmoothing > 0 ? "label smoothing \(configuration.labelSmoothing)" : "",
      ClassWeights(configuration, dataset).description,
    ].filter { !$0.isEmpty }
    let tags =
      switch configuration.tagLoss {
      case .crossEntropy:
        "cross-entropy over tokens, label -100 ignored"
          + (configuration.tagChain == true ? ", of the marginals of a learned chain over the tags" : "")
      case .crf: "negative log-likelihood of a conditional random field over tags, per token"
      }
    let details = changes.isEmpty ? "" : " (\(changes.joined(separator: "; ")))"
    let (hasClasses, hasTags) = (!dataset.sentenceClasses.isEmpty, !dataset.tags.isEmpty)
    let terms =
      (hasClasses ? [term(state.weights.sentence, "loss_a")] : [])
      + (hasTags ? [term(state.weights.words, "loss_b")] : [])
    let missing = hasClasses && hasTags ? "" : ", for train has no \(hasTags ? "classes" : "tags")"
    return "loss = \(terms.joined(separator: " + "))\(missing)"
      + (hasClasses ? "; loss_a: cross-entropy over sentences\(details)" : "") + (hasTags ? "; loss_b: \(tags)" : "")
      + (configuration.freeze.isEmpty ? "" : "; frozen: \(configuration.freeze.joined(separator: ", "))")
      + (configuration.unfreezeEvery.map {
        "; the encoder begins frozen, one part more is trained every \($0) epochs, the top layer first"
      } ?? "")
  }

  /// What is not trained now; nil where all is and was from the start.
  static func frozenSentence(
    _ configuration: RunConfiguration, unfrozen: Int, _ model: some TrainableModel
  ) -> String? {
    guard !configuration.freeze.isEmpty || configuration.unfreezeEvery != nil else { return nil }
    let names = (try? configuration.frozen(unfrozen: unfrozen))?.names(layers: configuration.layers) ?? []
    return "Frozen: \(names.isEmpty ? "nothing" : names.joined(separator: ", ")); \(model.trainedCount) of"
      + " \(model.parameterCount) parameters are trained."
  }
}
