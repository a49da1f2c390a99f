internal import Storage
internal import TrainingEvents

/// Steps in few bytes, exactly.
enum StepCodec {
  /// Bytes that a step takes at least.
  static let leastBytes = 11 + 7 * 8

  static func append(_ step: StepRecord, to writer: inout ByteWriter) {
    let counts = step.counts
    writer.put(step.step)
    writer.put(step.epoch)
    writer.put(step.batch)
    writer.put(step.batches)
    append(counts, to: &writer)
    writer.put(step.sentences)
    writer.put(step.realTokens)
    let losses = step.losses
    writer.put((step.applied ? 1 : 0) | (losses.sentence == nil ? 2 : 0) | (losses.words == nil ? 4 : 0))
    for number in [
      step.loss, losses.sentence ?? 0, losses.words ?? 0, step.learningRate, step.gradientNorm, step.seconds,
      step.elapsed,
    ] { writer.put(number) }
  }

  static func append(_ counts: MetricCounts, to writer: inout ByteWriter) {
    for task in ModelTask.allCases {
      writer.put(counts.correct[task])
      writer.put(counts.total[task])
    }
  }

  static func counts(_ reader: inout ByteReader) throws(CodingFault) -> MetricCounts {
    var counts = MetricCounts()
    for task in ModelTask.allCases {
      counts.correct[task] = try reader.integer()
      counts.total[task] = try reader.integer()
    }
    return counts
  }

  static func step(_ reader: inout ByteReader) throws(CodingFault) -> StepRecord {
    let step = try reader.integer()
    let epoch = try reader.integer()
    let batch = try reader.integer()
    let batches = try reader.integer()
    let counts = try counts(&reader)
    let sentences = try reader.integer()
    let realTokens = try reader.integer()
    let flags = try reader.integer()
    let (loss, first, second) = (try reader.double(), try reader.double(), try reader.double())
    return StepRecord(
      step: step, epoch: epoch, batch: batch, batches: batches, loss: loss,
      losses: PerTask(flags & 2 == 0 ? first : nil, flags & 4 == 0 ? second : nil), counts: counts,
      learningRate: try reader.double(),
      gradientNorm: try reader.double(), sentences: sentences, realTokens: realTokens, seconds: try reader.double(),
      elapsed: try reader.double(), applied: flags & 1 != 0)
  }
}
