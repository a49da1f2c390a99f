import RunModel
import TrainingEvents

/// A made-up run that looks like a real one: noisy falling losses, rising accuracies, dev after each epoch.
struct SampleRun {
  var name = "snips-joint"
  var stepsPerEpoch = 409
  var epochs = 10
  /// Steps whose loss is NaN.
  var brokenSteps: Set<Int> = []
  /// Epochs between unfreezings; nil for nothing frozen.
  var unfreezeEvery: Int?
  var preset: Preset?
  private var state: UInt64 = 0x9E37_79B9_7F4A_7C15

  init() {}

  var totalSteps: Int { stepsPerEpoch * epochs }

  var description: RunDescription {
    var configuration = preset.map { RunConfiguration(preset: $0) } ?? RunConfiguration()
    configuration.epochs = epochs
    configuration.unfreezeEvery = unfreezeEvery
    return RunDescription(
      name: name, directory: "/home/ada/runs/2026-03-14-0926-\(name)", configuration: configuration, dataName: "snips",
      trainSentences: stepsPerEpoch * 32, devSentences: 700, testSentences: 700,
      sentenceClasses: ["AddToPlaylist", "BookRestaurant", "GetWeather", "PlayMusic"], tags: ["O", "B-artist"],
      vocabularySize: 11_420, parameterCount: 1_874_311, stepsPerEpoch: stepsPerEpoch, totalSteps: totalSteps,
      startStep: 0, resumedFrom: nil, secondsBefore: 0, threads: 2,
      lossDescription: "loss = 1 × cross-entropy A + 1 × cross-entropy B over labelled tokens")
  }

  /// A number in 0..<1, the same in every run.
  mutating func random() -> Double {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Double(state >> 11) / Double(1 << 53)
  }

  /// A falling exponential, 1 at step 0.
  private func decay(_ step: Int, _ scale: Double) -> Double {
    let x = Double(step) / scale
    return 1 / (1 + x + x * x / 4)
  }

  mutating func step(_ step: Int) -> StepRecord {
    let noise = (random() + random() + random() - 1.5) * 0.5
    let lossA = max(0.002, (1.95 * decay(step, 150) + 0.02) * (1 + noise))
    let lossB = max(0.01, (3.4 * decay(step, 260) + 0.05) * (1 + noise * 0.6 + (random() - 0.5) * 0.2))
    let broken = brokenSteps.contains(step)
    let share = Double(step) / Double(totalSteps)
    let seconds = 0.028 + 0.006 * random()
    return StepRecord(
      step: step, epoch: (step - 1) / stepsPerEpoch, batch: (step - 1) % stepsPerEpoch + 1, batches: stepsPerEpoch,
      loss: broken ? .nan : lossA + lossB, losses: PerTask(broken ? .nan : lossA, lossB),
      counts: MetricCounts(
        correct: PerTask(
          Int(32 * (1 - 0.85 * decay(step, 120)) + random()), Int(290 * (1 - 0.6 * decay(step, 240)) + random() * 4)),
        total: PerTask(32, 290)),
      learningRate: 1e-3 * min(1, share / 0.05) * (1 - share),
      gradientNorm: broken
        ? .nan
        : 0.4 + 3 * decay(step, 300)
          + random(), sentences: 32, realTokens: 350 + Int(40 * random()), seconds: seconds,
      elapsed: Double(step) * 0.031 + Double((step - 1) / stepsPerEpoch) * 0.9, applied: !broken)
  }

  func evaluation(_ epoch: Int, split: DataSplit = .dev) -> EvaluationRecord {
    let step = (epoch + 1) * stepsPerEpoch
    let lossA = 1.95 * decay(step, 140) + 0.07 + 0.004 * Double(epoch)
    let lossB = 3.4 * decay(step, 230) + 0.16
    let accuracyA = 0.984 - 0.7 * decay(step, 90)
    let accuracyB = 0.962 - 0.5 * decay(step, 200)
    return EvaluationRecord(
      split: split, epoch: epoch, step: step, loss: lossA + lossB, losses: PerTask(lossA, lossB),
      counts: MetricCounts(
        correct: PerTask(Int(700 * accuracyA) - (epoch == 6 ? 6 : 0), Int(6354 * accuracyB)), total: PerTask(700, 6354)),
      exactMatch: accuracyB * accuracyB * 0.93, entityPrecision: accuracyB * 0.97, entityRecall: accuracyB * 0.96,
      entityF1: accuracyB * 0.965, seconds: 0.9, isBest: epoch < 6 || epoch > 7,
      breakdowns: PerTask(
        breakdown(["AddToPlaylist", "BookRestaurant", "GetWeather", "PlayMusic"], step),
        breakdown(
          [
            "artist", "playlist", "timeRange", "city", "music_item", "object_name", "party_size_number", "sort",
            "restaurant_type", "condition_temperature", "geographic_poi", "album", "object_location_type", "genre",
          ], step)))
  }

  private func breakdown(_ names: [String], _ step: Int) -> TaskBreakdown {
    let miss = 0.02 + 0.6 * decay(step, 200)
    let labels = names.enumerated().map { index, name in
      let gold = 100 - 6 * index
      let correct = Int(Double(gold) * (1 - miss * (1 + Double(index % 5) / 3)))
      return LabelCounts(name: name, gold: gold, predicted: gold + index % 3 - 1, correct: max(0, correct))
    }
    let confusions = (0..<min(9, names.count - 1)).map {
      Confusion(gold: names[$0], predicted: names[names.count - 1 - $0], count: 12 - $0)
    }
    return TaskBreakdown(labels: labels, confusions: confusions)
  }

  /// What an evaluation got wrong: fewer sentences from epoch to epoch.
  func mistakes(_ epoch: Int) -> EvaluationMistakes {
    let all = Self.mistakes
    let wrong = Array(all.prefix(max(5, all.count - epoch)))
    return EvaluationMistakes(
      split: .dev, epoch: epoch, step: (epoch + 1) * stepsPerEpoch, judged: 700,
      wrong: wrong.count + max(0, 30 - 6 * epoch),
      sentences: wrong)
  }

  /// What training believes least after an epoch: two classes and a tag.
  func suspects(_ epoch: Int) -> EvaluationMistakes {
    let chosen: [(place: Int, classMargin: Double?, tagMargin: Double?)] = [
      (0, -3.2, nil), (3, -1.5, -0.25), (1, nil, -2),
    ]
    let sentences = chosen.map { place, classMargin, tagMargin in
      var suspect = Self.mistakes[place]
      (suspect.probability, suspect.goldProbability, suspect.confidence, suspect.loss) = (nil, nil, 0, 0)
      (suspect.classMargin, suspect.tagMargin) = (classMargin, tagMargin)
      return suspect
    }
    return EvaluationMistakes(
      split: .train, epoch: epoch, step: (epoch + 1) * stepsPerEpoch, judged: 13_084, wrong: 143,
      sentences: sentences.sorted { $0.leastMargin < $1.leastMargin })
  }

  private static let mistakes: [Mistake] = [
    mistake(
      412, "add sabrina salerno to the grime instrumentals playlist", "AddToPlaylist", "PlayMusic", 0.998,
      [
        1: ("B-artist", "B-artist"), 2: ("I-artist", "I-artist"), 5: ("B-playlist", "B-playlist"),
        6: ("I-playlist", "I-playlist"),
      ]),
    mistake(
      17, "play the song little robin redbreast", "PlayMusic", "PlayMusic", 0.91,
      [
        2: ("B-music_item", "B-music_item"), 3: ("B-object_name", "B-artist"), 4: ("I-object_name", "I-artist"),
        5: ("I-object_name", "I-artist"),
      ]),
    mistake(
      699,
      "what will the weather be like in 北京市 this coming weekend for the four of us and the two little dogs that we have",
      "GetWeather", "GetWeather", 0.77,
      [7: ("B-city", "O"), 8: ("B-timeRange", "B-timeRange"), 9: ("I-timeRange", "O")]),
    mistake(
      3, "i want to bring four people to a place that's close to downtown", "BookRestaurant", "GetWeather", 0.55,
      [
        4: ("B-party_size_number", "B-party_size_number"), 12: ("B-geographic_poi", "O"),
      ]),
    mistake(88, "rain tomorrow ?", "GetWeather", "PlayMusic", 0.51, [1: ("B-timeRange", "B-timeRange")]),
    mistake(240, "find a table", "BookRestaurant", "PlayMusic", 0.5, [:]),
    mistake(241, "put it on", "AddToPlaylist", "PlayMusic", 0.42, [:]),
  ]

  private static func mistake(
    _ number: Int, _ text: String, _ gold: String, _ predicted: String, _ probability: Double,
    _ tags: [Int: (String, String)]
  ) -> Mistake {
    let words = text.split(separator: " ").map(String.init)
    let wrong = tags.sorted { $0.key < $1.key }.map(\.value).filter { $0.0 != $0.1 }
    func type(_ tag: String) -> String { tag == "O" ? tag : String(tag.dropFirst(2)) }
    var pairs: [Mistake.Pair] = []
    for pair in wrong.map({ Mistake.Pair(gold: type($0.0), predicted: type($0.1)) }) where !pairs.contains(pair) {
      pairs.append(pair)
    }
    return Mistake(
      number: number, words: words, goldClass: gold, predictedClass: predicted, probability: probability,
      goldProbability: gold == predicted ? probability : 0.002, goldTags: words.indices.map { tags[$0]?.0 ?? "O" },
      predictedTags: words.indices.map { tags[$0]?.1 ?? "O" }, pairs: pairs, confidence: probability,
      loss: Double(number % 7))
  }

  /// What the engine measures of both tasks' gradients.
  func gradients(_ step: Int) -> GradientSample {
    let phase = Double(step % 1500) / 1500
    return GradientSample(
      step: step, weights: PerTask(1, 1), norms: PerTask(0.2 + 1.4 * decay(step, 250), 0.5 + 2.5 * decay(step, 400)),
      cosine: 0.35 - 0.5 * phase * phase, seconds: 0.05)
  }

  /// The events of the run from its start to a step, the ends of epochs included.
  mutating func events(through last: Int) -> [TrainingEvent] {
    var events: [TrainingEvent] = [.runStarted(description), .phaseChanged(PhaseChange(phase: .running, step: 0))]
    var epoch = MetricCounts()
    var sum = 0.0
    guard last > 0 else { return events }
    for number in 1...last {
      if (number - 1) % 256 == 0 { events.append(.gradientsSampled(gradients(number - 1))) }
      let record = step(number)
      events.append(.stepsCompleted([record]))
      epoch += record.counts
      sum += record.loss.isFinite ? record.loss : 0
      guard record.batch == stepsPerEpoch else { continue }
      let index = record.epoch
      let average = sum / Double(stepsPerEpoch)
      events += [
        .epochCompleted(
          EpochRecord(
            epoch: index, step: number, averageLoss: average, averageLosses: PerTask(average * 0.35, average * 0.65),
            counts: epoch, seconds: 12.6)),
        .phaseChanged(PhaseChange(phase: .evaluating, step: number)),
        .evaluated(evaluation(index)),
        .checkpointWritten(
          CheckpointRecord(
            step: number, path: description.directory + "/checkpoints/step-000\(number)", reason: .epoch,
            isBest: evaluation(index).isBest, bytes: 22_500_000, seconds: 0.08)),
        .phaseChanged(PhaseChange(phase: .running, step: number)),
      ]
      epoch = MetricCounts()
      sum = 0
    }
    return events
  }
}
