internal import MultiTaskTransformer

/// Keys of a run's random choices, each a pure function of the seed and where in the run it is used, so that a resumed
/// run draws what the undisturbed one would have.
enum RunKeys {
  /// Fixes every dropout mask of a step, counted from 1.
  static func dropout(seed: UInt64, step: Int) -> UInt64 {
    mixed(mixed(seed ^ 0x6472_6F70_6F75_7421, 1) &+ UInt64(bitPattern: Int64(step)), 1)
  }
}
