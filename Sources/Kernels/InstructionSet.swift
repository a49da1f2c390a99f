import CKernels

/// The instructions that products and row operations are made of.
public enum InstructionSet {
  /// "avx512", "avx2" or "baseline": the best that the processor has and `variable` allows.
  public static var name: String { String(cString: mtt_instruction_set()) }

  /// The environment variable that names the best one that may be used.
  public static let variable = MTT_INSTRUCTION_SET_VARIABLE

  /// What is wrong with the variable, as a sentence; nil if nothing is.
  public static var problem: String? {
    mtt_unknown_instruction_set().map {
      "\(variable) is \(String(cString: $0)), but must be baseline, avx2 or avx512."
    }
  }
}
