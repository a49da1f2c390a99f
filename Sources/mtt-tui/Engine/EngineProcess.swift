import Foundation
import Glibc
import Paths
import RunFolder
import RunSession
import Training
import TrainingEvents

/// Starts the engine as a process of its own, in a session of its own: what ends the dashboard or its terminal does not
/// reach it.
enum EngineProcess {
  /// The number under which the engine finds the socket to its dashboard.
  static let socket: Int32 = 3

  /// Starts this very program as `mtt-tui engine`, tells it through the socket what to do, and follows it.
  static func start(_ start: TrainingEngine.Start) throws(SessionError) -> RemoteSession {
    let (near, far) = try Socket.pair()
    // For what the engine prints before it has a folder.
    let console = makeUnnamedFile()
    defer { close(far) }
    let command = [Arguments.all.first ?? "mtt-tui", EngineCommand.name]
    let (process, code) = DetachedProcess.spawn(program, command, socket: (far, Self.socket), output: console)
    guard code == 0 else {
      close(near)
      if console >= 0 { close(console) }
      throw SessionError("The engine's process could not be started: \(SystemMessage.text(code)).")
    }
    send(start, to: near)
    return RemoteSession(descriptor: near) { run in
      let ending = LastWords.ending("The engine's process", status: DetachedProcess.wait(for: process))
      return LastWords.loss(of: run, ending: ending, words: run == nil ? LastWords.lines(of: console) : [])
    }
  }

  /// Says what is to be done: one line of JSON, before all else that goes through the socket. Where nobody takes it, the
  /// process is gone, and the session says so.
  static func send(_ start: TrainingEngine.Start, to socket: Int32) {
    StandardStreams.write(String(decoding: RunJSON.encode(start), as: UTF8.self) + "\n", to: socket)
  }

  /// What the dashboard wants done.
  static func receiveStart(from socket: Int32) throws -> TrainingEngine.Start {
    var line: [UInt8] = []
    var byte: UInt8 = 0
    while true {
      let count = read(socket, &byte, 1)
      if count == 1, byte == UInt8(ascii: "\n") { break }
      if count == 1 {
        line.append(byte)
      } else if count < 0, errno == EAGAIN {
        var waiting = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        poll(&waiting, 1, -1)
      } else if count == 0 || errno != EINTR {
        throw SessionError("The dashboard was gone before it said what to train.")
      }
    }
    return try RunJSON.decode(TrainingEngine.Start.self, from: line, path: "what the dashboard wants trained")
  }

  private static let link = "/proc/self/exe"

  /// This program's file: by its path, since the system calls a process after that; by the link where it was replaced or
  /// moved since.
  static var program: String { path ?? link }

  /// This program's path; nil where it was replaced or moved since it was started.
  static var path: String? {
    var (linked, found) = (stat(), stat())
    guard let path = linkTarget(link), stat(link, &linked) == 0, stat(path, &found) == 0, linked.st_ino == found.st_ino,
      linked.st_dev == found.st_dev
    else { return nil }
    return path
  }
}
