internal import RunFolder
internal import RunLog
internal import RunSources
internal import Storage
internal import TrainingEvents

/// Turns what a run's process sends into records, and reads from the run's log what it does not.
struct Follower {
  let channel: RecordChannel
  /// The number of the last event handed on.
  private(set) var last: UInt64 = 0
  /// The run, once it has begun.
  private var run: RunDescription?
  /// Whether the run has said its last word.
  private var hasEnded = false
  private var lastStep = 0
  private var lastTime = 0.0

  init(channel: RecordChannel) { self.channel = channel }

  /// Hands on what a frame says; an answer is the caller's.
  mutating func take(_ frame: Frame) throws(SessionError) -> (UInt64, RunAnswer)? {
    if frame.kind == .event {
      let logged: LoggedEvent
      do throws(CodingFault) {
        logged = try LoggedEvent(frame: frame.payload)
      } catch {
        throw SessionError("An event \(error).")
      }
      last = logged.index
      hand([.event(logged.event, time: logged.time)])
      return nil
    }
    switch try frame.message(as: ServerMessage.self) {
    case .past(let folder, let through): readLog(in: folder, through: through)
    case .answer(let question, let answer): return (question, answer)
    case .refused(let sentence): throw SessionError(sentence)
    case .greeting: throw SessionError("The run's process greets once more.")
    }
    return nil
  }

  /// Hands on what a run's log has after the last event, up to another.
  mutating func readLog(in folder: String, through: UInt64) {
    var records: [RunRecord] = []
    do throws(RunFolderError) {
      let reader = try RunLogReader(folder: folder)
      // Numbers start anew where a run's log is taken up again: what came before them was not part of it.
      let from = last > through ? 0 : last
      var copy = self
      reader.read(after: run == nil ? 0 : from, through: through) { copy.hand($0) }
      self = copy
      last = max(reader.lastIndex, through == .max ? 0 : through)
      records = reader.remarks.map { .event(alert($0), time: reader.lastTime) }
    } catch {
      records = [.event(alert("What came before cannot be shown: \(error)."), time: lastTime)]
      if through != .max { last = through }
    }
    hand(records)
  }

  private func alert(_ text: String) -> TrainingEvent {
    .alert(LogLine(level: .warning, text: text, time: lastTime, step: lastStep))
  }

  private mutating func hand(_ records: [RunRecord]) {
    for record in records { note(record) }
    channel.put(records)
  }

  private mutating func note(_ record: RunRecord) {
    switch record {
    case .event(let event, let time):
      lastTime = time
      switch event {
      case .runStarted(let description): run = description
      case .stepsCompleted(let steps): lastStep = steps.last?.step ?? lastStep
      case .phaseChanged(let change): hasEnded = change.phase == .finished || change.phase == .failed
      default: break
      }
    case .summary(let summary, let time): (lastStep, lastTime) = (summary.steps.upperBound, time)
    case .extent, .standing: break
    }
  }

  /// The process is gone: says so where it has not itself.
  mutating func end(_ loss: (RunDescription?) -> RunLoss) {
    guard !hasEnded else { return }
    let loss = loss(run)
    let outcome = RunOutcome(exitCode: 70, message: loss.message)
    let words = loss.lastWords.map { TrainingEvent.log(LogLine(level: .error, text: $0, time: 0, step: lastStep)) }
    let end = TrainingEvent.phaseChanged(PhaseChange(phase: .failed, step: lastStep, outcome: outcome))
    channel.put((words + [end]).map { .event($0, time: 0) })
  }

  /// The process may train on, but is not understood any more.
  func loseContact(_ error: SessionError) {
    guard !hasEnded else { return }
    channel.put([.standing(.lost("Lost contact with the run's process, which may go on: \(error)"))])
  }
}
