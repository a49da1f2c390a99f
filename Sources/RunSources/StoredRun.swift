internal import Dispatch
public import RunFolder
internal import RunLog
public import TrainingEvents

/// A run as its folder describes it: finished, stopped, crashed, or copied from elsewhere; or trained by a process that
/// cannot be reached, whose log is read on and on.
public final class StoredRun: RunSource {
  public let identity: RunIdentity
  private let channel = RecordChannel()
  private let folder: String
  /// Signalled once nobody listens any more.
  private let leaving = DispatchSemaphore(value: 0)
  /// Between two looks at a log that may grow.
  private static let pause = DispatchTimeInterval.milliseconds(500)

  /// Throws a sentence where the folder holds no run that can be read.
  public init(folder: String) throws(RunFolderError) {
    let overview = try RunOverview(folder: folder)
    self.folder = overview.path
    let name = overview.path.split(separator: "/").last.map(String.init) ?? overview.path
    identity = RunIdentity(name: name, path: overview.path, isLive: false)
    if RunLogReader.exists(in: overview.path) { _ = try RunLogReader(folder: overview.path) }
    DispatchQueue(label: "stored run").async { @Sendable [self] in
      read()
      channel.finish()
    }
  }

  public var records: RecordStream { channel.records }

  public func send(_ command: TrainingCommand) {}

  public func ask(_ question: RunQuestion) async -> RunAnswer {
    .refused("No process trains this run: there is nobody to ask.")
  }

  public func leave() {
    channel.cancel()
    leaving.signal()
  }

  /// Hands records on; the run lies where it was found, wherever it was trained.
  private func put(_ records: [RunRecord]) {
    channel.put(
      records.map { record in
        guard case .event(.runStarted(var run), let time) = record else { return record }
        run.directory = folder
        return .event(.runStarted(run), time: time)
      })
  }

  /// Hands on all that is there, and what a process writes as long as it is the one that has the run now.
  private func read() {
    do throws(RunFolderError) {
      if RunLogReader.exists(in: folder) {
        guard try followLog() else { return }
      } else {
        EarlierRun.read(folder: folder) { put($0) }
      }
      channel.put([.standing(.stored(try RunOverview(folder: folder).state.rawValue))])
    } catch {
      channel.put([.standing(.lost("\(error)"))])
    }
  }

  /// Reads the log until nobody goes on writing it; false once nobody listens.
  private func followLog() throws(RunFolderError) -> Bool {
    let owner = RunLock.owner(folder: folder)
    var last: UInt64?
    while true {
      // Asked before the log is read: what is written until the process ends is read, too.
      let isWritten = owner != nil && RunLock.owner(folder: folder) == owner
      let reader = try RunLogReader(folder: folder)
      reader.read(after: last ?? 0) { put($0) }
      let remarks = reader.remarks + [isWritten ? nil : reader.remarkOnTornEnd].compactMap(\.self)
      channel.put(
        remarks.map { text in
          .event(.alert(LogLine(level: .warning, text: text, time: reader.lastTime, step: 0)), time: reader.lastTime)
        })
      guard isWritten else { return true }
      if last == nil { channel.put([.standing(.followed)]) }
      last = reader.lastIndex
      if leaving.wait(timeout: .now() + Self.pause) == .success { return false }
    }
  }
}
