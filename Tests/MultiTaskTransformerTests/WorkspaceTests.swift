import Testing

@testable import MultiTaskTransformer

@Suite struct WorkspaceTests {
  /// Batches that grow by a sentence at a time have its memory made anew now and then, not each time.
  @Test func itGrowsInSteps() {
    let memory = PassMemory(
      oddShape, ParameterLayout(oddShape), precision: .f32, shares: 1, tokensPerShare: 1024, workers: 1,
      purpose: .training)
    var workspaces = 0
    var last: Workspace?
    for count in 1...300 {
      let batch = SampleBatch(
        SampleBatch.random(lengths: Array(repeating: 2, count: count), configuration: oddShape, seed: 1))
      memory.prepare(for: batch.packed)
      if memory.workspace !== last { workspaces += 1 }
      last = memory.workspace
    }
    #expect((10...40).contains(workspaces))
  }
}
