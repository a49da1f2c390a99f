import Glibc
import Kernels

/// The initial weights.
///
/// Each number comes from (seed, its tensor's place in the list, its place in the tensor), so that neither the others'
/// sizes nor the workers matter.
func initialize(
  _ parameters: FloatBuffer, _ layout: ParameterLayout, _ configuration: ModelConfiguration, seed: UInt64,
  _ team: ThreadTeam
) {
  // An even number each: normal numbers come in pairs.
  let pieces = layout.tensors.indices.flatMap { index in
    stride(from: 0, to: layout.tensors[index].count, by: 1 << 16).map { (tensor: index, start: $0) }
  }
  team.run(tasks: pieces.count) { task, _ in
    let (index, start) = pieces[task]
    let tensor = layout.tensors[index]
    let values = UnsafeMutableBufferPointer(
      start: parameters.start + tensor.offset + start, count: min(1 << 16, tensor.count - start))
    var generator = InitialNumbers(seed: mixed(seed, UInt64(index) + 1), after: start)
    switch tensor.initial {
    case .normal:
      for position in values.indices { values[position] = configuration.initializerRange * generator.normal() }
    case .xavier:
      let limit = (6 / Float(tensor.shape.reduce(0, +))).squareRoot()
      for position in values.indices { values[position] = limit * Float(2 * generator.uniform() - 1) }
    case .zeros, .given: values.update(repeating: 0)
    case .ones: values.update(repeating: 1)
    }
  }
  if configuration.neighbourHeads { pointHeadsAtNeighbours(parameters, layout, configuration) }
}

/// Makes head 0 and head 1 of each layer start out looking at the token before and after.
///
/// Positions become waves P[t, 2k] = a·sin(f_k t), P[t, 2k+1] = a·cos(f_k t); a head's query turns the wave's phase by
/// one step, so that it matches the neighbour's key. They stay ordinary weights that are learned.
private func pointHeadsAtNeighbours(
  _ parameters: FloatBuffer, _ layout: ParameterLayout, _ configuration: ModelConfiguration
) {
  guard let position = layout.embeddings.position, configuration.headCount > 1 else { return }
  let hidden = configuration.hiddenSize
  let headSize = hidden / configuration.headCount
  let amplitude = 0.07
  let gain: Float = 1.3
  func frequency(_ pair: Int) -> Double {
    let golden = Double(pair + 1) * 0.6180339887
    return Double.pi * (golden - golden.rounded(.down))
  }
  for row in 0..<configuration.maxPositions {
    for pair in 0..<hidden / 2 {
      let place = parameters.start + position + row * hidden + 2 * pair
      place[0] = Float(amplitude * sin(frequency(pair) * Double(row)))
      place[1] = Float(amplitude * cos(frequency(pair) * Double(row)))
    }
  }
  for subLayer in layout.subLayers {
    guard case .attention(let attention) = subLayer.function else { continue }
    let query = parameters.start + attention.queryKeyValue.weight
    let key = query + hidden * hidden
    for (head, offset) in [(0, -1.0), (1, 1.0)] {
      for index in head * headSize * hidden..<(head + 1) * headSize * hidden {
        query[index] *= 0.3
        key[index] *= 0.3
      }
      for pair in 0..<headSize / 2 {
        let (cosine, sine) = (
          Float(cos(offset * frequency(pair))), Float(sin(offset * frequency(pair)))
        )
        let even = (head * headSize + 2 * pair) * hidden + 2 * pair
        let odd = even + hidden
        query[even] += gain * cosine
        query[even + 1] += gain * sine
        query[odd] -= gain * sine
        query[odd + 1] += gain * cosine
        key[even] += gain
        key[odd + 1] += gain
      }
    }
  }
}

/// Random numbers from SplitMix64's; normal ones by Box and Muller's method.
private struct InitialNumbers {
  private var state: UInt64
  private var spare: Float?

  /// Goes on after so many numbers, an even count.
  init(seed: UInt64, after count: Int) { state = seed &+ UInt64(count) }

  mutating func normal() -> Float {
    if let spare {
      self.spare = nil
      return spare
    }
    // In (0, 1], so that the logarithm is finite.
    let radius = (-2 * log(1 - uniform())).squareRoot()
    let angle = 2 * Double.pi * uniform()
    spare = Float(radius * sin(angle))
    return Float(radius * cos(angle))
  }

  /// In 0..<1.
  mutating func uniform() -> Double {
    state &+= 1
    return Double(mixed(state, 0x5DEE_CE66) >> 11) * 0x1p-53
  }
}
