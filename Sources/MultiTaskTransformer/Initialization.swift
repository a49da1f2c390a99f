import Glibc
import Kernels

/// The initial weights: normal with the configuration's deviation; LayerNorm's γ 1; biases and β 0.
///
/// Each tensor's numbers come from (seed, its place in the list), so that they do not depend on the others' sizes.
func initialize(_ parameters: FloatBuffer, _ layout: ParameterLayout, deviation: Float, seed: UInt64) {
  for (index, tensor) in layout.tensors.enumerated() {
    let values = UnsafeMutableBufferPointer(start: parameters.start + tensor.offset, count: tensor.count)
    if tensor.shape.count > 1 {
      var generator = NormalGenerator(seed: mixed(seed, UInt64(index) + 1))
      for position in values.indices { values[position] = deviation * generator.next() }
    } else {
      values.update(repeating: tensor.name.hasSuffix("LayerNorm.weight") ? 1 : 0)
    }
  }
}

/// Normally distributed numbers by Box and Muller's method from SplitMix64's.
private struct NormalGenerator {
  private var state: UInt64
  private var spare: Float?

  init(seed: UInt64) { state = seed }

  mutating func next() -> Float {
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

  private mutating func uniform() -> Double {
    state &+= 1
    return Double(mixed(state, 0x5DEE_CE66) >> 11) * 0x1p-53
  }
}
