public import ArgumentParser
public import TrainingEvents

/// What an option is when nobody gives it.
enum Defaults {
  static let run = RunConfiguration(preset: .standard)
}

/// Throws a sentence unless `value` is nil or lies in the range that the option has.
func check(_ name: String, _ value: Int?) throws {
  if let fault = value.flatMap({ NumberOption.fault(name, $0) }) { throw ValidationError("--\(fault).") }
}

/// The same of an option of any numbers.
func check(_ name: String, _ value: Double?) throws {
  if let fault = value.flatMap({ NumberOption.fault(name, $0) }) { throw ValidationError("--\(fault).") }
}

/// Throws a sentence unless `value` is nil or lies in `range`.
func check<Value: Comparable>(_ name: String, _ value: Value?, in range: ClosedRange<Value>) throws {
  guard let value, !range.contains(value) else { return }
  throw ValidationError(
    "--\(name) is \(value), but must lie between \(range.lowerBound) and \(range.upperBound).")
}

/// Replaces a default by what was given.
func set<Value>(_ target: inout Value, _ given: Value?) {
  if let given { target = given }
}

extension Preset: ExpressibleByArgument {}
extension RunConfiguration.Tokenization: ExpressibleByArgument {}
extension RunConfiguration.Normalization: ExpressibleByArgument {}
extension RunConfiguration.Positions: ExpressibleByArgument {}
extension RunConfiguration.SentencePooling: ExpressibleByArgument {}
extension RunConfiguration.ClassWeights: ExpressibleByArgument {}
extension RunConfiguration.TagLoss: ExpressibleByArgument {}
extension RunConfiguration.Schedule: ExpressibleByArgument {}
extension RunConfiguration.Optimizer: ExpressibleByArgument {}
extension RunConfiguration.Precision: ExpressibleByArgument {}
extension RunConfiguration.Selection: ExpressibleByArgument {}
