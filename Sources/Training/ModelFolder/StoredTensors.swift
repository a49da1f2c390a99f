internal import MultiTaskTransformer
internal import RunFolder

/// The tensors of a model's folder by the names that the model gives them.
struct StoredTensors {
  private struct Place {
    var file: SafetensorsFile
    var entry: TensorEntry
  }

  /// Faults that are named one by one.
  private static let shownFaults = 8

  private let paths: String
  private var places: [String: Place] = [:]
  /// Tensors that the model has no use for, by their names in the files.
  private(set) var leftOut: [String] = []

  /// Reads the files' headers.
  ///
  /// - Parameter name: the model's name for a tensor of a file; nil for one that it has no use for.
  init(_ checkpoint: Checkpoint, files: [String], naming name: (String) -> String?) throws(RunFailure) {
    paths = files.map { checkpoint.path + "/" + $0 }.joined(separator: " and ")
    for fileName in files {
      let file = try RunFailure.converting { () throws(RunFolderError) in try checkpoint.tensors(fileName) }
      for entry in file.entries {
        guard let name = name(entry.name) else {
          leftOut.append(entry.name)
          continue
        }
        if let other = places.updateValue(Place(file: file, entry: entry), forKey: name) {
          throw RunFailure(
            exitCode: 65,
            "\(file.path): the tensors \"\(other.entry.name)\" and \"\(entry.name)\" are the same one twice")
        }
      }
    }
  }

  func contains(where isMeant: (String) -> Bool) -> Bool { places.keys.contains(where: isMeant) }

  /// Throws a sentence that names every tensor that is missing, too many or of another shape or type than expected.
  func check(_ expected: [(name: String, shape: [Int])]) throws(RunFailure) {
    let faults = faults(expected)
    guard !faults.isEmpty else { return }
    let shown = faults.prefix(Self.shownFaults).joined(separator: "; ")
    let rest = faults.count > Self.shownFaults ? "; and \(faults.count - Self.shownFaults) more" : ""
    throw RunFailure(exitCode: 65, "\(paths): does not fit its config.json: \(shown)\(rest)")
  }

  /// The values of exactly the tensors expected, in their order.
  func tensors(_ expected: [(name: String, shape: [Int])]) throws(RunFailure) -> [NamedTensor] {
    try check(expected)
    return try tensors(named: expected.map(\.name))
  }

  /// The values of all tensors, for a model that finds out itself whether they fit it.
  func all() throws(RunFailure) -> [NamedTensor] { try tensors(named: places.keys.sorted()) }

  private func tensors(named names: [String]) throws(RunFailure) -> [NamedTensor] {
    var tensors: [NamedTensor] = []
    for name in names {
      guard let entry = places[name]?.entry else { continue }
      var failure: RunFailure?
      let values = [Float](unsafeUninitializedCapacity: entry.count) { buffer, count in
        do throws(RunFailure) {
          try read(name, into: UnsafeMutableBufferPointer(rebasing: buffer[..<entry.count]))
          count = entry.count
        } catch {
          failure = error
        }
      }
      if let failure { throw failure }
      tensors.append(NamedTensor(name: name, shape: entry.shape, values: values))
    }
    return tensors
  }

  /// Reads a tensor's values into a buffer of as many; throws a sentence where one of them is not finite.
  func read(_ name: String, into buffer: UnsafeMutableBufferPointer<Float>) throws(RunFailure) {
    guard let place = places[name] else { return }
    try RunFailure.converting { () throws(RunFolderError) in try place.file.read(place.entry, into: buffer) }
    if let index = Self.firstNonFinite(UnsafeBufferPointer(buffer)) {
      throw RunFailure(
        exitCode: 65,
        "\(place.file.path): tensor \(place.entry.name) holds \(buffer[index]) at place \(index): with weights that are no"
          + " finite numbers nothing can be computed; take another checkpoint or an undamaged file")
    }
  }

  private func faults(_ expected: [(name: String, shape: [Int])]) -> [String] {
    var faults: [String] = []
    var rest = Set(places.keys)
    for (name, shape) in expected {
      rest.remove(name)
      guard let entry = places[name]?.entry else {
        faults.append("\(name) \(shape) is missing")
        continue
      }
      if entry.shape != shape {
        faults.append("\(name) has the shape \(entry.shape) where config.json asks for \(shape)")
      } else if ![.f32, .f16, .bf16].contains(entry.type) {
        faults.append("\(name) is \(entry.type.rawValue) where F32, F16 or BF16 is expected")
      }
    }
    return faults + rest.sorted().map { "\($0) is no tensor of this shape" }
  }

  private static func firstNonFinite(_ values: UnsafeBufferPointer<Float>) -> Int? {
    // Over all bits first, which is many times as fast as number by number.
    var largest: UInt32 = 0
    for value in values { largest = max(largest, value.bitPattern & 0x7FFF_FFFF) }
    return largest < Float.infinity.bitPattern ? nil : values.firstIndex { !$0.isFinite }
  }
}
