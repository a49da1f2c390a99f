/// Something with what it follows from, so that it is made anew only where that is another one.
struct Derived<Source: Equatable & Sendable, Value: Sendable>: Sendable {
  private(set) var value: Value
  /// nil until it follows from anything.
  private var source: Source?

  init(_ value: Value) { self.value = value }

  /// Whether it is what follows from a source.
  func follows(_ source: Source) -> Bool { self.source == source }

  mutating func take(_ value: Value, from source: Source) { (self.value, self.source) = (value, source) }
}
