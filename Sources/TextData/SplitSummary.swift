/// What a split holds, in numbers.
struct SplitSummary: Hashable, Sendable {
  var sentences: Int
  var words: Int
  var classes: Int
  var tags: Int
  /// Spans of the tags, which are in IOB2 by now.
  var entities: Int

  init(_ columns: SplitColumns, _ table: TagTable, classes classCount: Int) {
    sentences = columns.count
    words = columns.words.count
    classes = occurring(in: columns.classes, of: classCount).count { $0 }
    tags = occurring(in: columns.tags, of: table.count).count { $0 }
    entities = 0
    guard !columns.tags.isEmpty else { return }
    for row in 0..<columns.count {
      var previous: Int32 = -1
      for position in columns.wordStarts[row]..<columns.wordStarts[row + 1] {
        let (prefix, type) = table.parts(columns.tags[position])
        if prefix == .begin || (prefix == .inside && previous != type) { entities += 1 }
        previous = type
      }
    }
  }

  /// `848 sentences, 9120 words, 17 classes, no tags`.
  var text: String {
    func some(_ count: Int, _ noun: String, _ plural: String) -> String {
      count == 0 ? "no \(plural)" : counted(count, noun, plural)
    }
    let entities = tags == 0 ? "" : ", \(some(entities, "entity", "entities"))"
    return "\(counted(sentences, "sentence")), \(counted(words, "word")), \(some(classes, "class", "classes")), "
      + "\(some(tags, "tag", "tags"))\(entities)"
  }

  /// What cannot be learned of train, for the log: a task without labels, or with one label alone.
  var whatIsMissing: [String] {
    [
      tags == 0 ? "Train has no tags: only sentence classes are trained." : nil,
      classes == 0 ? "Train has no sentence classes: only tags are trained." : nil,
      classes == 1 ? "Train has one class alone: there is nothing to learn about classes." : nil,
      tags > 0 && entities == 0 ? "Train has no entity: there is nothing to learn about tags." : nil,
    ].compactMap(\.self)
  }
}

/// A number a sentence that is equal for sentences of the same letters and digits, whatever their case, their
/// punctuation and their spacing: near-duplicates.
struct SentenceKeys {
  /// By word: its letters and digits in lower case, as a hash; 0 for a word without any.
  private var words: [UInt64] = []

  init(_ table: StringTable) {
    words.reserveCapacity(table.count)
    for word in 0..<table.count { words.append(table.strings.withBytes(of: word) { Self.key(of: $0) }) }
  }

  /// The key of each sentence of a split; of one without letters and digits it is made of its words.
  func keys(of columns: SplitColumns) -> [UInt64] {
    (0..<columns.count).map { row in
      let range = columns.words[columns.wordStarts[row]..<columns.wordStarts[row + 1]]
      var key: UInt64 = 0
      for word in range where words[Int(word)] != 0 { key = SplitMix64.mixed(key, words[Int(word)]) }
      if key == 0 { for word in range { key = SplitMix64.mixed(key, UInt64(word) + 1) } }
      return key
    }
  }

  /// The key of a sentence.
  static func key(of sentence: borrowing Sentence) -> UInt64 {
    var key: UInt64 = 0
    for index in 0..<sentence.words.count {
      let word = sentence.words.withBytes(of: index) { self.key(of: $0) }
      if word != 0 { key = SplitMix64.mixed(key, word) }
    }
    return key == 0 ? sentence.words.bytes.withUnsafeBufferPointer { xxHash64(UnsafeRawBufferPointer($0)) } : key
  }

  private static func key(of word: UnsafeBufferPointer<UInt8>) -> UInt64 {
    var letters: [UInt8] = []
    if word.allSatisfy({ $0 < 0x80 }) {
      for byte in word {
        switch byte {
        case 0x30...0x39, 0x61...0x7A: letters.append(byte)
        case 0x41...0x5A: letters.append(byte | 0x20)
        default: break
        }
      }
    } else {
      let text = word.text(word.indices).lowercased().unicodeScalars.filter {
        $0.properties.isAlphabetic || $0.properties.numericType != nil || $0.properties.isEmoji
      }
      letters = Array(String(String.UnicodeScalarView(text)).utf8)
    }
    return letters.isEmpty ? 0 : max(1, letters.withUnsafeBytes { xxHash64($0) })
  }
}
