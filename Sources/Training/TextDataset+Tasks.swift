internal import TextData
internal import TrainingEvents

extension TextDataset {
  /// A task's labels; none for a task that the data lack.
  func labels(_ task: ModelTask) -> [String] { task == .sentence ? sentenceClasses : tags }
}
