/// The labels of one task: those of train in the order of their bytes, then those only dev or test have.
struct LabelSet: Sendable {
  private(set) var seen: [String] = []
  private(set) var unseen: [String] = []
  /// Final number of every label by its number in the table; -1 for a label no row has.
  private(set) var numbers: [Int32]

  /// Numbers the labels of `table`, given which of them occur in train and which elsewhere.
  init(_ table: StringTable, inTrain: [Bool], elsewhere: [Bool]) {
    numbers = [Int32](repeating: -1, count: table.count)
    let all = (0..<table.count).map { table.string(Int32($0)) }
    let order = all.indices.filter { inTrain[$0] }.sorted { bytesPrecede(all[$0], all[$1]) }
    let extra = all.indices.filter { elsewhere[$0] && !inTrain[$0] }
    for (number, index) in (order + extra).enumerated() { numbers[index] = Int32(number) }
    seen = order.map { all[$0] }
    unseen = extra.map { all[$0] }
  }
}

extension SplitColumns {
  /// Replaces numbers by order of appearance with final ones.
  mutating func renumber(classes classSet: LabelSet, tags tagSet: LabelSet) {
    tags.withUnsafeMutableBufferPointer { column in
      for index in column.indices where column[index] >= 0 {
        column[index] = Int16(tagSet.numbers[Int(column[index])])
      }
    }
    classes.withUnsafeMutableBufferPointer { column in
      for index in column.indices where column[index] >= 0 {
        column[index] = classSet.numbers[Int(column[index])]
      }
    }
  }
}

/// Which of `count` labels occur in a column.
func occurring(in column: some Sequence<some BinaryInteger>, of count: Int) -> [Bool] {
  var occurs = [Bool](repeating: false, count: count)
  for label in column where label >= 0 { occurs[Int(label)] = true }
  return occurs
}
