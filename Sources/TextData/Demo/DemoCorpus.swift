/// The embedded corpus: requests to an assistant, 9 classes and 15 entity types, made by a seeded generator at load.
///
/// Names are dealt out first: about a third of those that dev and test mention never occur in train. Cities are also
/// bands, restaurants carry first names, films and songs share words, and the same openings lead to different classes,
/// so a sentence must be read to its end. All sentences are distinct, over all splits.
///
/// Splits are written in the order train, dev, test by one generator; reading them in that order writes each once.
final class DemoCorpus {
  /// Sentences of a split.
  static func size(of split: SplitName) -> Int { split == .train ? 6_000 : 800 }

  static let seed: UInt64 = 0x6D74_742D_7475_6921
  /// Share of the values that train may use.
  static let percentTrain = 62
  /// How often dev and test use a value that train never does, where there is one.
  static let percentUnseen = 48

  private var writer = DemoWriter(seed: seed)
  private var written: [SplitName] = []

  /// Calls `body` with each sentence of a split.
  func read(
    _ split: SplitName, _ report: inout ReadReport, _ body: (borrowing Sentence) throws(DataError) -> Void
  ) throws(DataError) {
    if written.contains(split) {
      writer = DemoWriter(seed: Self.seed)
      written = []
    }
    for each in SplitName.allCases where !written.contains(each) {
      for row in 0..<Self.size(of: each) {
        writer.writeSentence(row: row, split: each)
        if each == split { try body(writer.sentence) }
      }
      written.append(each)
      if each == split { break }
    }
    report.fingerprints["demo/\(split.rawValue)"] = writer.fingerprintOfTexts()
  }
}

/// Writes one sentence after the other.
struct DemoWriter {
  private var generator: SplitMix64
  private let values: DemoValues
  private let classes: [(label: [UInt8], commands: [[DemoPhrase]], sentences: [[DemoPhrase]])]
  private let openings: [[DemoPhrase]]
  private let closings: [[DemoPhrase]]
  private let firstTags = DemoValues.types.map { "B-" + $0.type }
  private let innerTags = DemoValues.types.map { "I-" + $0.type }
  /// All sentences so far, their words run together.
  private var texts = StringTable()
  /// The sentence written last.
  private(set) var sentence = Sentence()
  private var words: [String] = []
  private var tags: [String] = []

  init(seed: UInt64) {
    generator = SplitMix64(seed: seed)
    values = DemoValues(&generator, percentTrain: DemoCorpus.percentTrain)
    var macros: [String: [DemoPhrase]] = [:]
    for (name, phrase) in demoMacros { macros[name] = DemoPhrase.parse(phrase, macros: macros) }
    let known = macros
    func parse(_ texts: [String]) -> [[DemoPhrase]] { texts.map { DemoPhrase.parse($0, macros: known) } }
    func parse(_ weighted: [(weight: Int, words: String)]) -> [[DemoPhrase]] {
      weighted.flatMap { [[DemoPhrase]](repeating: DemoPhrase.parse($0.words, macros: known), count: $0.weight) }
    }
    classes = demoClasses.map { (Array($0.label.utf8), parse($0.commands), parse($0.sentences)) }
    openings = parse(demoOpenings)
    closings = parse(demoClosings)
  }

  /// Hash of all texts written so far.
  func fingerprintOfTexts() -> String {
    texts.strings.bytes.withUnsafeBufferPointer { fingerprint($0) }
  }

  /// Writes a sentence that was not written before; classes take turns.
  mutating func writeSentence(row: Int, split: SplitName) {
    let (label, commands, statements) = classes[row % classes.count]
    while true {
      words.removeAll(keepingCapacity: true)
      tags.removeAll(keepingCapacity: true)
      let isCommand = generator.below(commands.count + statements.count) < commands.count
      if isCommand { write(generator.pick(openings), split) }
      write(generator.pick(isCommand ? commands : statements), split)
      write(generator.pick(closings), split)
      disturb()
      sentence.clear()
      for word in words { sentence.words.append(word) }
      let before = texts.count
      if sentence.words.bytes.withUnsafeBufferPointer({ texts.intern($0) }) == before { break }
    }
    sentence.line = row + 1
    sentence.label = label
    for tag in tags { sentence.tags.append(tag) }
  }

  private mutating func write(_ phrases: [DemoPhrase], _ split: SplitName) {
    for phrase in phrases {
      switch phrase {
      case .word(let word):
        words.append(word)
        tags.append("O")
      case .slot(let kind):
        let value = pickValue(kind, split)
        words += value
        tags.append(firstTags[kind])
        tags += repeatElement(innerTags[kind], count: value.count - 1)
      case .choice(let branches):
        write(generator.pick(branches), split)
      }
    }
  }

  private mutating func pickValue(_ kind: Int, _ split: SplitName) -> [String] {
    let pool = values.pools[kind]
    let unseen =
      switch split {
      case .train: [[String]]()
      case .dev: pool.devOnly
      case .test: pool.testOnly
      }
    let isUnseen = !unseen.isEmpty && generator.chance(DemoCorpus.percentUnseen)
    return generator.pick(isUnseen ? unseen : pool.train)
  }

  /// Writes as people type: capitals or none, a full stop or none, now and then a slip.
  private mutating func disturb() {
    let style = generator.below(100)
    if style < 9 {
      for index in words.indices { words[index] = words[index].lowercased() }
    } else if style < 45 {
      words[0] = words[0].prefix(1).uppercased() + words[0].dropFirst()
    }
    if generator.chance(5) { slip() }
    if generator.chance(16) {
      let opening = words[0].lowercased()
      words.append(questionWords.contains(opening) ? "?" : generator.chance(80) ? "." : "!")
      tags.append("O")
    }
  }

  /// Swaps two letters of a word that is not a name, or drops one.
  private mutating func slip() {
    let index = generator.below(words.count)
    guard tags[index] == "O", words[index].utf8.count > 3 else { return }
    var letters = Array(words[index])
    let place = 1 + generator.below(letters.count - 2)
    if generator.chance(50) { letters.swapAt(place, place + 1) } else { letters.remove(at: place) }
    words[index] = String(letters)
  }
}

private let questionWords: Set<String> = [
  "what", "what's", "who", "how", "is", "are", "does", "do", "did", "will", "when", "where", "why", "has", "any", "can",
  "could", "would",
]
