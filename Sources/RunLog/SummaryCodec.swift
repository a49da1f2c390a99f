internal import Storage
internal import TrainingEvents

/// Summaries as bytes.
enum SummaryCodec {
  static func append(_ summary: StepSummary, to writer: inout ByteWriter) {
    writer.put(summary.steps.lowerBound)
    writer.put(summary.steps.upperBound)
    writer.put(summary.span)
    writer.put(summary.elapsed.count)
    for value in summary.elapsed { writer.put(value) }
    for curve in summary.curves {
      for (bucket, last) in zip(curve.buckets, curve.last) {
        writer.put(bucket.count)
        writer.put(bucket.broken)
        // One value says all of a row of one step.
        if bucket.count > 1 {
          for number in [bucket.minimum, bucket.maximum, bucket.sum] { writer.put(number) }
        } else if bucket.count == 1 {
          writer.put(bucket.sum)
        }
        if bucket.count + bucket.broken > 1 || bucket.broken > 0 { writer.put(last) }
      }
    }
    StepCodec.append(summary.last, to: &writer)
    StepCodec.append(summary.epochCounts, to: &writer)
    for stretches in [summary.spikes, summary.broken] {
      writer.put(stretches.count)
      for stretch in stretches {
        writer.put(stretch.steps.lowerBound)
        writer.put(stretch.steps.upperBound - stretch.steps.lowerBound)
        writer.put(stretch.norm)
        writer.put(stretch.lossIsFinite)
      }
    }
    writer.put(summary.brokenSteps)
    writer.put(summary.detector.mean)
    writer.put(summary.detector.variance)
    writer.put(summary.detector.count)
    writer.put(summary.count)
    writer.put(summary.seconds)
    writer.put(summary.sentences)
    writer.put(summary.tokens)
  }

  static func summary(_ reader: inout ByteReader) throws(CodingFault) -> StepSummary {
    let steps = try range(try reader.integer(), try reader.integer())
    let span = try reader.integer()
    let rows = try reader.count(ofSize: 8)
    guard span >= 1, rows >= 1, (steps.upperBound - steps.lowerBound) / span + 2 >= rows else {
      throw CodingFault("summarises steps in rows that do not fit them")
    }
    var elapsed: [Double] = []
    elapsed.reserveCapacity(rows)
    for _ in 0..<rows { elapsed.append(try reader.double()) }
    var curves: [StepSummary.Curve] = []
    for _ in StepFigure.allCases { curves.append(try curve(rows, &reader)) }
    var summary = StepSummary(steps: steps, span: span, last: try StepCodec.step(&reader))
    summary.elapsed = elapsed
    summary.curves = curves
    summary.epochCounts = try StepCodec.counts(&reader)
    summary.spikes = try stretches(&reader)
    summary.broken = try stretches(&reader)
    summary.brokenSteps = try reader.integer()
    summary.detector.mean = try reader.double()
    summary.detector.variance = try reader.double()
    summary.detector.count = try reader.integer()
    summary.count = try reader.integer()
    summary.seconds = try reader.double()
    summary.sentences = try reader.integer()
    summary.tokens = try reader.integer()
    return summary
  }

  private static func range(_ first: Int, _ last: Int) throws(CodingFault) -> ClosedRange<Int> {
    guard first >= 1, last >= first, last < 1 << 56 else { throw CodingFault("has steps \(first) to \(last)") }
    return first...last
  }

  private static func curve(_ rows: Int, _ reader: inout ByteReader) throws(CodingFault) -> StepSummary.Curve {
    var curve = StepSummary.Curve()
    curve.buckets.reserveCapacity(rows)
    curve.last.reserveCapacity(rows)
    for _ in 0..<rows {
      var bucket = Bucket()
      bucket.count = try reader.integer()
      bucket.broken = try reader.integer()
      guard 0..<1 << 40 ~= bucket.count, 0..<1 << 40 ~= bucket.broken else {
        throw CodingFault("counts steps that cannot be")
      }
      if bucket.count > 1 {
        bucket.minimum = try reader.double()
        bucket.maximum = try reader.double()
        bucket.sum = try reader.double()
      } else if bucket.count == 1 {
        bucket.sum = try reader.double()
        (bucket.minimum, bucket.maximum) = (bucket.sum, bucket.sum)
      }
      let isSpelled = bucket.count + bucket.broken > 1 || bucket.broken > 0
      curve.last.append(isSpelled ? try reader.double() : bucket.count == 1 ? bucket.sum : .nan)
      curve.buckets.append(bucket)
    }
    return curve
  }

  private static func stretches(_ reader: inout ByteReader) throws(CodingFault) -> [StepSummary.Stretch] {
    var stretches: [StepSummary.Stretch] = []
    for _ in 0..<(try reader.count(ofSize: 11)) {
      let first = try reader.integer()
      let length = try reader.integer()
      let (last, overflow) = first.addingReportingOverflow(length)
      guard !overflow else { throw CodingFault("has a stretch without an end") }
      stretches.append(
        StepSummary.Stretch(
          steps: try range(first, last), norm: try reader.double(), lossIsFinite: try reader.flag()))
    }
    return stretches
  }
}
