import Glibc
import Paths
import RunFolder
import TextData
import Training
import TrainingEvents

/// `folds.json`: what a folder of folds is to hold, written before its first run; the runs themselves are in `fold-1` and
/// so on, whose folders tell how far they are.
struct FoldPlan: Codable, Hashable {
  static let fileName = "folds.json"

  var format = 1
  /// How many folds there are.
  var count: Int
  /// What all runs have in common, with absolute paths.
  var configuration: RunConfiguration

  init(_ count: Int, of configuration: RunConfiguration) {
    self.count = count
    self.configuration = configuration
    self.configuration.encoder = configuration.encoder.map { absolutePath($0) }
    let source = configuration.source.absolute(seed: configuration.seed)
    self.configuration.source =
      if case .folder(let path) = source { .files(train: [path], dev: [], test: []) } else { source }
  }

  /// A fold's run: the fold is what its model is tested on at the end.
  func configuration(ofFold number: Int, in folder: String) -> RunConfiguration {
    var own = configuration
    if case .files(let train, let dev, _) = own.source {
      own.source = .files(train: train, dev: dev, test: [HeldOutShare.fold(number, of: count)])
    }
    own.runDirectory = Self.folder(ofFold: number, in: folder)
    return own
  }

  static func folder(ofFold number: Int, in folder: String) -> String { "\(folder)/fold-\(number)" }

  /// Whether a folder is one of folds.
  static func isIn(_ folder: String) -> Bool { isThere(absolutePath(folder) + "/" + fileName) }

  static func read(_ folder: String) throws(RunFolderError) -> FoldPlan {
    let path = folder + "/" + fileName
    let plan = try RunJSON.decode(FoldPlan.self, from: readFile(path, limit: 16 << 20), path: path)
    guard plan.format == 1, plan.count > 1 else {
      throw RunFolderError(
        kind: .malformed, description: "\(path): has format \(plan.format); this version reads format 1")
    }
    return plan
  }

  /// Makes a new folder of folds; returns its absolute path.
  ///
  /// - Parameter folder: nil for one of its own below `runs`.
  func write(to folder: String?, name: String) throws(RunFolderError) -> String {
    var path: String
    if let folder {
      path = absolutePath(folder)
      guard !isThere(path + "/" + Self.fileName), !isThere(path + "/" + RunManifest.fileName) else {
        throw RunFolderError(
          kind: .cannotWrite,
          description: "\(path): already holds runs; go on with them by --resume \(folder), or name another folder")
      }
      try FileSystem.createFolders(path)
    } else {
      path = try RunFolder.claim(name: name, now: Double(time(nil)))
    }
    try FileSystem.writeAtomically(RunJSON.encode(self, pretty: true), to: path + "/" + Self.fileName)
    return path
  }
}
