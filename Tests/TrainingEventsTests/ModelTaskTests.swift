import Testing

@testable import TrainingEvents

@Suite struct ModelTaskTests {
  /// A run adds to a sum of each word at each step: copying all sums for each of them took as long as training.
  @Test(arguments: ModelTask.allCases)
  func anElementOfATasksArrayIsChangedInPlace(_ task: ModelTask) {
    var values = PerTask(Array(1...3), Array(4...6))
    let place = values[task].withUnsafeBufferPointer(\.baseAddress)
    values[task][1] = 7
    #expect(values[task].withUnsafeBufferPointer(\.baseAddress) == place)
    #expect(values == (task == .sentence ? PerTask([1, 7, 3], [4, 5, 6]) : PerTask([1, 2, 3], [4, 7, 6])))
  }
}
