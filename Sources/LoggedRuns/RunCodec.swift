public import Storage

/// Runs as bytes, with their curves as they lie in memory: for the same build on the same machine, and nothing else.
///
/// Whatever changes what is written here changes `version`.
public enum RunCodec {
  public static let version: UInt32 = 1

  public static func encode(_ run: LoggedRun) -> [UInt8] {
    var writer = ByteWriter(capacity: 1024 + run.metrics.count * Series.capacity * MemoryLayout<SeriesBucket>.stride)
    for text in [run.id, run.name, run.format.rawValue, run.declaredState?.rawValue ?? ""] { writer.put(text) }
    for count in [run.joinedPoints, run.bytes, run.files, run.metrics.count] { writer.put(count) }
    for metric in run.metrics { append(metric, to: &writer) }
    writer.put(run.configuration.count)
    for (key, value) in run.configuration.sorted(by: { $0.key < $1.key }) {
      writer.put(key)
      append(value, to: &writer)
    }
    writer.put(run.problems.count)
    for problem in run.problems { append(problem, to: &writer) }
    for number in [run.created, run.lastWrite, run.totalEpochs] { writer.put(number) }
    append(run.totalSteps, to: &writer)
    writer.put(run.isComplete)
    return writer.bytes
  }

  public static func decode(_ bytes: UnsafeRawBufferPointer) throws(CodingFault) -> LoggedRun {
    var reader = ByteReader(bytes)
    let (id, name) = (try reader.text(), try reader.text())
    var run = LoggedRun(id: id, name: name, format: try reader.word(LogFormat.self))
    let state = try reader.text()
    run.declaredState = LoggedRun.State(rawValue: state)
    run.joinedPoints = try reader.integer()
    run.bytes = try reader.integer()
    run.files = try reader.integer()
    for place in 0..<(try reader.count()) {
      let metric = try metric(&reader)
      run.places[metric.name] = place
      run.metrics.append(metric)
    }
    for _ in 0..<(try reader.count()) {
      let key = try reader.text()
      run.configuration[key] = try value(&reader)
    }
    for _ in 0..<(try reader.count()) { run.problems.append(try problem(&reader)) }
    run.created = try reader.optionalDouble()
    run.lastWrite = try reader.optionalDouble()
    run.totalEpochs = try reader.optionalDouble()
    run.totalSteps = try optionalStep(&reader)
    run.isComplete = try reader.flag()
    guard reader.isAtEnd else { throw CodingFault("goes on behind its run") }
    return run
  }

  // MARK: - Metrics

  private static func append(_ metric: Metric, to writer: inout ByteWriter) {
    writer.put(metric.name)
    writer.put(metric.parts.count)
    for part in metric.parts {
      writer.put(part.file)
      append(part.series, to: &writer)
    }
  }

  private static func metric(_ reader: inout ByteReader) throws(CodingFault) -> Metric {
    var metric = Metric(name: try reader.text())
    for _ in 0..<(try reader.count()) {
      let file = try reader.integer()
      metric.parts.append(Metric.Part(file: file, series: try series(&reader)))
    }
    return metric
  }

  private static func append(_ series: Series, to writer: inout ByteWriter) {
    writer.put(inMemory: series.buckets)
    writer.put(inMemory: series.replaced)
    for count in [series.replacedCount, series.stride, series.filled] { writer.put(count) }
    writer.put(series.sum)
    let summary = series.summary
    for count in [summary.count, summary.broken] { writer.put(count) }
    for step in [summary.firstStep, summary.lastStep, summary.firstBroken] { append(step, to: &writer) }
    for place in [summary.lowest, summary.highest, summary.last] {
      append(place?.step, to: &writer)
      writer.put(place?.value ?? 0)
    }
  }

  private static func series(_ reader: inout ByteReader) throws(CodingFault) -> Series {
    var series = Series()
    series.buckets = try reader.inMemory(SeriesBucket.self)
    series.replaced = try reader.inMemory(SeriesBucket.self)
    series.replacedCount = try reader.integer()
    series.stride = try reader.integer()
    series.filled = try reader.integer()
    guard series.buckets.count <= Series.capacity, series.replaced.count <= Series.replacedCapacity,
      series.stride >= 1, series.filled >= 0, series.filled == 0 || !series.buckets.isEmpty
    else { throw CodingFault("has a curve that cannot be") }
    series.sum = try reader.double()
    series.summary.count = try reader.integer()
    series.summary.broken = try reader.integer()
    series.summary.firstStep = try optionalStep(&reader)
    series.summary.lastStep = try optionalStep(&reader)
    series.summary.firstBroken = try optionalStep(&reader)
    series.summary.lowest = try optionalPlace(&reader)
    series.summary.highest = try optionalPlace(&reader)
    series.summary.last = try optionalPlace(&reader)
    return series
  }

  private static func append(_ step: Int64?, to writer: inout ByteWriter) {
    writer.put(step != nil)
    writer.put(Int(step ?? 0))
  }

  private static func optionalStep(_ reader: inout ByteReader) throws(CodingFault) -> Int64? {
    let isThere = try reader.flag()
    let step = Int64(try reader.integer())
    return isThere ? step : nil
  }

  private static func optionalPlace(_ reader: inout ByteReader) throws(CodingFault) -> SeriesSummary.Place? {
    let step = try optionalStep(&reader)
    let value = try reader.double()
    return step.map { SeriesSummary.Place(step: $0, value: value) }
  }

  // MARK: - Configuration and problems

  private static func append(_ value: ConfigurationValue, to writer: inout ByteWriter) {
    switch value {
    case .number(let number):
      writer.put(byte: 0)
      writer.put(number)
    case .flag(let flag):
      writer.put(byte: 1)
      writer.put(flag)
    case .text(let text):
      writer.put(byte: 2)
      writer.put(text)
    }
  }

  private static func value(_ reader: inout ByteReader) throws(CodingFault) -> ConfigurationValue {
    switch try reader.byte() {
    case 0: .number(try reader.double())
    case 1: .flag(try reader.flag())
    case 2: .text(try reader.text())
    default: throw CodingFault("has a value of an unknown kind")
    }
  }

  private static func append(_ problem: LogProblem, to writer: inout ByteWriter) {
    writer.put(problem.file)
    switch problem.place {
    case nil: writer.put(byte: 0)
    case .byte(let offset):
      writer.put(byte: 1)
      writer.put(offset)
    case .line(let line):
      writer.put(byte: 2)
      writer.put(line)
    }
    writer.put(problem.finding)
    writer.put(problem.count)
  }

  private static func problem(_ reader: inout ByteReader) throws(CodingFault) -> LogProblem {
    let file = try reader.text()
    let place: LogProblem.Place? =
      switch try reader.byte() {
      case 0: nil
      case 1: .byte(try reader.integer())
      case 2: .line(try reader.integer())
      default: throw CodingFault("has a place of an unknown kind")
      }
    var problem = LogProblem(file: file, place: place, finding: try reader.text())
    problem.count = try reader.integer()
    return problem
  }
}
