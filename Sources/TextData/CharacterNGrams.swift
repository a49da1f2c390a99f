/// The character n-grams of each distinct word, hashed to rows of a table: what lets a model see into words it has
/// never met.
///
/// A word is taken as `<word>` with every digit as 0; its distinct n-grams of 3 to 5 characters (Unicode scalars) go to
/// row 1 + CRC-32 (of their UTF-8) mod (buckets − 1). Row 0 is never used.
struct NGramTable: Sendable {
  private static let sizes = 3...5

  /// Rows that a table made for so many sentences has at most: few sentences with very many words, such as tweets, meet
  /// most n-grams once and cannot learn a row for each.
  static func mostRows(sentences: Int) -> Int { max(20_000, 8 * sentences) }

  /// Rows, word after word.
  private(set) var rows: [Int32] = []
  /// Where each word's rows begin, one more than there are words; empty without n-grams.
  private(set) var starts: [Int32] = []
  /// Rows of the embedding table; 0 without n-grams.
  private(set) var buckets = 0

  /// No word has n-grams.
  init() {}

  /// - Parameters:
  ///   - buckets: rows of the embedding table, 0 for no n-grams; nil for two for every three distinct n-grams of the first
  ///     `trainWords` words. With far fewer rows too many share one; with more, the table grows and models get no better.
  ///   - trainWords: how many words the table is made for where `buckets` is nil.
  ///   - most: rows that it has at most then.
  init(_ words: StringTable, buckets: Int?, trainWords: Int = 0, most: Int = .max, lowercase: Bool) {
    guard buckets ?? 2 > 1 else { return }
    var checksums: [UInt32] = []
    starts = [0]
    starts.reserveCapacity(words.count + 1)
    for word in 0..<words.count {
      Self.forEachChecksum(of: word, in: words, lowercase: lowercase) { checksums.append($0) }
      starts.append(Int32(checksums.count))
    }
    let count = buckets ?? min(most, max(2, Set(checksums[..<Int(starts[trainWords])]).count * 2 / 3))
    self.buckets = count
    rows = checksums.map { 1 + Int32($0 % UInt32(count - 1)) }
  }

  var isEmpty: Bool { starts.isEmpty }

  func range(of word: Int32) -> Range<Int> { Int(starts[Int(word)])..<Int(starts[Int(word) + 1]) }

  private static func forEachChecksum(
    of word: Int, in words: StringTable, lowercase: Bool, _ body: (UInt32) -> Void
  ) {
    words.strings.withBytes(of: word) { bytes in
      if lowercase {
        withLowercased(bytes) { forEachChecksum(of: $0, body) }
      } else {
        forEachChecksum(of: bytes, body)
      }
    }
  }

  /// Calls `body` with the CRC-32 of each distinct n-gram of a word.
  private static func forEachChecksum(of word: UnsafeBufferPointer<UInt8>, _ body: (UInt32) -> Void) {
    var text: [UInt8] = [UInt8(ascii: "<")]
    // Where each character begins in `text`, and its end.
    var places = [0]
    for scalar in String(decoding: word, as: UTF8.self).unicodeScalars {
      places.append(text.count)
      if scalar.properties.numericType == .decimal {
        text.append(UInt8(ascii: "0"))
      } else {
        text.append(contentsOf: UTF8.encode(scalar) ?? Unicode.UTF8.encodedReplacementCharacter)
      }
    }
    places.append(text.count)
    text.append(UInt8(ascii: ">"))
    places.append(text.count)
    // Told apart by their checksums: two with the same one would share a row anyway.
    var seen: Set<UInt32> = []
    let characters = places.count - 1
    for size in sizes where size <= characters {
      for first in 0...(characters - size) {
        let checksum = crc32(text[places[first]..<places[first + size]])
        if seen.insert(checksum).inserted { body(checksum) }
      }
    }
  }
}

/// CRC-32 as zlib and PNG have it: polynomial 0xEDB88320 reflected, start and end complemented.
func crc32(_ bytes: some Sequence<UInt8>) -> UInt32 {
  var state = ~UInt32(0)
  for byte in bytes { state = crcTable[Int(UInt8(truncatingIfNeeded: state) ^ byte)] ^ (state >> 8) }
  return ~state
}

private let crcTable: [UInt32] = (0..<256).map { byte in
  (0..<8).reduce(UInt32(byte)) { state, _ in state & 1 == 1 ? 0xEDB8_8320 ^ (state >> 1) : state >> 1 }
}
