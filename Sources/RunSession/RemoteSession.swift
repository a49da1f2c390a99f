internal import Dispatch
internal import Glibc
import Paths
internal import RunFolder
internal import RunLog
public import RunSources
internal import Synchronization
public import TrainingEvents

/// What is said of a run whose process is gone without a last word.
public struct RunLoss: Hashable, Sendable {
  /// A sentence: what happened and how to go on.
  public var message: String
  /// The end of what the process printed.
  public var lastWords: [String]

  public init(message: String, lastWords: [String] = []) {
    self.message = message
    self.lastWords = lastWords
  }
}

/// A run in another process, followed and steered over a socket; its past is read from the log in its folder.
///
/// Its records begin with the run's first, however late it joins. Where the other process dies without a last word, the
/// last records say so; where it is only not understood any more, they say that and nothing of the run.
public final class RemoteSession: RunSource {
  public let identity: RunIdentity
  private let channel = RecordChannel()
  private let connection: Connection
  /// The questions that wait for an answer.
  private let questions = Locked((next: UInt64(1), waiting: [UInt64: CheckedContinuation<RunAnswer, Never>]()))
  private let processID: Atomic<Int32>
  private let isLeaving = Atomic(false)

  /// The process that trains the run; nil until it has greeted.
  public var process: Int32? {
    let id = processID.load(ordering: .acquiring)
    return id == 0 ? nil : id
  }

  public var records: RecordStream { channel.records }

  /// Follows the run of the process that listens in a run's folder.
  ///
  /// Throws a sentence where none does, or where it is of another version.
  public convenience init(
    folder: String, loss: @escaping @Sendable (RunDescription?) -> RunLoss
  ) throws(SessionError) {
    let connection = try Connection(folder: folder)
    let greeting: RunGreeting
    do throws(SessionError) {
      greeting = try connection.greeting(within: 2)
    } catch {
      connection.close()
      throw error
    }
    self.init(connection, folder: folder, greeting: greeting, loss: loss)
  }

  /// Follows the run of the process at the other end of a socket, which it takes over.
  ///
  /// `loss`: what to say when the process is gone without a last word; gets the run, if it had begun. Called once, on a
  ///   thread that may wait.
  public convenience init(descriptor: Int32, loss: @escaping @Sendable (RunDescription?) -> RunLoss) {
    self.init(Connection(descriptor: descriptor, name: "the run"), folder: nil, greeting: nil, loss: loss)
  }

  private init(
    _ connection: Connection, folder: String?, greeting: RunGreeting?,
    loss: @escaping @Sendable (RunDescription?) -> RunLoss
  ) {
    self.connection = connection
    processID = Atomic(greeting?.process ?? 0)
    let path = folder.map(absolutePath) ?? ""
    identity = RunIdentity(name: path.split(separator: "/").last.map(String.init) ?? "", path: path, isLive: true)
    DispatchQueue(label: "run client").async { @Sendable [self] in
      var follower = Follower(channel: channel)
      do throws(SessionError) {
        if greeting == nil { processID.store(try connection.greeting(within: nil).process, ordering: .releasing) }
        if let folder { follower.readLog(in: folder, through: .max) }
        connection.transmit(.follow(after: follower.last))
        while let frame = try connection.next() {
          if let (question, answer) = try follower.take(frame) { resume(question, with: answer) }
        }
        if !isLeaving.load(ordering: .acquiring) { follower.end(loss) }
      } catch {
        if !isLeaving.load(ordering: .acquiring) { follower.loseContact(error) }
      }
      connection.close()
      refuseQuestions()
      channel.finish()
    }
  }

  public func send(_ command: TrainingCommand) { connection.transmit(.command(command)) }

  public func leave() {
    isLeaving.store(true, ordering: .releasing)
    channel.cancel()
    connection.shutDown()
  }

  // MARK: - Questions

  public func ask(_ question: RunQuestion) async -> RunAnswer {
    await withCheckedContinuation { continuation in
      let number = questions.withLock { questions in
        questions.waiting[questions.next] = continuation
        questions.next += 1
        return questions.next - 1
      }
      if !connection.transmit(.ask(question: number, question)) {
        resume(number, with: .refused("The process that trains this run is gone."))
      }
    }
  }

  private func resume(_ question: UInt64, with answer: RunAnswer) {
    questions.withLock { $0.waiting.removeValue(forKey: question) }?.resume(returning: answer)
  }

  private func refuseQuestions() {
    let waiting = questions.withLock { questions in
      defer { questions.waiting = [:] }
      return questions.waiting
    }
    for continuation in waiting.values {
      continuation.resume(returning: .refused("The process that trains this run is gone."))
    }
  }

  // MARK: - Before following

  /// What the process that trains the run in a folder says of itself.
  ///
  /// Throws a sentence if none listens there.
  public static func greeting(folder: String) throws(SessionError) -> RunGreeting {
    let connection = try Connection(folder: folder)
    defer { connection.close() }
    return try connection.greeting(within: 2)
  }

  /// Where the run in a folder stands, by its process's own word.
  public static func summary(folder: String) throws(SessionError) -> (process: Int32, summary: RunSummary) {
    let connection = try Connection(folder: folder)
    defer { connection.close() }
    let greeting = try connection.greeting(within: 2)
    connection.transmit(.ask(question: 1, .summary))
    while let frame = try connection.next(within: 2) {
      if case .answer(_, .summary(let summary)) = try frame.message(as: ServerMessage.self) {
        return (greeting.process, summary)
      }
    }
    throw SessionError("The process that trains \(folder) has closed the connection.")
  }
}
