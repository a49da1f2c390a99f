import MultiTaskTransformer
import TrainingEvents

/// Elements of every parameter to probe: all of a small tensor, a seeded selection of a large one.
///
/// Of the embedding tables only rows that the batch uses are probed; the others' gradients are exactly zero, which is
/// a test of its own.
func probes(
  _ configuration: ModelConfiguration, _ batch: SampleBatch, seed: UInt64, large: Int = 32, small: Int = 40
) -> [String: [Int]] {
  var generator = SeededGenerator(seed: seed)
  let hidden = configuration.hiddenSize
  var chosen: [String: [Int]] = [:]
  for (name, shape) in expectedParameters(configuration) {
    var candidates = Array(0..<shape.reduce(1, *))
    if name == "embeddings.word_embeddings.weight" {
      let used = Set(batch.real(batch.inputIDs).map { Int($0) })
      candidates = candidates.filter { used.contains($0 / hidden) }
    } else if name == "embeddings.ngram_embeddings.weight" {
      let used = Set(batch.nGrams.joined().map { Int($0) })
      candidates = candidates.filter { used.contains($0 / hidden) }
    } else if name == "embeddings.position_embeddings.weight" {
      candidates = candidates.filter { $0 / hidden < (batch.lengths.max() ?? 0) }
    }
    // Given, not learned.
    if name.hasPrefix("class_prior.") { candidates = [] }
    chosen[name] =
      candidates.count <= small ? candidates : Array(candidates.shuffled(using: &generator).prefix(large))
  }
  return chosen
}

/// Central differences of the losses' weighted sum at the chosen elements.
func numericGradient(
  _ reference: ReferenceModel, _ parameters: [String: [Double]], _ batch: SampleBatch, masks: ReferenceModel.Masks,
  weights: PerTask<Double>, at probes: [String: [Int]]
) -> [String: [Double]] {
  let step = 1e-5
  var moved = parameters
  func loss() -> Double {
    let outcome = reference.forward(moved, batch, masks: masks)
    return weights.sentence * outcome.losses.sentence + weights.words * outcome.losses.words
  }
  var gradient: [String: [Double]] = [:]
  for (name, indices) in probes {
    gradient[name] = indices.map { index in
      let start = moved[name]?[index] ?? .nan
      moved[name]?[index] = start + step
      let above = loss()
      moved[name]?[index] = start - step
      let below = loss()
      moved[name]?[index] = start
      return (above - below) / (2 * step)
    }
  }
  return gradient
}

/// ‖g − ĝ‖ / ‖ĝ‖ of every tensor in `expected`, by name.
///
/// A key's bias adds the same number to all scores of a query, which softmax does not see: its gradient is zero but for
/// rounding. It is measured against the query bias's gradient instead.
func relativeErrors(_ actual: [String: [Double]], _ expected: [String: [Double]]) -> [String: Double] {
  let tiny = 1e-7
  var errors: [String: Double] = [:]
  for (name, wanted) in expected {
    guard let found = actual[name], found.count == wanted.count else {
      errors[name] = .infinity
      continue
    }
    let difference = norm(zip(found, wanted).map { $0 - $1 })
    let yardstick =
      name.hasSuffix("key.bias") ? expected[name.replacingSuffix("key.bias", by: "query.bias")] ?? wanted : wanted
    errors[name] = difference / max(norm(yardstick), tiny)
  }
  return errors
}

func norm(_ values: [Double]) -> Double {
  values.reduce(0) { $0 + $1 * $1 }.squareRoot()
}

extension String {
  fileprivate func replacingSuffix(_ suffix: String, by replacement: String) -> String {
    hasSuffix(suffix) ? dropLast(suffix.count) + replacement : self
  }
}
