/// A named tensor: a value that can be written to or read from disk.
public struct NamedTensor: Sendable {
  /// Hugging Face's name, such as `encoder.layer.0.attention.self.query.weight`.
  public var name: String
  public var shape: [Int]
  /// Row-major.
  public var values: [Float]

  public init(name: String, shape: [Int], values: [Float]) {
    self.name = name
    self.shape = shape
    self.values = values
  }
}

/// Why tensors could not be loaded.
public struct ModelError: Error, CustomStringConvertible, Hashable {
  /// A sentence that names the tensor, what was found and what was expected.
  public var description: String

  public init(description: String) {
    self.description = description
  }
}
