internal import Distributed
internal import MultiTaskTransformer

extension Letters {
  func send(_ tensor: NamedTensor, to rank: Int) throws(DistributedError) {
    try send(tensor.values.withUnsafeBytes { Array($0) }, to: rank)
  }

  /// Tensors as another process has them, in the place of some of the same names and shapes.
  func receive(_ tensors: [NamedTensor], from rank: Int) throws(DistributedError) -> [NamedTensor] {
    var tensors = tensors
    for index in tensors.indices {
      let bytes = try receive(from: rank)
      guard bytes.count == 4 * tensors[index].values.count else {
        throw DistributedError(description: "Rank \(rank) sent another tensor than \(tensors[index].name).")
      }
      tensors[index].values = bytes.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
    }
    return tensors
  }
}

extension RunFailure {
  /// The result of `body`, whose error becomes a failure of the run.
  static func converting<Value>(_ body: () throws(DistributedError) -> Value) throws(RunFailure) -> Value {
    do throws(DistributedError) {
      return try body()
    } catch {
      throw RunFailure(exitCode: 70, error.description)
    }
  }
}
