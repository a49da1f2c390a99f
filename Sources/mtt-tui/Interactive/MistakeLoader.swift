import Dispatch
import RunFolder
import TrainingEvents

/// Reads the mistakes of evaluations from a run's folder without holding up the screen, one evaluation at a time.
@MainActor
final class MistakeLoader {
  private static let disk = DispatchQueue(label: "mistakes")
  private(set) var isReading = false

  /// What was read: nil where none are kept, or why they cannot be read, as a sentence.
  typealias Answer = Result<EvaluationMistakes?, RunFolderError>

  func read(step: Int, ofRunIn folder: String, then: @escaping @MainActor (Answer) -> Void) {
    isReading = true
    Self.disk.async { @Sendable in
      let answer = Answer { () throws(RunFolderError) in try MistakeStore(runFolder: folder).read(step: step) }
      DispatchQueue.main.async { @Sendable in
        MainActor.assumeIsolated {
          self.isReading = false
          then(answer)
        }
      }
    }
  }
}
