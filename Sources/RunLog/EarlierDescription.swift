import Paths
internal import RunFolder
internal import TrainingEvents

/// What a run of an earlier version was, as far as its folder says.
enum EarlierDescription {
  /// labels.json of a checkpoint.
  private struct Labels: Decodable {
    var sentenceClasses: [String]
    var tags: [String]

    enum CodingKeys: String, CodingKey {
      case sentenceClasses = "sentence_classes"
      case tags
    }
  }

  static func read(folder: String, firstLine: MetricLine) -> RunDescription? {
    guard let manifest = try? RunManifest.read(folder: folder) else { return nil }
    let labels = (try? readFile(folder + "/checkpoints/last/labels.json", limit: 16 << 20)).flatMap {
      try? RunJSON.decode(Labels.self, from: $0, path: folder)
    }
    let summary = Summary(folder: folder)
    var batches = 0
    if case .step(let step) = firstLine { batches = step.batches }
    let configuration = manifest.configuration
    return RunDescription(
      name: manifest.name, directory: absolutePath(folder), configuration: configuration,
      dataName: summary.dataName ?? manifest.name, trainSentences: summary.sentences ?? 0, devSentences: 0,
      testSentences: 0, sentenceClasses: labels?.sentenceClasses ?? [], tags: labels?.tags ?? [], vocabularySize: 0,
      parameterCount: summary.parameters ?? 0, stepsPerEpoch: max(1, batches),
      totalSteps: configuration.epochs * batches, startStep: 0, resumedFrom: nil, secondsBefore: 0,
      threads: summary.threads ?? configuration.threads, lossDescription: "")
  }

  /// `13084 sentences of snips, 470000 parameters, 4908 steps, 2 threads`, a line of `log.txt`.
  private struct Summary {
    var sentences: Int?
    var dataName: String?
    var parameters: Int?
    var threads: Int?

    init(folder: String) {
      var found: String?
      try? LineFile.read(folder + "/log.txt") { line in
        guard found == nil else { return }
        let text = String(decoding: line, as: UTF8.self)
        if text.contains(" sentences of "), text.contains(" parameters, ") { found = text }
      }
      guard let parts = found?.split(separator: ":").last?.split(separator: ",") else { return }
      for part in parts {
        let words = part.split(separator: " ").map(String.init)
        guard words.count >= 2, let number = Int(words[0]) else { continue }
        switch words[1] {
        case "sentences":
          sentences = number
          dataName = words.dropFirst(3).joined(separator: " ")
        case "parameters": parameters = number
        case "thread", "threads": threads = number
        default: break
        }
      }
    }
  }
}
