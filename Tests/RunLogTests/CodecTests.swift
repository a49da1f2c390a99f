import Storage
import Testing
import TrainingEvents

@testable import RunLog

/// What is written into files and onto sockets may only change together with its version.
@Suite struct CodecTests {
  private static let run = LoggedRun(directory: "/r")

  /// One of each kind.
  static var events: [TrainingEvent] {
    run.events(ofEpoch: 6) + [
      .runStarted(run.description), LoggedRun.end, LoggedRun.log("words", step: 3),
      .alert(LogLine(level: .warning, text: "å", time: 1, step: 2)),
      .parameterChanged(ParameterChange(parameter: .weight(.words), old: 1, new: 0.5, step: 4)),
      .gradientsSampled(
        GradientSample(step: 1, weights: PerTask(1, 2), norms: PerTask(3, 4), cosine: nil, seconds: 0.1)),
      .gradientsSampled(
        GradientSample(step: 1, weights: PerTask(1, 2), norms: PerTask(3, 4), cosine: -0.5, seconds: 0.1)),
    ]
  }

  @Test func everyEventComesBackAsItWas() throws {
    let ranks = [
      RankSample.Rank(host: "a", waiting: 0.25, secondsAStep: 0.5, residentBytes: 7 << 30),
      RankSample.Rank(host: "b", waiting: 0, secondsAStep: 0.6, residentBytes: 0),
    ]
    for event in Self.events + [.ranksMeasured(RankSample(step: 9, ranks: ranks))] {
      let logged = LoggedEvent(event, index: 7, time: 8.5)
      let read = try LoggedEvent(frame: logged.frame)
      #expect("\(read.event)" == "\(event)" && read.index == 7 && read.time == 8.5)
      for length in stride(from: 0, to: logged.frame.count, by: 7) {
        #expect(throws: CodingFault.self) { try LoggedEvent(frame: Array(logged.frame.prefix(length))) }
      }
    }
  }

  /// Fails when anything is written otherwise: raise `RunLog.version`, then put the new digest here.
  @Test func theEncodedFormBelongsToTheVersion() {
    // The configuration is read by name, and may gain optional fields.
    let fixed = Self.events.filter { if case .runStarted = $0 { false } else { true } }
    var bytes = fixed.flatMap { LoggedEvent($0, index: 1, time: 2).frame }
    var summarizer = StepSummarizer(span: 16)
    for number in 8900...9100 { summarizer.add(LoggedRun.step(number)) }
    var writer = ByteWriter()
    if let summary = summarizer.summary { SummaryCodec.append(summary, to: &writer) }
    bytes += writer.bytes
    let digest = bytes.withUnsafeBytes { FrameHeader.checksum($0) }
    #expect(RunLog.version == 1)
    #expect(digest == 780_552_833)
  }

  @Test func theCoarserSummaryIsThatOfTheSameSteps() {
    var (fine, coarse) = (StepSummarizer(span: 16), StepSummarizer(span: 64))
    for number in 8950...9333 where number % 5 != 0 {
      fine.add(LoggedRun.step(number))
      coarse.add(LoggedRun.step(number))
    }
    let made = fine.summary?.coarsened(to: 64)
    for figure in StepFigure.allCases {
      for (left, right) in zip(made?[figure].buckets ?? [], coarse.summary?[figure].buckets ?? []) {
        #expect(left.minimum == right.minimum && left.maximum == right.maximum && left.count == right.count)
        #expect(abs(left.sum - right.sum) < 1e-9 && left.broken == right.broken)
      }
      #expect(made?[figure].buckets.count == coarse.summary?[figure].buckets.count)
      #expect("\(made?[figure].last ?? [])" == "\(coarse.summary?[figure].last ?? [])")
    }
    #expect(made?.elapsed == coarse.summary?.elapsed)
  }
}
