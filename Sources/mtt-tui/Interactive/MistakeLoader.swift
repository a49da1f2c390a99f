import Dispatch
import RunFolder
import TrainingEvents

/// Reads the mistakes of evaluations, and the suspects, from a run's folder without holding up the screen, one file at a
/// time.
@MainActor
final class MistakeLoader {
  private static let disk = DispatchQueue(label: "mistakes")
  private(set) var isReading = false

  /// What was read: nil where none are kept, or why they cannot be read, as a sentence.
  typealias Answer = Result<EvaluationMistakes?, RunFolderError>

  /// - Parameter step: the evaluation's; nil for the suspects.
  func read(step: Int?, ofRunIn folder: String, then: @escaping @MainActor (Answer) -> Void) {
    isReading = true
    Self.disk.async { @Sendable in
      let answer = Answer { () throws(RunFolderError) in
        let store = MistakeStore(runFolder: folder)
        return if let step { try store.read(step: step) } else { try store.readSuspects() }
      }
      DispatchQueue.main.async { @Sendable in
        MainActor.assumeIsolated {
          self.isReading = false
          then(answer)
        }
      }
    }
  }
}
