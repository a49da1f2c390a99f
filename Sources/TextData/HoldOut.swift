/// A part of the train data that stands in for a split of its own, written where a file could be named: a share as `10%`,
/// or with the seed that chooses as `10% (seed 7)`; one of several folds as `fold 2 of 5` or `fold 2 of 5 (seed 7)`.
public struct HeldOutShare: Hashable, Sendable, CustomStringConvertible {
  enum Amount: Hashable, Sendable {
    /// Above 0, at most 90.
    case percent(Double)
    /// One of `count` parts of about one size, which have no sentence in common; numbered from 1.
    case fold(Int, count: Int)
  }

  let amount: Amount
  public var seed: UInt64
  /// Whether the text named no seed.
  public let wantsSeed: Bool

  /// nil for a text that is no share, such as a path.
  public init?(_ text: String) {
    var text = text[...]
    var seed: UInt64?
    if let place = text.firstRange(of: " (seed ") {
      guard text.last == ")", let number = UInt64(text[place.upperBound...].dropLast()) else { return nil }
      seed = number
      text = text[..<place.lowerBound]
    }
    guard let amount = Self.amount(text) else { return nil }
    self.amount = amount
    self.seed = seed ?? 0
    wantsSeed = seed == nil
  }

  /// A fold, by the name it is written by.
  public static func fold(_ number: Int, of count: Int) -> String { "fold \(number) of \(count)" }

  private static func amount(_ text: Substring) -> Amount? {
    if text.last == "%", let percent = Double(text.dropLast()), percent > 0, percent <= 90 { return .percent(percent) }
    let words = text.split(separator: " ", omittingEmptySubsequences: false)
    guard words.count == 4, words[0] == "fold", words[2] == "of", let number = Int(words[1]), let count = Int(words[3]),
      count > 1, 1...count ~= number
    else { return nil }
    return .fold(number, count: count)
  }

  public var description: String {
    switch amount {
    case .percent(let percent):
      "\(percent == percent.rounded() ? String(Int(percent)) : String(percent))% (seed \(seed))"
    case .fold(let number, let count): "\(Self.fold(number, of: count)) (seed \(seed))"
    }
  }

  /// The share that a split's paths stand for; nil for files. Throws for a mixture.
  static func only(in paths: [String]) throws(DataError) -> HeldOutShare? {
    guard let share = paths.lazy.compactMap({ HeldOutShare($0) }).first else { return nil }
    guard paths.count == 1 else {
      throw DataError(
        kind: .malformed,
        description: "A share of the train data (\(share)) and files are named for one split: name one of the two.")
    }
    return share
  }
}

/// Which sentences of train's files are kept for dev and test.
///
/// The same files, shares and seed choose the same sentences, in training, evaluation and a resumed run. Each class
/// gives its share; sentences that are equal but for case and punctuation stay together.
final class HoldOut {
  private let sources: [any SplitSource]
  /// By source and sentence.
  private let parts: [[SplitName]]

  init(
    from sources: [any SplitSource], dev: HeldOutShare?, test: HeldOutShare?
  ) throws(DataError) {
    self.sources = sources
    var sentences: [[UInt64]] = []
    var strata: [[UInt8]: [UInt64]] = [:]
    var met: Set<UInt64> = []
    for source in sources {
      var keys: [UInt64] = []
      var ignored = ReadReport()
      try source.read(&ignored) { (sentence) throws(DataError) in
        let key = SentenceKeys.key(of: sentence)
        keys.append(key)
        if met.insert(key).inserted { strata[sentence.label ?? [], default: []].append(key) }
      }
      sentences.append(keys)
    }
    let chosen = Self.choose(strata, dev: dev, test: test)
    for (name, share) in [(SplitName.dev, dev), (.test, test)] {
      guard let share, !chosen.values.contains(name) else { continue }
      throw DataError(
        kind: .malformed,
        description: "\(share.description) of \(counted(met.count, "distinct sentence")) is none for \(name.rawValue): "
          + "name a larger share, or a file.")
    }
    parts = sentences.map { $0.map { chosen[$0] ?? .train } }
  }

  /// The train files as one of the splits has them.
  func sources(of split: SplitName) -> [any SplitSource] {
    zip(sources, parts).map { HeldOutPart(base: $0, part: split, parts: $1) }
  }

  /// The part of each sentence that is not train's.
  private static func choose(
    _ strata: [[UInt8]: [UInt64]], dev: HeldOutShare?, test: HeldOutShare?
  ) -> [UInt64: SplitName] {
    var chosen: [UInt64: SplitName] = [:]
    var parts = [(SplitName.test, test), (.dev, dev)].compactMap { split, share in
      share.map { (split: split, chooser: ShareChooser($0.amount)) }
    }
    let seed = dev?.seed ?? test?.seed ?? 0
    for name in strata.keys.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
      var free = (strata[name] ?? []).map { (rank: SplitMix64.mixed(seed, $0), key: $0) }
        .sorted { ($0.rank, $0.key) < ($1.rank, $1.key) }.map(\.key)
      let size = free.count
      for index in parts.indices {
        for key in parts[index].chooser.take(from: &free, classSize: size) { chosen[key] = parts[index].split }
      }
    }
    return chosen
  }
}

/// Takes a share of one class after the other; what one is too small to give, or to share out evenly, the next makes up.
private struct ShareChooser {
  private let amount: HeldOutShare.Amount
  private var owed = 0.0
  private var turn = 0

  init(_ amount: HeldOutShare.Amount) { self.amount = amount }

  /// - Parameters:
  ///   - free: the class's sentences that are still train's, in the seed's order.
  ///   - classSize: how many the class had at first.
  mutating func take(from free: inout [UInt64], classSize: Int) -> [UInt64] {
    switch amount {
    case .percent(let percent):
      let wanted = owed + percent / 100 * Double(classSize)
      // A class keeps a sentence to train on.
      let count = max(0, min(Int(wanted + 1e-9), free.count - 1))
      owed = wanted - Double(count)
      defer { free.removeFirst(count) }
      return Array(free.prefix(count))
    case .fold(let number, let count):
      let first = turn
      turn = (turn + free.count) % count
      let places = free.indices.filter { (first + $0) % count == number - 1 }
      let taken = places.map { free[$0] }
      for place in places.reversed() { free.remove(at: place) }
      return taken
    }
  }
}

/// The sentences of one file that belong to one split.
private struct HeldOutPart: WrappingSource {
  let base: any SplitSource
  let part: SplitName
  let parts: [SplitName]

  func readSentences(
    _ report: inout ReadReport, _ body: (borrowing Sentence) throws(DataError) -> Void
  ) throws(DataError) {
    var own = ReadReport()
    var index = 0
    try base.read(&own) { (sentence) throws(DataError) in
      defer { index += 1 }
      guard parts.indices.contains(index) else {
        throw .malformed(wordPath, line: sentence.line, "the file grew while it was read: leave it as it is")
      }
      if parts[index] == part { try body(sentence) }
    }
    // The file is read once for each split; what there is to say of it is said with train.
    if part == .train { report.add(own) } else { report.fingerprints.merge(own.fingerprints) { $1 } }
  }
}
