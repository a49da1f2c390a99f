/// Labels that are numbers: their names lie beside the data, in `<key>.names` or in Hugging Face's description.
struct NumberedLabels {
  private let path: String
  private var names: [String: LabelNames] = [:]
  private var keysWithoutNames: Set<String> = []

  /// - Parameter path: the file that has the numbers.
  init(path: String) { self.path = path }

  /// Whether the labels under a key have names.
  mutating func haveNames(_ key: String, _ report: inout ReadReport) throws(DataError) -> Bool {
    try names(for: key, &report).path != nil
  }

  /// The name of a tag, whose number alone says nothing.
  mutating func tag(_ number: Int, key: String, line: Int, _ report: inout ReadReport) throws(DataError) -> String {
    if let name = try name(of: number, key, line, &report) { return name }
    throw .malformed(
      path, line: line,
      "the tags are numbers and their names are unknown: write them to \(key).names beside the file, one a line")
  }

  /// The name of a class or of an entity's type; where there are no names, its number with a remark.
  ///
  /// - Parameter noun: `classes` or `labels`.
  mutating func label(
    _ number: Int, key: String, _ noun: String, line: Int, _ report: inout ReadReport
  ) throws(DataError) -> String {
    if let name = try name(of: number, key, line, &report) { return name }
    if keysWithoutNames.insert(key).inserted {
      report.remarks.append(
        "\(path):\(line): \(noun) are numbers without names (\(key).names beside the file would name them).")
    }
    return String(number)
  }

  private mutating func names(for key: String, _ report: inout ReadReport) throws(DataError) -> LabelNames {
    if let known = names[key] { return known }
    let found = try LabelNames(beside: path, key: key, &report)
    names[key] = found
    return found
  }

  private mutating func name(
    of number: Int, _ key: String, _ line: Int, _ report: inout ReadReport
  ) throws(DataError) -> String? {
    let known = try names(for: key, &report)
    guard let file = known.path else { return nil }
    guard known.names.indices.contains(number) else {
      throw .malformed(
        path, line: line, "\(number) in \"\(key)\", but \(file) has \(counted(known.names.count, "name"))")
    }
    return known.names[number]
  }
}
