public import TrainingEvents

/// Where a run's records come from: the process that trains it, its folder, or another program's logs.
public protocol RunSource: Sendable {
  var identity: RunIdentity { get }

  /// Every record from the run's first on, in order and in groups, ending with the run or with what is known of it. For
  /// one listener; a source waits for it rather than filling memory.
  var records: RecordStream { get }

  /// Hands a command over without waiting; a source that nothing lives in ignores it.
  func send(_ command: TrainingCommand)

  /// Asks something; what cannot be answered is refused with a sentence.
  func ask(_ question: RunQuestion) async -> RunAnswer

  /// Leaves the run alone: its records end here.
  func leave()
}

/// Which run a source is of.
public struct RunIdentity: Hashable, Sendable {
  /// Short, for lists and titles.
  public var name: String
  /// The absolute path of its folder or file; empty until it is known.
  public var path: String
  /// Whether a process may take commands.
  public var isLive: Bool

  public init(name: String, path: String, isLive: Bool) {
    self.name = name
    self.path = path
    self.isLive = isLive
  }
}

/// A source as a session: its events alone, one by one.
public struct SourceSession: TrainingSession {
  public let source: any RunSource

  public init(_ source: any RunSource) { self.source = source }

  public var events: AsyncStream<TrainingEvent> {
    let reader = Reader(source.records)
    return AsyncStream { await reader.next() }
  }

  public func send(_ command: TrainingCommand) { source.send(command) }

  /// Takes groups apart.
  private actor Reader {
    private var iterator: RecordStream.Iterator?
    private let records: RecordStream
    private var group: ArraySlice<RunRecord> = []

    init(_ records: RecordStream) { self.records = records }

    func next() async -> TrainingEvent? {
      while true {
        while let record = group.popFirst() {
          if case .event(let event, _) = record { return event }
        }
        var iterator = iterator ?? records.makeAsyncIterator()
        guard let next = await iterator.next(isolation: self) else { return nil }
        self.iterator = iterator
        group = next[...]
      }
    }
  }
}
