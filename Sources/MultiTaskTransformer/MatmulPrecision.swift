/// Number format of the encoder's matrix products.
public enum MatmulPrecision: String, Codable, Hashable, Sendable {
  case f32
  /// Factors in bfloat16, sums in float32. Weights, their gradients, row operations and both heads stay in float32.
  case bf16
}
