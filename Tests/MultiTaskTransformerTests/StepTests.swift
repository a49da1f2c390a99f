import Kernels
import Testing

@testable import MultiTaskTransformer

/// The phases of a step, with others than the plain ones in them.
@Suite struct StepTests {
  private func ensemble(_ shape: ModelConfiguration) throws -> ModelEnsemble {
    let ensemble = ModelEnsemble(configuration: shape, tagConstraints: nil, seed: 3, threads: 2, shares: 2)
    for member in ensemble.members { try member.load(parameters: lively(shape, seed: 4)) }
    return ensemble
  }

  private func step(_ batch: PackedBatch, key: UInt64, balancer: any Balancer = FixedWeights(1, 0.5)) -> Step {
    Step(batch, dropoutKey: key, balancer: balancer, learningRate: 1e-3, weightDecay: 0.01, clip: 0.5)
  }

  /// One of two processes, each with half of the batch's sentences.
  private struct Half: Communicator {
    /// Of the whole batch.
    var counts: LabelCounts
    var rows: [Int32]
    var other: (outcome: BatchOutcome, gradients: GradientSet)?

    func allReduce(_ counts: LabelCounts) -> LabelCounts { self.counts }
    func union(_ rows: [Int32]) -> [Int32] { self.rows }
    func allReduce(_ gradients: GradientSet) {
      if let other { gradients.add(other.gradients) }
    }
    func allReduce(_ outcome: BatchOutcome) -> BatchOutcome {
      guard let other else { return outcome }
      var sum = outcome
      sum.lossA += other.outcome.lossA
      sum.lossB += other.outcome.lossB
      sum.correctA += other.outcome.correctA
      sum.correctB += other.outcome.correctB
      return sum
    }
  }

  /// Two processes that exchange what they made of their halves take the steps of one that has the whole batch, and
  /// stay equal to each other in every bit.
  @Test(arguments: [oddShape, optionalShape]) func halvesMakeTheWholeBatchsStep(shape: ModelConfiguration) throws {
    let whole = try ensemble(shape)
    let halves = [try ensemble(shape), try ensemble(shape)]
    for (index, sample) in trainingBatches(shape, count: 3).enumerated() {
      let batch = sample.packed
      let parts = [0..<2, 2..<batch.sentenceCount].map { PackedBatch(batch, sentences: $0) }
      var touched = TouchedRows(rowCount: halves[0].members[0].layout.rowCount)
      touched.collect(batch, shape)
      let counts = halves[0].members[0].labelCounts(batch, weights: [])
      let apart = zip(halves, parts).map { half, part in
        let model = half.members[0]
        let outcome = model.forwardBackward(
          part, weightA: 1, weightB: 0.5, dropoutKey: UInt64(index), into: model.secondGradientSet,
          communicator: Half(counts: counts, rows: touched.rows))
        return (outcome: outcome, gradients: model.secondGradientSet)
      }
      let expected = step(batch, key: UInt64(index)).run(on: whole)
      for rank in 0...1 {
        var step = step(parts[rank], key: UInt64(index))
        step.communicator = Half(counts: counts, rows: touched.rows, other: apart[1 - rank])
        let outcome = step.run(on: halves[rank])
        #expect(abs(outcome.loss - expected.loss) < 1e-5)
        #expect(abs(outcome.gradientNorm - expected.gradientNorm) < 1e-4 * expected.gradientNorm)
        #expect(outcome.batch.correctB == expected.batch.correctB && outcome.batch.counts == expected.batch.counts)
      }
    }
    #expect(differences(bits(halves[0].members[0]), bits(halves[1].members[0])) == [])
    // A key's bias has no influence on the losses; Adam turns the rounding in its gradient into steps of any sign.
    for (name, error) in relativeErrors(halves[0].parameters().byName, whole.parameters().byName)
    where !name.hasSuffix("key.bias") {
      #expect(error < 1e-3, "\(name): \(error)")
    }
  }

  /// Wants the tasks' gradients by themselves and adds them up.
  private struct Adding: Balancer {
    var weightA = 1.0
    var weightB = 0.5
    var separatesTasks: Bool { true }
    func combine(_ gradients: [GradientSet]) { gradients[0].add(gradients[1]) }
  }

  @Test func separateGradientsAddUpToTheJointOne() throws {
    let (joint, separate) = (try ensemble(oddShape), try ensemble(oddShape))
    let batch = trainingBatches(oddShape, count: 1)[0].packed
    let expected = step(batch, key: 1).run(on: joint)
    let outcome = step(batch, key: 1, balancer: Adding()).run(on: separate)
    #expect(outcome.batch == expected.batch && outcome.loss == expected.loss)
    #expect(abs(outcome.gradientNorm - expected.gradientNorm) < 1e-5 * expected.gradientNorm)
    for (name, error) in relativeErrors(separate.members[0].gradients().byName, joint.members[0].gradients().byName)
    where !name.hasSuffix("key.bias") {
      #expect(error < 1e-4, "\(name): \(error)")
    }
  }

  @Test func oneMemberThatIsNotFiniteHoldsAllBack() throws {
    var shape = oddShape
    shape.members = 2
    let two = ModelEnsemble(configuration: shape, tagConstraints: nil, seed: 3, threads: 1, shares: 1)
    var tensors = two.members[1].parameters()
    let broken = try #require(tensors.firstIndex { $0.name == "encoder.layer.0.output.dense.weight" })
    tensors[broken].values[3] = .infinity
    try two.members[1].load(parameters: tensors)
    let before = bits(two.members[0])
    let outcome = step(trainingBatches(oddShape, count: 1)[0].packed, key: 1).run(on: two)
    #expect(!outcome.isApplied && !outcome.loss.isFinite)
    #expect(bits(two.members[0]) == before && two.optimizerStep == 0)
  }

  @Test func setsOfGradientsAreAddedRowByRow() {
    let team = ThreadTeam(count: 2)
    func set(_ rows: [Int32], _ values: [Float]) -> GradientSet {
      let set = GradientSet(denseCount: 3, hidden: 2)
      for index in 0..<3 { set.dense.start[index] = values[index] }
      set.use(rows: rows)
      for index in 0..<2 * rows.count { set.rowValues.start[index] = values[3 + index] }
      return set
    }
    let sum = set([7, 2], [1, 2, 3, 10, 20, 30, 40])
    sum.add(set([2, 9], [1, 1, 1, 1, 2, 3, 4]), times: -2)
    #expect(sum.dense.copy(0..<3) == [-1, 0, 1])
    #expect(sum.rows == [7, 2, 9])
    #expect(sum.rowValues.copy(0..<6) == [10, 20, 28, 36, -6, -8])
    sum.scale(by: 0.5)
    let all = GradientSet.Region(dense: [0..<1, 1..<3], includesRows: true)
    let values: [Double] = [-0.5, 0, 0.5, 5, 10, 14, 18, -3, -4]
    #expect(sum.norm(over: all, team) == values.reduce(0) { $0 + $1 * $1 }.squareRoot())
    let other = set([7, 2, 9], [1, 1, 2, 1, 1, 1, 1, 1, 1])
    #expect(sum.dot(other, over: all, team) == values.reduce(0, +) + values[2])
    #expect(sum.dot(other, over: GradientSet.Region(dense: [2..<3], includesRows: false), team) == 1)
  }
}
