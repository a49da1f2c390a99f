internal import TextData
internal import TrainingEvents

/// Which dev figure names the best checkpoint: the one asked for if the data have it, else the one that suits them.
struct BestSelection {
  /// Figures that dev has by its labels.
  private let available: [RunConfiguration.Selection]
  private(set) var chosen: RunConfiguration.Selection
  private(set) var remarks: [String] = []
  /// Whether another figure was asked for.
  private(set) var isReplaced = false

  /// Of a new run.
  ///
  /// Throws a sentence for a dev split without a label to judge by, and for a figure that the data do not have.
  init(_ configuration: RunConfiguration, _ dataset: TextDataset) throws(RunFailure) {
    self.init(dataset)
    guard let dev = dataset.dev else {
      let given =
        (configuration.selectBy == nil ? [] : ["select-by"]) + (configuration.patience == nil ? [] : ["patience"])
      if !given.isEmpty {
        remarks.append(
          "There are no dev sentences: the newest epoch counts as the best, and \(given.joined(separator: " and "))"
            + " has no effect.")
      }
      chosen = configuration.selectBy ?? chosen
      return
    }
    guard !available.isEmpty else {
      throw RunFailure(
        exitCode: 65,
        "\(dataset.name): none of the \(dev.count) dev sentences has a class or a tag of the kind that train has, so"
          + " nothing could be judged by them: label them, or leave the split out")
    }
    guard let wanted = configuration.selectBy else { return }
    guard available.contains(wanted) else {
      throw RunFailure(
        exitCode: 65,
        "select-by is \(wanted.rawValue), which the dev sentences of \(dataset.name) do not have: choose"
          + " \(available.map(\.rawValue).joined(separator: ", ")), or leave it out")
    }
    chosen = wanted
  }

  /// Of a run that began earlier, perhaps with a version that did not look.
  init(resuming configuration: RunConfiguration, _ dataset: TextDataset) {
    self.init(dataset)
    let wanted = configuration.selection
    guard dataset.dev != nil, !available.isEmpty, !available.contains(wanted) else {
      chosen = wanted
      return
    }
    isReplaced = true
    remarks.append(
      "The run was to choose its best checkpoint by \(wanted.rawValue), which its dev sentences do not have: from here on"
        + " it is chosen by \(chosen.rawValue).")
  }

  private init(_ dataset: TextDataset) {
    guard let dev = dataset.dev else {
      (available, chosen) = ([], .exactMatch)
      return
    }
    let (classCount, tagCount) = (dataset.sentenceClasses.count, dataset.tags.count)
    let rows = 0..<dev.count
    let hasClasses = classCount > 0 && rows.contains { dev.sentenceClass(of: $0) >= 0 }
    let hasTags = tagCount > 0 && rows.contains { row in dev.goldTags(of: row).contains { $0 >= 0 } }
    let hasLoss =
      hasClasses && rows.contains { 0..<classCount ~= Int(dev.sentenceClass(of: $0)) }
      || hasTags && rows.contains { row in dev.goldTags(of: row).contains { 0..<tagCount ~= Int($0) } }
    let tagsAreEntities = dataset.tags.allSatisfy(Tag.isEntityTag)
    var figures: [RunConfiguration.Selection] = hasClasses || hasTags ? [.exactMatch] : []
    if hasTags, tagsAreEntities { figures.append(.entityF1) }
    if hasClasses { figures.append(.accuracyA) }
    if hasTags { figures.append(.accuracyB) }
    if hasLoss { figures.append(.loss) }
    available = figures
    chosen = hasTags && !hasClasses && tagsAreEntities ? .entityF1 : .exactMatch
  }
}
