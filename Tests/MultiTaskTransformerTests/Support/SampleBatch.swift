import MultiTaskTransformer

/// A batch as collation makes it: `count` rows of `length` positions, kept readable for the reference.
struct SampleBatch: Sendable {
  var count: Int
  var length: Int
  /// [count, length].
  var inputIDs: [Int32]
  /// [count, length].
  var attentionMask: [Int32]
  /// [count].
  var classes: [Int32]
  /// [count, length].
  var tags: [Int32]

  /// [count, length]: the hashed n-gram rows of each position.
  var nGrams: [[Int32]]

  /// One sentence: its tokens, its class, and as many tags as tokens; n-grams by token for models that use them.
  struct Sentence: Sendable {
    var ids: [Int32]
    var label: Int32
    var tags: [Int32]
    var nGrams: [[Int32]] = []
  }

  /// Pads the sentences to the longest plus `extraPadding` positions.
  init(_ sentences: [Sentence], extraPadding: Int = 0) {
    count = sentences.count
    length = (sentences.map(\.ids.count).max() ?? 0) + extraPadding
    classes = sentences.map(\.label)
    (inputIDs, attentionMask, tags, nGrams) = ([], [], [], [])
    for sentence in sentences {
      let padding = length - sentence.ids.count
      inputIDs += sentence.ids + Array(repeating: 0, count: padding)
      attentionMask += Array(repeating: 1, count: sentence.ids.count) + Array(repeating: 0, count: padding)
      tags += sentence.tags + Array(repeating: -100, count: padding)
      nGrams += sentence.nGrams + Array(repeating: [], count: length - sentence.nGrams.count)
    }
  }

  /// Sentences of the given lengths with random tokens 1..<vocabulary and labels, about a fifth of the tags -100.
  static func random(
    lengths: [Int], configuration: ModelConfiguration, seed: UInt64, vocabulary: Int? = nil
  ) -> [Sentence] {
    var generator = SeededGenerator(seed: seed)
    let tokens = Int32(vocabulary ?? configuration.vocabularySize)
    return lengths.map { length in
      Sentence(
        ids: (0..<length).map { _ in Int32.random(in: 1..<tokens, using: &generator) },
        label: Int32.random(in: 0..<Int32(configuration.sentenceClassCount), using: &generator),
        tags: (0..<length).map { _ in
          Int.random(in: 0..<5, using: &generator) == 0
            ? -100 : Int32.random(in: 0..<Int32(configuration.tagCount), using: &generator)
        },
        nGrams: configuration.nGramBuckets == 0
          ? []
          : (0..<length).map { token in
            // None for the first token, as for [CLS]; sometimes the same row twice.
            (0..<(token == 0 ? 0 : Int.random(in: 0...4, using: &generator))).map { _ in
              Int32.random(in: 0..<Int32(configuration.nGramBuckets), using: &generator)
            }
          })
    }
  }

  var packed: PackedBatch {
    let hasGrams = nGrams.contains { !$0.isEmpty }
    return PackedBatch(
      count: count, length: length, inputIDs: inputIDs, attentionMask: attentionMask, taskALabels: classes,
      taskBLabels: tags,
      nGramStarts: hasGrams ? nGrams.reduce(into: [0]) { $0.append(($0.last ?? 0) + Int32($1.count)) } : [],
      nGrams: nGrams.flatMap { $0 })
  }

  /// Real tokens of each row.
  var lengths: [Int] {
    (0..<count).map { row in attentionMask[row * length..<(row + 1) * length].reduce(0) { $0 + Int($1) } }
  }

  /// The first `length` positions of a row.
  func sentence(_ row: Int, length: Int) -> Sentence {
    let range = row * self.length..<row * self.length + length
    return Sentence(
      ids: Array(inputIDs[range]), label: classes[row], tags: Array(tags[range]), nGrams: Array(nGrams[range]))
  }

  /// The value of every real position, row by row.
  func real(_ values: [Int32]) -> [Int32] {
    values.indices.filter { attentionMask[$0] == 1 }.map { values[$0] }
  }
}
