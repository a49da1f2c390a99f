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

  /// The values of exactly the tensors expected, in their order.
  ///
  /// Throws a sentence that names every tensor that is missing, too many or of another shape or type, or the first one
  /// with a value that is not finite.
  func tensors(_ expected: [(name: String, shape: [Int])]) throws(RunFailure) -> [NamedTensor] {
    let faults = faults(expected)
    guard faults.isEmpty else {
      let shown = faults.prefix(Self.shownFaults).joined(separator: "; ")
      let rest = faults.count > Self.shownFaults ? "; and \(faults.count - Self.shownFaults) more" : ""
      throw RunFailure(exitCode: 65, "\(paths): does not fit its config.json: \(shown)\(rest)")
    }
    var tensors: [NamedTensor] = []
    for (name, _) in expected {
      if let place = places[name] { tensors.append(try tensor(name, place)) }
    }
    return tensors
  }

  /// The values of all tensors, for a model that finds out itself whether they fit it.
  func all() throws(RunFailure) -> [NamedTensor] {
    var tensors: [NamedTensor] = []
    for (name, place) in places { tensors.append(try tensor(name, place)) }
    return tensors
  }

  private func tensor(_ name: String, _ place: Place) throws(RunFailure) -> NamedTensor {
    let values = try RunFailure.converting { () throws(RunFolderError) in try place.file.floats(place.entry) }
    if let index = firstNonFinite(values) {
      throw RunFailure(
        exitCode: 65,
        "\(place.file.path): tensor \(place.entry.name) holds \(values[index]) at place \(index): with weights that are no"
          + " finite numbers nothing can be computed; take another checkpoint or an undamaged file")
    }
    return NamedTensor(name: name, shape: place.entry.shape, values: values)
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
      } else if entry.type != .f32 {
        faults.append("\(name) is \(entry.type.rawValue) where F32 is expected")
      }
    }
    return faults + rest.sorted().map { "\($0) is no tensor of this shape" }
  }

  private func firstNonFinite(_ values: [Float]) -> Int? {
    // Over all bits first, which is many times as fast as number by number.
    let largest = values.withUnsafeBufferPointer { buffer in
      var largest: UInt32 = 0
      for value in buffer { largest = max(largest, value.bitPattern & 0x7FFF_FFFF) }
      return largest
    }
    return largest < Float.infinity.bitPattern ? nil : values.firstIndex { !$0.isFinite }
  }
}
