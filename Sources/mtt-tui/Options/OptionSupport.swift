public import ArgumentParser
import RunOptions
public import TrainingEvents

/// What an option is when nobody gives it.
enum Defaults {
  static let run = RunConfiguration(preset: .standard)
}

/// Throws a sentence unless `value` lies in the range that training's option of this name has.
func check(_ name: String, _ value: Int) throws {
  guard let option = RunOption.all.first(where: { $0.name == name }) else {
    preconditionFailure("there is no option of training with the name \(name)")
  }
  if let fault = option.fault("\(value)") { throw ValidationError("\(fault).") }
}

/// Throws a sentence unless `value` is nil or lies in `range`.
func check<Value: Comparable>(_ name: String, _ value: Value?, in range: ClosedRange<Value>) throws {
  guard let value, !range.contains(value) else { return }
  throw ValidationError(
    "--\(name) is \(value), but must lie between \(range.lowerBound) and \(range.upperBound).")
}

extension Preset: ExpressibleByArgument {}
extension RunConfiguration.Optimizer: ExpressibleByArgument {}
extension RunConfiguration.Precision: ExpressibleByArgument {}
