import Testing

@testable import TextData

@Suite struct SpanValuesTests {
  private static let tags = ["O", "B-a", "I-a", "B-b", "I-b", "B-c"]
  private static let classes: [Int32] = [0, 1, 2, -100]

  /// Spans of few words, so that most values come again, in sentences of several classes and of none.
  private static let sentences: [(label: Int32, spans: [(type: Int16, words: [Int32])])] = {
    var chance = SplitMix64(seed: 5)
    return (0..<600).map { _ in
      let spans = (0..<chance.below(4)).map { _ in
        let type = Int16(chance.below(3))
        // The third type has no tag for later words; the second is rich in values.
        let words = (0..<(type == 2 ? 1 : 1 + chance.below(2))).map { _ in Int32(chance.below(type == 1 ? 40 : 3)) }
        return (type, words)
      }
      return (chance.pick(classes), spans)
    }
  }()

  private static let train: EncodedSplit = {
    var (words, tags, starts): ([Int32], [Int16], [Int]) = ([], [], [0])
    for sentence in sentences {
      for span in sentence.spans {
        words += [0] + span.words
        tags += [0, 1 + 2 * span.type] + [Int16](repeating: 2 + 2 * span.type, count: span.words.count - 1)
      }
      starts.append(words.count)
    }
    let table = StringTable((0..<40).map { "word\($0)" })
    let pieces = PieceTable(table, tokenizer: WordTokenizer(vocabulary: [], lowercase: false))
    return EncodedSplit(
      words: words, tags: tags, wordStarts: starts, classes: sentences.map(\.label), pieces: pieces, maxLength: 64)
  }()

  /// As a search through all sentences finds them.
  private static func distinct(_ type: Int16, _ label: Int32?) -> [[Int32]] {
    var found: [[Int32]] = []
    for sentence in sentences where label == nil || sentence.label == label {
      for span in sentence.spans where span.type == type && !found.contains(span.words) { found.append(span.words) }
    }
    return found
  }

  @Test(arguments: 0..<3, classes)
  func choicesAreTheDistinctValuesInOrder(type: Int, label: Int32) {
    let values = SpanValues(Self.train, SpanTypes(Self.tags))
    let own = label < 0 ? [] : Self.distinct(Int16(type), label)
    let expected = own.count >= 30 ? own : Self.distinct(Int16(type), nil)
    #expect(!expected.isEmpty)
    #expect((type == 1 && label >= 0) == (own.count >= 30), "one type alone is rich in each class")
    #expect(values.choices(of: Int16(type), in: label).map { Array(values[$0]) } == expected)
  }

  @Test func spansEndWhereAnotherTypeOrABeginningFollows() {
    let tags: [Int16] = [2, 2, 1, 4, 0, -100, 5, 5]
    var spans: [String] = []
    SpanTypes(Self.tags).forEachSpan(in: tags[...]) { spans.append("\($0) \($1)") }
    #expect(spans == ["0 0..<2", "0 2..<3", "1 3..<4", "2 6..<7", "2 7..<8"])
  }
}
