internal import Glibc
import Paths
public import TrainingEvents

/// How a run ended, as `outcome.json` says: written at a run's end, gone while it trains. A run that has none and that
/// no process trains has crashed.
struct RunEnd: Codable, Hashable, Sendable {
  static let fileName = "outcome.json"

  var outcome: RunOutcome
  var step: Int
  /// Seconds since 1970.
  var time: Double
}

/// A run as its folder describes it, without its lock.
public struct RunOverview: Sendable {
  /// What became of a run that no process trains.
  public enum State: String, Sendable {
    case finished, stopped, failed, crashed
  }

  /// Absolute.
  public var path: String
  /// Seconds since 1970.
  public var created: Double
  /// Whether a process trains it now.
  public var isLive: Bool
  public var state: State
  public var epochsDone: Int
  public var epochs: Int
  /// The best dev figure among its checkpoints, by `selection`.
  public var best: Double?
  public var selection: RunConfiguration.Selection

  /// What is read of a checkpoint's `state.json`.
  private struct Progress: Decodable {
    struct Best: Decodable { var value: Double }
    var epoch: Int
    var best: Best?
  }

  /// The runs in a folder, oldest first; folders that hold none, or one that cannot be read, are left out.
  public static func all(in folder: String) -> [RunOverview] {
    FileSystem.names(in: folder).compactMap { try? RunOverview(folder: folder + "/" + $0) }
      .sorted { ($0.created, $0.path) < ($1.created, $1.path) }
  }

  public init(folder: String) throws(RunFolderError) {
    let manifest = try RunManifest.read(folder: folder)
    path = absolutePath(folder)
    created = manifest.created
    isLive = RunLock.isHeld(folder: folder)
    epochs = manifest.configuration.epochs
    selection = manifest.configuration.selection
    let progress = Self.read(Progress.self, folder + "/checkpoints/last/state.json")
    epochsDone = progress?.epoch ?? 0
    // Larger is better for what chooses the best: a loss is kept with its sign turned.
    let sign = manifest.configuration.selection == .loss ? -1.0 : 1.0
    best = progress?.best.map { sign * $0.value }.flatMap { $0.isFinite ? $0 : nil }
    state = Self.declaredState(folder: folder) ?? (epochsDone >= epochs ? .finished : .crashed)
  }

  /// What `outcome.json` says of a run; nil where there is none, as of a run that is trained now, has crashed, or is of an
  /// earlier version.
  public static func declaredState(folder: String) -> State? {
    switch read(RunEnd.self, folder + "/" + RunEnd.fileName)?.outcome.exitCode {
    case 0: .finished
    case 75: .stopped
    case nil: nil
    default: .failed
    }
  }

  private static func read<Value: Decodable>(_ type: Value.Type, _ path: String) -> Value? {
    guard let bytes = try? readFile(path, limit: 1 << 20) else { return nil }
    return try? RunJSON.decode(type, from: bytes, path: path)
  }
}
