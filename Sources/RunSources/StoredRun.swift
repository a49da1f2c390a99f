internal import Dispatch
public import RunFolder
internal import RunLog
public import TrainingEvents

/// A run that no process trains, as its folder tells of it: finished, stopped, crashed, or copied from elsewhere.
public final class StoredRun: RunSource {
  public let identity: RunIdentity
  private let channel = RecordChannel()
  private let folder: String
  private let state: RunOverview.State

  /// Throws a sentence where the folder holds no run that can be read.
  public init(folder: String) throws(RunFolderError) {
    let overview = try RunOverview(folder: folder)
    self.folder = overview.path
    state = overview.state
    let name = overview.path.split(separator: "/").last.map(String.init) ?? overview.path
    identity = RunIdentity(name: name, path: overview.path, isLive: false)
    if RunLogReader.exists(in: overview.path) { _ = try RunLogReader(folder: overview.path) }
    DispatchQueue(label: "stored run").async { @Sendable [self] in
      read()
      channel.finish()
    }
  }

  public var records: AsyncStream<[RunRecord]> { channel.records }

  public func send(_ command: TrainingCommand) {}

  public func ask(_ question: RunQuestion) async -> RunAnswer {
    .refused("No process trains this run: there is nobody to ask.")
  }

  public func leave() { channel.cancel() }

  /// Hands records on; the run lies where it was found, wherever it was trained.
  private func put(_ records: [RunRecord]) {
    channel.put(
      records.map { record in
        guard case .event(.runStarted(var run), let time) = record else { return record }
        run.directory = folder
        return .event(.runStarted(run), time: time)
      })
  }

  private func read() {
    do throws(RunFolderError) {
      guard RunLogReader.exists(in: folder) else {
        EarlierRun.read(folder: folder) { put($0) }
        channel.put([.standing(.stored(state.rawValue))])
        return
      }
      let reader = try RunLogReader(folder: folder)
      reader.read { put($0) }
      let remarks = reader.remarks.map { text -> RunRecord in
        .event(.alert(LogLine(level: .warning, text: text, time: reader.lastTime, step: 0)), time: reader.lastTime)
      }
      channel.put(remarks + [.standing(.stored(state.rawValue))])
    } catch {
      channel.put([.standing(.lost("\(error)"))])
    }
  }
}
