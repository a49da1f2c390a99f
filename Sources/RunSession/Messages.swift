internal import RunFolder
internal import RunLog
internal import RunSources
public import TrainingEvents

/// How a run's process answers whoever connects, and where the run stands.
public struct RunGreeting: Codable, Hashable, Sendable {
  /// The program's version.
  public var program: String
  /// The id of the process that trains.
  public var process: Int32
  public var phase: RunPhase
  /// Completed steps.
  public var step: Int
}

/// From the run's process. Events go in frames of their own.
enum ServerMessage: Codable, Hashable, Sendable {
  case greeting(RunGreeting)
  /// What comes before the next event is in the log of the run in a folder, up to an event.
  case past(folder: String, through: UInt64)
  case answer(question: UInt64, RunAnswer)
  /// Why the connection is being closed.
  case refused(String)
}

/// To the run's process.
enum ClientMessage: Codable, Hashable, Sendable {
  /// Asks for every event after one; 0 for all.
  case follow(after: UInt64)
  case command(TrainingCommand)
  case ask(question: UInt64, RunQuestion)
}

extension Frame {
  init(_ message: ServerMessage) { self.init(kind: .message, payload: RunJSON.encode(message)) }

  init(_ message: ClientMessage) { self.init(kind: .message, payload: RunJSON.encode(message)) }

  /// The frame that carries an event: as it stands in the run's log.
  init(_ logged: LoggedEvent) { self.init(kind: .event, payload: logged.frame) }

  func message<Message: Decodable>(as type: Message.Type) throws(SessionError) -> Message {
    guard kind == .message else { throw SessionError("A frame of an event came where a message belongs.") }
    do {
      return try RunJSON.decode(type, from: payload, path: "a message")
    } catch {
      throw SessionError("\(error)")
    }
  }
}
