internal import TrainingEvents

/// Steps in few bytes, exactly: whole numbers seven bits a byte, lowest first, the others as their 64 bits.
enum StepCodec {
  static func encode(_ steps: some Collection<StepRecord>) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(steps.count * 88)
    for step in steps { append(step, to: &bytes) }
    return bytes
  }

  static func decode(_ bytes: [UInt8]) throws(SessionError) -> [StepRecord] {
    var reader = Reader(bytes: bytes)
    var steps: [StepRecord] = []
    while !reader.isAtEnd { steps.append(try read(&reader)) }
    return steps
  }

  private static func append(_ step: StepRecord, to bytes: inout [UInt8]) {
    let counts = step.counts
    for number in [
      step.step, step.epoch, step.batch, step.batches, counts.correctA, counts.totalA, counts.correctB, counts.totalB,
      step.sentences, step.realTokens,
      (step.applied ? 1 : 0) | (step.lossA == nil ? 2 : 0) | (step.lossB == nil ? 4 : 0),
    ] {
      append(UInt64(bitPattern: Int64(number)), to: &bytes)
    }
    for number in [
      step.loss, step.lossA ?? 0, step.lossB ?? 0, step.learningRate, step.gradientNorm, step.seconds, step.elapsed,
    ] {
      withUnsafeBytes(of: number.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
    }
  }

  private static func append(_ number: UInt64, to bytes: inout [UInt8]) {
    var rest = number
    while rest > 127 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 128)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  private static func read(_ reader: inout Reader) throws(SessionError) -> StepRecord {
    let step = try reader.integer()
    let epoch = try reader.integer()
    let batch = try reader.integer()
    let batches = try reader.integer()
    let counts = MetricCounts(
      correctA: try reader.integer(), totalA: try reader.integer(), correctB: try reader.integer(),
      totalB: try reader.integer())
    let sentences = try reader.integer()
    let realTokens = try reader.integer()
    let flags = try reader.integer()
    let loss = try reader.double()
    let (lossA, lossB) = (try reader.double(), try reader.double())
    return StepRecord(
      step: step, epoch: epoch, batch: batch, batches: batches, loss: loss, lossA: flags & 2 == 0 ? lossA : nil,
      lossB: flags & 4 == 0 ? lossB : nil, counts: counts, learningRate: try reader.double(),
      gradientNorm: try reader.double(), sentences: sentences, realTokens: realTokens, seconds: try reader.double(),
      elapsed: try reader.double(), applied: flags & 1 != 0)
  }

  private struct Reader {
    let bytes: [UInt8]
    var place = 0

    var isAtEnd: Bool { place == bytes.count }

    mutating func byte() throws(SessionError) -> UInt8 {
      guard place < bytes.count else { throw SessionError("A frame of steps ends within a step.") }
      defer { place += 1 }
      return bytes[place]
    }

    mutating func integer() throws(SessionError) -> Int {
      var value: UInt64 = 0
      for shift in stride(from: UInt64(0), to: 64, by: 7) {
        let next = try byte()
        value |= UInt64(next & 127) << shift
        if next < 128 { return Int(truncatingIfNeeded: Int64(bitPattern: value)) }
      }
      throw SessionError("A frame of steps has a number of more than 64 bits.")
    }

    mutating func double() throws(SessionError) -> Double {
      var bits: UInt64 = 0
      for shift in stride(from: UInt64(0), to: 64, by: 8) { bits |= UInt64(try byte()) << shift }
      return Double(bitPattern: bits)
    }
  }
}
