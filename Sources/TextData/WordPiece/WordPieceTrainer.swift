/// Makes a WordPiece vocabulary from words and their counts, as Hugging Face's WordPiece trainer does.
///
/// Every character seen is a piece, at a word's beginning and, where it occurs there, after it (`##`). Then the pair of
/// neighbouring pieces that occurs most often becomes a piece, again and again, until the vocabulary is full or no pair
/// occurs twice. Of equally frequent pairs the one whose bytes come first is taken, so the same words give the same
/// vocabulary.
struct WordPieceTrainer {
  private struct Pair: Hashable { var left: Int32, right: Int32 }

  private var pieces: [String]
  private var ids: [[UInt8]: Int32] = [:]
  /// Each distinct unit as pieces, and how often it occurs.
  private var units: [[Int32]] = []
  private var unitCounts: [Int] = []
  private var pairCounts: [Pair: Int] = [:]
  private var unitsOfPair: [Pair: [Int32]] = [:]

  /// The vocabulary: special tokens ([MASK] too), characters, then pieces in the order they were made.
  ///
  /// - Parameters:
  ///   - words: the distinct words of train.
  ///   - counts: how often each of them occurs.
  ///   - size: pieces wanted; where there are more distinct characters, the vocabulary has all the same.
  static func vocabulary(
    of words: StringTable, counts: [Int], configuration: TokenizerConfiguration, size: Int
  ) -> [String] {
    var trainer = WordPieceTrainer(words, counts, BERTNormalizer(configuration))
    trainer.merge(to: size)
    return trainer.pieces
  }

  private init(_ words: StringTable, _ counts: [Int], _ normalizer: BERTNormalizer) {
    pieces = SpecialToken.allCases.map(\.rawValue) + ["[MASK]"]
    var table = StringTable()
    for word in 0..<counts.count where counts[word] > 0 {
      words.strings.withBytes(of: word) { bytes in
        normalizer.forEachUnit(bytes) { unit in
          let id = Int(table.intern(unit))
          if id == unitCounts.count { unitCounts.append(0) }
          unitCounts[id] += counts[word]
        }
      }
    }
    var alphabet: Set<[UInt8]> = []
    let spellings = (0..<table.count).map { characters(of: table.string(Int32($0))) }
    for unit in spellings { alphabet.formUnion(unit) }
    for character in alphabet.sorted(by: { $0.lexicographicallyPrecedes($1) }) { add(character) }
    units = spellings.map { unit in unit.count > WordPieceTokenizer.longestUnit ? [] : unit.compactMap { ids[$0] } }
    for (index, unit) in units.enumerated() { count(unit, Int32(index), by: unitCounts[index]) }
  }

  private mutating func add(_ spelling: [UInt8]) {
    guard ids[spelling] == nil else { return }
    ids[spelling] = Int32(pieces.count)
    pieces.append(String(decoding: spelling, as: UTF8.self))
  }

  private mutating func count(_ unit: [Int32], _ index: Int32, by amount: Int) {
    for (left, right) in zip(unit, unit.dropFirst()) {
      let pair = Pair(left: left, right: right)
      pairCounts[pair, default: 0] += amount
      if amount > 0 { unitsOfPair[pair, default: []].append(index) }
    }
  }

  private struct Candidate {
    var count: Int
    var pair: Pair
    var spelling: [UInt8]

    func precedes(_ other: Candidate) -> Bool {
      count != other.count ? count > other.count : spelling.lexicographicallyPrecedes(other.spelling)
    }
  }

  private func candidate(_ pair: Pair) -> Candidate {
    Candidate(
      count: pairCounts[pair] ?? 0, pair: pair,
      spelling: Array(pieces[Int(pair.left)].utf8) + [0] + Array(pieces[Int(pair.right)].utf8))
  }

  private mutating func merge(to size: Int) {
    var heap = Heap<Candidate> { $0.precedes($1) }
    for pair in pairCounts.keys { heap.push(candidate(pair)) }
    while pieces.count < size, let best = heap.pop() {
      let now = pairCounts[best.pair] ?? 0
      guard now == best.count else {
        // Counts only fall once a pair is known: looked at again in its new place.
        if now > 1 { heap.push(candidate(best.pair)) }
        continue
      }
      guard now > 1 else { break }
      let right = Array(pieces[Int(best.pair.right)].utf8.dropFirst(WordPieceTokenizer.continuation.utf8.count))
      let spelling = Array(pieces[Int(best.pair.left)].utf8) + right
      add(spelling)
      guard let piece = ids[spelling] else { continue }
      for pair in replace(best.pair, by: piece) { heap.push(candidate(pair)) }
    }
  }

  /// Joins a pair wherever it stands; returns the pairs that are more frequent now.
  private mutating func replace(_ pair: Pair, by piece: Int32) -> Set<Pair> {
    var risen: Set<Pair> = []
    for index in Set(unitsOfPair.removeValue(forKey: pair) ?? []) {
      let old = units[Int(index)]
      var new: [Int32] = []
      var place = 0
      while place < old.count {
        if place + 1 < old.count, old[place] == pair.left, old[place + 1] == pair.right {
          new.append(piece)
          place += 2
        } else {
          new.append(old[place])
          place += 1
        }
      }
      guard new.count < old.count else { continue }
      count(old, index, by: -unitCounts[Int(index)])
      count(new, index, by: unitCounts[Int(index)])
      units[Int(index)] = new
      for (left, right) in zip(new, new.dropFirst()) where left == piece || right == piece {
        risen.insert(Pair(left: left, right: right))
      }
    }
    pairCounts[pair] = nil
    return risen
  }
}

/// A unit's characters as pieces: all but the first with `##`.
private func characters(of unit: String) -> [[UInt8]] {
  unit.unicodeScalars.enumerated().map { place, scalar in
    Array((place == 0 ? "" : WordPieceTokenizer.continuation).utf8) + Array(String(scalar).utf8)
  }
}

/// A binary heap; the element that precedes all others is popped first.
private struct Heap<Element> {
  private var elements: [Element] = []
  private let precedes: (Element, Element) -> Bool

  init(_ precedes: @escaping (Element, Element) -> Bool) { self.precedes = precedes }

  mutating func push(_ element: Element) {
    elements.append(element)
    var child = elements.count - 1
    while child > 0, precedes(elements[child], elements[(child - 1) / 2]) {
      elements.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func pop() -> Element? {
    guard !elements.isEmpty else { return nil }
    elements.swapAt(0, elements.count - 1)
    let first = elements.removeLast()
    var parent = 0
    while true {
      var best = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < elements.count {
        if precedes(elements[child], elements[best]) { best = child }
      }
      if best == parent { return first }
      elements.swapAt(parent, best)
      parent = best
    }
  }
}
