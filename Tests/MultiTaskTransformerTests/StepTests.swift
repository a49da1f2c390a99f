import Kernels
import Testing
import TrainingEvents

@testable import MultiTaskTransformer

/// The phases of a step, with others than the plain ones in them.
@Suite struct StepTests {
  private func ensemble(_ shape: ModelConfiguration, parts: Int = 1, threads: Int = 2) throws -> ModelEnsemble {
    let ensemble = ModelEnsemble(
      configuration: shape, tagConstraints: nil, seed: 3, threads: threads, shares: 2, parts: parts)
    for member in ensemble.members { try member.load(parameters: lively(shape, seed: 4)) }
    return ensemble
  }

  private func step(_ batch: PackedBatch, key: UInt64, balancer: any Balancer = FixedWeights(PerTask(1, 0.5))) -> Step {
    Step(batch, dropoutKey: key, balancer: balancer, learningRate: 1e-3, weightDecay: 0.01, clip: 0.5)
  }

  /// One of two processes that share a batch's parts; what the other made of its parts is known beforehand.
  private struct Half: Communicator {
    var rank: Int
    var words: [UInt64]
    var runs: [[Float]]
    var processCount: Int { 2 }
    var sharesMembers: Bool { false }

    func exchange(
      _ words: [UInt64], state: UInt64, adding runs: [UnsafeMutableBufferPointer<Float>], _ team: ThreadTeam
    ) -> [[UInt64]] {
      for (run, others) in zip(runs, self.runs) {
        for index in run.indices { run[index] += others[index] }
      }
      return rank == 0 ? [words, self.words] : [self.words, words]
    }
  }

  /// Two processes that each make the gradients of half of the parts take the step of one that makes all, in every bit.
  @Test(arguments: [oddShape, optionalShape], [2, 4, 8])
  func processesMakeOnesStep(shape: ModelConfiguration, parts: Int) throws {
    let all = [try ensemble(shape, parts: parts), try ensemble(shape, parts: parts), try ensemble(shape, parts: parts)]
    for (index, sample) in trainingBatches(shape, count: 3).enumerated() {
      let batch = sample.packed
      let made = [0..<parts / 2, parts / 2..<parts].map { own in
        let model = all[2].members[0]
        let outcomes = model.makeGradients(
          batch, parts: own, weights: PerTask(1, 0.5), dropoutKey: UInt64(index), into: model.secondGradientSet)
        return (
          outcomes.flatMap(\.words) + model.margins.words,
          model.trainedRuns(of: model.secondGradientSet).map { Array($0) }
        )
      }
      let expected = step(batch, key: UInt64(index)).run(on: all[2])
      for rank in 0...1 {
        let half = Half(rank: rank, words: made[1 - rank].0, runs: made[1 - rank].1)
        #expect(step(batch, key: UInt64(index)).run(on: all[rank], with: half) == expected)
        #expect(all[rank].labelMargins == all[2].labelMargins)
      }
    }
    #expect(differences(bits(all[0].members[0]), bits(all[2].members[0])) == [])
    #expect(differences(bits(all[1].members[0]), bits(all[2].members[0])) == [])
  }

  /// Parts change the order of sums, and with it nothing but rounding; the number of threads does not even change that.
  @Test(arguments: [oddShape, optionalShape]) func partsChangeRoundingOnly(shape: ModelConfiguration) throws {
    let (one, four) = (try ensemble(shape), try ensemble(shape, parts: 4))
    let threaded = try ensemble(shape, parts: 4, threads: 1)
    let batch = trainingBatches(shape, count: 1)[0].packed
    let outcomes = [one, four, threaded].map { step(batch, key: 7).run(on: $0) }
    #expect(outcomes[1] == outcomes[2])
    #expect(differences(bits(four.members[0]), bits(threaded.members[0])) == [])
    #expect(outcomes[0].batch.counts == outcomes[1].batch.counts)
    #expect(outcomes[0].batch.correct[.words] == outcomes[1].batch.correct[.words])
    #expect(abs(outcomes[0].loss - outcomes[1].loss) < 1e-6 * outcomes[0].loss)
    for (name, error) in relativeErrors(four.members[0].gradients().byName, one.members[0].gradients().byName)
    where !name.hasSuffix("key.bias") {
      #expect(error < 1e-4, "\(name): \(error)")
    }
    #expect(differences(bits(one.members[0]), bits(four.members[0])) != [])
  }

  @Test func partsAddUpAsABalancedTree() throws {
    let model = try ensemble(oddShape, parts: 4).members[0]
    let batch = trainingBatches(oddShape, count: 1)[0].packed
    func values(_ parts: Range<Int>) -> [Float] {
      _ = model.makeGradients(
        batch, parts: parts, weights: PerTask(1, 1), dropoutKey: 3, into: model.secondGradientSet)
      return model.trainedRuns(of: model.secondGradientSet).flatMap { Array($0) }
    }
    let part = (0..<4).map { values($0..<$0 + 1) }
    let tree = values(0..<4)
    #expect(tree.indices.allSatisfy { tree[$0] == (part[0][$0] + part[1][$0]) + (part[2][$0] + part[3][$0]) })
    #expect(tree.indices.contains { tree[$0] != ((part[0][$0] + part[1][$0]) + part[2][$0]) + part[3][$0] })
  }

  /// Wants the tasks' gradients by themselves and adds them up.
  private struct Adding: Balancer {
    var weights = PerTask(1.0, 0.5)
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
