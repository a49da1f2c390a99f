/// The words of one split as its files have them, by their numbers: no more of a corpus's words than the split has.
struct SplitSpellings: Sendable {
  /// Ascending.
  private var numbers: [Int32] = []
  /// In the order of the numbers.
  private var strings = ByteStrings()

  init() {}

  init(_ words: [Int32], _ table: StringTable) {
    numbers = Set(words).sorted()
    for number in numbers { table.strings.withBytes(of: Int(number)) { strings.append($0) } }
  }

  /// The first words of a table: those of the split that was read first.
  init(first count: Int, of table: StringTable) {
    numbers = Array(0..<Int32(count))
    for number in 0..<count { table.strings.withBytes(of: number) { strings.append($0) } }
  }

  func words(ofRow row: Int, of split: EncodedSplit) -> [String] {
    split.words[split.wordStarts[row]..<split.wordStarts[row + 1]].map { word($0) }
  }

  private func word(_ number: Int32) -> String {
    var range = 0..<numbers.count
    while range.count > 1 {
      let middle = range.lowerBound + range.count / 2
      range = numbers[middle] <= number ? middle..<range.upperBound : range.lowerBound..<middle
    }
    guard let place = range.first, numbers[place] == number else {
      preconditionFailure("Every word of a split is kept.")
    }
    return strings.string(place)
  }
}
