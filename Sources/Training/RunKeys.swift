/// Keys of a run's random choices, each a pure function of the seed and where in the run it is used, so that a resumed
/// run draws what the undisturbed one would have.
enum RunKeys {
  /// Fixes every dropout mask of a step, counted from 1.
  static func dropout(seed: UInt64, step: Int) -> UInt64 {
    mix(mix(seed ^ 0x6472_6F70_6F75_7421) &+ UInt64(bitPattern: Int64(step)))
  }

  /// SplitMix64's finalizer: every bit of the result depends on every bit of the value.
  private static func mix(_ value: UInt64) -> UInt64 {
    var z = value &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
