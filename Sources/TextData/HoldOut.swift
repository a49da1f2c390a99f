/// A share of the train data that stands in for a split of its own: written `10%` where a file could be named, or
/// `10% (seed 7)` with the seed that chooses.
public struct HeldOutShare: Hashable, Sendable, CustomStringConvertible {
  /// Above 0, at most 90.
  public let percent: Double
  public var seed: UInt64
  /// Whether the text named no seed.
  public let wantsSeed: Bool

  /// nil for a text that is no share, such as a path.
  public init?(_ text: String) {
    guard let sign = text.firstIndex(of: "%"), let percent = Double(text[..<sign]), percent > 0, percent <= 90 else {
      return nil
    }
    let rest = text[text.index(after: sign)...]
    wantsSeed = rest.isEmpty
    if rest.isEmpty {
      seed = 0
    } else {
      guard rest.hasPrefix(" (seed "), rest.last == ")", let seed = UInt64(rest.dropFirst(7).dropLast()) else {
        return nil
      }
      self.seed = seed
    }
    self.percent = percent
  }

  public var description: String {
    let number = percent == percent.rounded() ? String(Int(percent)) : String(percent)
    return "\(number)% (seed \(seed))"
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
    // What small classes are too small to give is carried on to the next.
    var owed: [SplitName: Double] = [:]
    for name in strata.keys.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
      let keys = strata[name] ?? []
      let seed = dev?.seed ?? test?.seed ?? 0
      let order = keys.map { (rank: SplitMix64.mixed(seed, $0), key: $0) }
        .sorted { ($0.rank, $0.key) < ($1.rank, $1.key) }
      var next = 0
      for (split, share) in [(SplitName.test, test), (.dev, dev)] {
        guard let share else { continue }
        let wanted = owed[split, default: 0] + share.percent / 100 * Double(keys.count)
        // A class keeps a sentence to train on.
        let count = max(0, min(Int(wanted + 1e-9), keys.count - 1 - next))
        owed[split] = wanted - Double(count)
        for place in next..<next + count { chosen[order[place].key] = split }
        next += count
      }
    }
    return chosen
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
