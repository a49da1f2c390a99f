import LoggedRuns

/// A few runs as their logs would describe them.
enum SampleRuns {
  static let now = 1_700_010_000.0

  /// `accuracy`: of five evaluations; the loss goes down from `loss`.
  static func run(
    _ name: String, seed: Int, rate: Double = 0.001, accuracy: [Double], loss: Double = 1, format: LogFormat = .run
  ) -> LoggedRun {
    var run = LoggedRun(id: "/runs/" + name, name: name, format: format)
    run.configuration = [
      "seed": .number(Double(seed)), "learningRate": .number(rate), "batchSize": .number(32),
      "preset": .text("standard"),
      "runDirectory": .text("/runs/" + name),
    ]
    run.declaredState = .finished
    (run.lastWrite, run.totalEpochs) = (now - 120, Double(accuracy.count))
    let (training, epoch) = (run.place(of: "train/loss"), run.place(of: "epoch"))
    let (held, right) = (run.place(of: "dev/loss"), run.place(of: "dev/accuracy"))
    for step in 1...accuracy.count * 100 {
      let time = now - 1000 + Double(step)
      run.add(training, step: Int64(step), time: time, value: loss / (1 + Double(step) / 100))
      run.add(epoch, step: Int64(step), time: time, value: Double(step) / 100)
      guard step % 100 == 0 else { continue }
      run.add(held, step: Int64(step), time: time, value: loss * 1.5 / (1 + Double(step) / 100))
      run.add(right, step: Int64(step), time: time, value: accuracy[step / 100 - 1])
    }
    return run
  }

  static let three = [
    run("snips-a-s1", seed: 1, accuracy: [0.5, 0.75, 0.9, 0.95, 0.94]),
    run("snips-a-s2", seed: 2, accuracy: [0.5, 0.7, 0.8, 0.9, 0.97], loss: 0.9),
    run("snips-b-s1", seed: 1, rate: 0.003, accuracy: [0.4, 0.6, 0.85, 0.8, 0.78], loss: 1.2),
  ]
}
