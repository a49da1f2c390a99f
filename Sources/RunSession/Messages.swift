internal import RunFolder
public import TrainingEvents

/// The version of what crosses the socket; both ends must have the same.
let protocolVersion = 1

/// What a run's process says first to whoever connects, and where the run stands.
public struct RunGreeting: Codable, Hashable, Sendable {
  var protocolVersion: Int
  /// The program's version.
  public var program: String
  /// The id of the process that trains.
  public var process: Int32
  public var phase: RunPhase
  /// Completed steps.
  public var step: Int
}

/// From the run's process. Steps go in frames of their own.
enum ServerMessage: Codable, Hashable, Sendable {
  case greeting(RunGreeting)
  case event(TrainingEvent)
  /// Why the connection is being closed.
  case refused(String)
}

/// To the run's process.
enum ClientMessage: Codable, Hashable, Sendable {
  /// Asks for every event from the run's start on.
  case follow(protocolVersion: Int)
  case command(TrainingCommand)
}

extension Frame {
  init(_ message: ServerMessage) { self.init(kind: .message, payload: RunJSON.encode(message)) }

  init(_ message: ClientMessage) { self.init(kind: .message, payload: RunJSON.encode(message)) }

  /// Most steps in one frame: far below `largestFromServer`.
  private static let mostSteps = 10_000

  /// The frames that carry an event.
  static func frames(of event: TrainingEvent) -> [Frame] {
    guard case .stepsCompleted(let steps) = event else { return [Frame(ServerMessage.event(event))] }
    return stride(from: 0, to: steps.count, by: mostSteps).map { start in
      Frame(kind: .steps, payload: StepCodec.encode(steps[start..<min(start + mostSteps, steps.count)]))
    }
  }

  func message<Message: Decodable>(as type: Message.Type) throws(SessionError) -> Message {
    guard kind == .message else { throw SessionError("A frame of steps came where a message belongs.") }
    do {
      return try RunJSON.decode(type, from: payload, path: "a message")
    } catch {
      throw SessionError("\(error)")
    }
  }
}
