/// The words that train has in spans: the distinct values of each type, and of each type in sentences of each class.
struct SpanValues: Sendable {
  /// Distinct values from which a class is rich enough in a type to go without those of other classes.
  private static let enough = 30

  private struct Place: Hashable {
    var type: Int16
    var sentenceClass: Int32
  }

  /// Runs of `words`, in order of appearance; those of all sentences where the class is none.
  private var values: [Place: [Range<Int>]] = [:]
  /// The words of every value of a type, one behind the other.
  private var words: [Int32] = []

  /// No values.
  init() {}

  init(_ train: EncodedSplit, _ types: SpanTypes) {
    guard !train.tagColumn.isEmpty else { return }
    // Most values come again and again, most of them in sentences of the class where they were last: such a one costs no
    // more than finding its number.
    var numbers = StringTable()
    var runs: [Range<Int>] = []
    var lastClasses: [Int32] = []
    /// A value's number above a class that it was seen in.
    var seen: Set<UInt64> = []
    var key: [Int32] = []
    for row in 0..<train.count {
      let sentenceClass = train.classes[row]
      types.forEachSpan(in: train.tagColumn[train.wordStarts[row]..<train.wordStarts[row + 1]]) { type, span in
        key.removeAll(keepingCapacity: true)
        key.append(Int32(type))
        key += train.words[span]
        let number = Int(
          key.withUnsafeBytes { $0.withMemoryRebound(to: UInt8.self) { numbers.intern($0) } })
        if number == runs.count {
          runs.append(words.count..<words.count + span.count)
          words += train.words[span]
          lastClasses.append(ignoredLabel)
          values[Place(type: type, sentenceClass: ignoredLabel), default: []].append(runs[number])
        }
        guard sentenceClass != lastClasses[number], sentenceClass != ignoredLabel else { return }
        lastClasses[number] = sentenceClass
        if seen.insert(UInt64(number) << 32 | UInt64(UInt32(bitPattern: sentenceClass))).inserted {
          values[Place(type: type, sentenceClass: sentenceClass), default: []].append(runs[number])
        }
      }
    }
  }

  /// What a span of a type may become in sentences of a class, as places of words.
  func choices(of type: Int16, in sentenceClass: Int32) -> [Range<Int>] {
    let own = values[Place(type: type, sentenceClass: sentenceClass)] ?? []
    return own.count >= Self.enough ? own : values[Place(type: type, sentenceClass: ignoredLabel)] ?? []
  }

  subscript(choice: Range<Int>) -> ArraySlice<Int32> { words[choice] }
}
