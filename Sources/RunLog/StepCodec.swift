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
    writer.put((step.applied ? 1 : 0) | (step.lossA == nil ? 2 : 0) | (step.lossB == nil ? 4 : 0))
    for number in [
      step.loss, step.lossA ?? 0, step.lossB ?? 0, step.learningRate, step.gradientNorm, step.seconds, step.elapsed,
    ] { writer.put(number) }
  }

  static func append(_ counts: MetricCounts, to writer: inout ByteWriter) {
    writer.put(counts.correctA)
    writer.put(counts.totalA)
    writer.put(counts.correctB)
    writer.put(counts.totalB)
  }

  static func counts(_ reader: inout ByteReader) throws(CodingFault) -> MetricCounts {
    MetricCounts(
      correctA: try reader.integer(), totalA: try reader.integer(), correctB: try reader.integer(),
      totalB: try reader.integer())
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
    let (loss, lossA, lossB) = (try reader.double(), try reader.double(), try reader.double())
    return StepRecord(
      step: step, epoch: epoch, batch: batch, batches: batches, loss: loss, lossA: flags & 2 == 0 ? lossA : nil,
      lossB: flags & 4 == 0 ? lossB : nil, counts: counts, learningRate: try reader.double(),
      gradientNorm: try reader.double(), sentences: sentences, realTokens: realTokens, seconds: try reader.double(),
      elapsed: try reader.double(), applied: flags & 1 != 0)
  }
}
