/// One of the tasks that a model learns together.
public enum ModelTask: String, Codable, Hashable, Sendable, CaseIterable {
  /// A class for each sentence.
  case sentence = "A"
  /// A tag for each word.
  case words = "B"

  /// What the names of its figures end with in files and tables, as in `loss_a`.
  public var suffix: String { self == .sentence ? "a" : "b" }
}

/// A value for each task.
@frozen public struct PerTask<Value> {
  public var sentence: Value
  public var words: Value

  @inlinable public init(_ sentence: Value, _ words: Value) {
    self.sentence = sentence
    self.words = words
  }

  /// One value for all tasks.
  @inlinable public static func all(_ value: Value) -> PerTask { PerTask(value, value) }

  /// Asks for the value of one task after the other.
  @inlinable public init<Failure: Error>(_ value: (ModelTask) throws(Failure) -> Value) throws(Failure) {
    sentence = try value(.sentence)
    words = try value(.words)
  }

  @inlinable public subscript(task: ModelTask) -> Value {
    get { task == .sentence ? sentence : words }
    // A setter would have an array copied whole for each element that is changed.
    _modify { if task == .sentence { yield &sentence } else { yield &words } }
  }

  @inlinable public func map<Result>(_ transform: (Value) -> Result) -> PerTask<Result> {
    PerTask<Result>(transform(sentence), transform(words))
  }
}

extension PerTask: Equatable where Value: Equatable {}
extension PerTask: Hashable where Value: Hashable {}
extension PerTask: Sendable where Value: Sendable {}
extension PerTask: BitwiseCopyable where Value: BitwiseCopyable {}

extension PerTask<Double> {
  /// The sum of the losses that exist, each times its task's value; nil where there is none.
  public func weightedSum(of losses: PerTask<Double?>) -> Double? {
    let terms = ModelTask.allCases.compactMap { task in losses[task].map { self[task] * $0 } }
    return terms.first.map { terms.dropFirst().reduce($0, +) }
  }
}
