import Glibc
import MultiTaskTransformer
import Testing
import TrainingEvents

/// AdamW against its formula.
@Suite struct OptimizerTests {
  /// Words 9... are in no batch of these.
  private func batches(_ count: Int) -> [SampleBatch] {
    trainingBatches(oddShape, count: count, rows: 3, vocabulary: 9)
  }

  @Test(arguments: [0, 0.5]) func everyStepIsAdamWs(clip: Double) throws {
    let model = MultiTaskModel(configuration: oddShape, seed: 1, threads: 1, shares: 2)
    for (step, batch) in (batches(5) + trainingBatches(oddShape, count: 3)).enumerated() {
      model.forwardBackward(batch.packed, weights: PerTask(1, 1), dropoutKey: UInt64(step))
      let norm = norm(model.gradients().flatMap { $0.values.map(Double.init) })
      #expect(abs(model.gradientNorm - norm) < 1e-6 * norm)
      let reference = ReferenceStep(
        number: step + 1, rate: 3e-3, decay: 0.1, scale: clip > 0 && norm > clip ? clip / norm : 1)
      let expected = reference.apply(model.parameters(), model.gradients(), model.optimizerState().moments)
      model.applyStep(learningRate: 3e-3, weightDecay: 0.1, clip: clip)
      for tensor in model.parameters() {
        // Rounding of the decayed value and of the update, whichever is larger.
        let errors = zip(tensor.values, expected[tensor.name] ?? []).map {
          abs(Double($0) - $1) / Double(max(abs($0), 3e-3).ulp)
        }
        let worst = try #require(errors.max())
        #expect(errors.count == tensor.values.count && worst <= 4, "\(tensor.name): \(worst) ulp")
      }
    }
  }

  /// One dense step of AdamW in float64 from float32 state.
  struct ReferenceStep {
    var number: Int
    var rate: Double
    var decay: Double
    /// What clipping multiplies gradients by.
    var scale: Double

    func apply(
      _ parameters: [NamedTensor], _ gradients: [NamedTensor], _ moments: [NamedTensor]
    ) -> [String: [Double]] {
      let (gradients, moments) = (gradients.byName, moments.byName)
      let correction1 = 1 - pow(0.9, Double(number))
      let correction2 = 1 - pow(0.999, Double(number))
      return parameters.byName.reduce(into: [:]) { result, entry in
        let (name, values) = entry
        let gradient = gradients[name] ?? []
        let (average, square) = (
          moments["optimizer.exp_avg." + name] ?? [], moments["optimizer.exp_avg_sq." + name] ?? []
        )
        result[name] = values.indices.map { index in
          let slope = gradient[index] * scale
          let first = (0.9 * average[index] + 0.1 * slope) / correction1
          let second = (0.999 * square[index] + 0.001 * slope * slope) / correction2
          let kept = values[index] * (decays(name) ? 1 - rate * decay : 1)
          return kept - rate * first / (second.squareRoot() + 1e-8)
        }
      }
    }
  }

  @Test func rowsOutOfUseAreUpdatedAsIfDense() throws {
    let looked = MultiTaskModel(configuration: oddShape, seed: 1, threads: 1, shares: 2)
    let unlooked = MultiTaskModel(configuration: oddShape, seed: 1, threads: 1, shares: 2)
    let everything = trainingBatches(oddShape, count: 4, seed: 55)
    // Rows get moments from the first batches, are out of use for forty steps, then return.
    let sequence = everything[..<2] + batches(40) + everything[2...]
    let word = "embeddings.word_embeddings.weight"
    var before: [Double] = []
    for (step, batch) in sequence.enumerated() {
      train(looked, batch, step: step)
      train(unlooked, batch, step: step)
      let table = try #require(looked.parameters().byName[word])
      // Decay and momentum move even the rows that the batch does not touch.
      let unused = 15 * oddShape.hiddenSize..<23 * oddShape.hiddenSize
      if step > 0, step < 12 { #expect(Array(table[unused]) != Array(before[unused]), "step \(step)") }
      before = table
    }
    #expect(differences(bits(looked), bits(unlooked)) == [])
  }

  @Test func rowsOutOfUseStayWithinOneUlpOfADenseStep() throws {
    let model = MultiTaskModel(configuration: oddShape, seed: 1, threads: 1, shares: 1)
    for (step, batch) in trainingBatches(oddShape, count: 2, seed: 55).enumerated() {
      train(model, batch, step: step)
    }
    let word = "embeddings.word_embeddings.weight"
    for (step, batch) in batches(12).enumerated() {
      model.forwardBackward(batch.packed, weights: PerTask(1, 1), dropoutKey: 5)
      let reference = ReferenceStep(number: step + 3, rate: 1e-3, decay: 0.05, scale: 1)
      let expected = try #require(
        reference.apply(model.parameters(), model.gradients(), model.optimizerState().moments)[word])
      model.applyStep(learningRate: 1e-3, weightDecay: 0.05, clip: 0)
      let table = try #require(model.parameters().first { $0.name == word }).values
      for index in 9 * oddShape.hiddenSize..<table.count {
        // Where value and update cancel, the ulp is the update's.
        let ulp = max(abs(table[index]), 1e-3).ulp
        #expect(abs(table[index] - Float(expected[index])) <= ulp, "element \(index)")
      }
    }
  }

  @Test func biasesAndLayerNormsDoNotDecay() {
    let model = MultiTaskModel(configuration: oddShape, seed: 1, threads: 1, shares: 1)
    var sentences = SampleBatch.random(lengths: [4], configuration: oddShape, seed: 1)
    sentences[0].label = -100
    sentences[0].tags = [-100, -100, -100, -100]
    let before = model.parameters().byName
    model.forwardBackward(SampleBatch(sentences).packed, weights: PerTask(1, 1), dropoutKey: nil)
    model.applyStep(learningRate: 0.1, weightDecay: 0.5, clip: 1)
    for (name, values) in model.parameters().byName {
      let factor = decays(name) ? 0.95 : 1
      for (found, start) in zip(values, before[name] ?? []) {
        #expect(abs(found - start * factor) <= 2e-7 * abs(start), "\(name)")
      }
    }
  }

  @Test func lazyRowsMoveOnlyWhenUsed() throws {
    var shape = oddShape
    shape.lazyEmbeddings = true
    let model = MultiTaskModel(configuration: shape, seed: 1, threads: 1, shares: 2)
    let word = "embeddings.word_embeddings.weight"
    for (step, batch) in batches(6).enumerated() {
      let before = try #require(model.parameters().first { $0.name == word }).values
      train(model, batch, step: step)
      let after = try #require(model.parameters().first { $0.name == word }).values
      let used = Set(batch.real(batch.inputIDs).map { Int($0) })
      for row in 0..<shape.vocabularySize {
        let range = row * shape.hiddenSize..<(row + 1) * shape.hiddenSize
        #expect((before[range] == after[range]) == !used.contains(row), "step \(step), row \(row)")
      }
    }
  }
}
