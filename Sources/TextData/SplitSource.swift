import Glibc
import Paths

/// A file, or files that belong together, of one split of a data set: what a form of data is read through.
protocol SplitSource {
  /// The file that holds the words, for messages.
  var wordPath: String { get }
  /// The file that holds the tags.
  var tagPath: String { get }
  /// The file that holds the classes.
  var labelPath: String { get }
  /// Size of the text, about; 0 where it is not known.
  var bytesOfText: Int { get }

  /// Options by which the user names keys and columns that this form does not have.
  func unused(_ options: ReadingOptions) -> [String]

  /// The splits that the file itself has apart; none where it is one.
  func splits() throws(DataError) -> [SplitName]

  /// Calls `body` with each sentence in turn as the file has it; `read` is what others call.
  func readSentences(
    _ report: inout ReadReport, _ body: (borrowing Sentence) throws(DataError) -> Void
  ) throws(DataError)
}

extension SplitSource {
  var tagPath: String { wordPath }
  var labelPath: String { wordPath }
  func splits() throws(DataError) -> [SplitName] { [] }

  func unused(_ options: ReadingOptions) -> [String] {
    [
      ("--columns", options.columns?.description), ("--words", options.words), ("--tags", options.tags),
      ("--class", options.sentenceClass),
    ].compactMap { option, value in value.map { _ in option } }
  }

  /// Calls `body` with each sentence in turn, made what all forms agree on: see `SentenceCleaner`.
  func read(
    _ report: inout ReadReport, _ body: (borrowing Sentence) throws(DataError) -> Void
  ) throws(DataError) {
    var cleaner = SentenceCleaner(path: wordPath)
    try readSentences(&report) { (sentence) throws(DataError) in try cleaner.pass(sentence, to: body) }
    report.remarks += cleaner.remarks
  }
}

/// CoNLL columns.
struct ColumnFile: SplitSource {
  var wordPath: String
  var options = ReadingOptions()
  func unused(_ options: ReadingOptions) -> [String] { [] }
  var bytesOfText: Int { fileSize(wordPath) / 2 }

  func readSentences(
    _ report: inout ReadReport, _ body: (borrowing Sentence) throws(DataError) -> Void
  ) throws(DataError) { try readColumns(wordPath, options, &report, body) }
}

extension FolderSplit: SplitSource {
  var wordPath: String { words }
  var tagPath: String { tags ?? words }
  var labelPath: String { labels ?? words }
  var bytesOfText: Int { fileSize(words) }
}

/// A source that gives another's sentences in its own way.
protocol WrappingSource: SplitSource {
  var base: any SplitSource { get }
}

extension WrappingSource {
  var wordPath: String { base.wordPath }
  var tagPath: String { base.tagPath }
  var labelPath: String { base.labelPath }
  var bytesOfText: Int { base.bytesOfText }
  func unused(_ options: ReadingOptions) -> [String] { base.unused(options) }
  func splits() throws(DataError) -> [SplitName] { try base.splits() }
}

/// A source with something to be said of it in the log.
struct RemarkedSource: WrappingSource {
  var base: any SplitSource
  /// A sentence without the file's name.
  var remark: String

  func readSentences(
    _ report: inout ReadReport, _ body: (borrowing Sentence) throws(DataError) -> Void
  ) throws(DataError) {
    report.remarks.append("\(wordPath): \(remark)")
    try base.readSentences(&report, body)
  }
}

/// A split of the embedded demo corpus.
struct DemoSplit: SplitSource {
  var corpus: DemoCorpus
  var split: SplitName
  var wordPath: String { "demo/\(split.rawValue)" }
  var bytesOfText: Int { 1 << 19 }

  func readSentences(
    _ report: inout ReadReport, _ body: (borrowing Sentence) throws(DataError) -> Void
  ) throws(DataError) { try corpus.read(split, &report, body) }
}

func fileSize(_ path: String) -> Int {
  var status = stat()
  return stat(path, &status) == 0 ? Int(status.st_size) : 0
}

/// The three splits of a data set; dev and test may be missing.
struct CorpusSources {
  var name: String
  /// At least one.
  var train: [any SplitSource]
  /// None where there is no such split.
  var dev: [any SplitSource] = []
  var test: [any SplitSource] = []

  /// Finds the splits; throws for files and folders that are not there.
  static func find(
    _ source: DataOptions.Source, _ context: ReadingContext
  ) throws(DataError) -> CorpusSources {
    switch source {
    case .demo:
      let corpus = DemoCorpus()
      return CorpusSources(
        name: "demo", train: [DemoSplit(corpus: corpus, split: .train)], dev: [DemoSplit(corpus: corpus, split: .dev)],
        test: [DemoSplit(corpus: corpus, split: .test)])
    case .folder(let path):
      return try find(inFolder: path, context)
    case .files(let train, let dev, let test):
      let (train, dev, test) = try splitsNamed(train, dev, test, context)
      guard let first = train.first else {
        throw DataError(kind: .missing, description: "No file was named for the train data.")
      }
      let more = train.count > 1 ? "+\(train.count - 1)" : ""
      let name = lastComponent(first) + more
      guard let held = try holdOut(train, dev, test, context) else {
        return CorpusSources(
          name: name, train: try openSplits(train, context.of(.train)), dev: try openSplits(dev, context.of(.dev)),
          test: try openSplits(test, context.of(.test)))
      }
      return CorpusSources(
        name: name, train: held.sources(of: .train),
        dev: try HeldOutShare.only(in: dev) == nil ? openSplits(dev, context.of(.dev)) : held.sources(of: .dev),
        test: try HeldOutShare.only(in: test) == nil ? openSplits(test, context.of(.test)) : held.sources(of: .test))
    }
  }

  /// The paths of a data set's splits. A folder of splits that is named alone for train stands for its train split, and
  /// for those of the others for which nothing is named.
  static func splitsNamed(
    _ train: [String], _ dev: [String], _ test: [String], _ context: ReadingContext
  ) throws(DataError) -> (train: [String], dev: [String], test: [String]) {
    guard train.count == 1, pathKind(train[0]) == .folder,
      let split = try findSplit(.train, in: train[0], context)?.path
    else { return (train, dev, test) }
    return (
      [split], dev.isEmpty ? try findSplit(.dev, in: train[0], context).map { [$0.path] } ?? [] : dev,
      test.isEmpty ? try findSplit(.test, in: train[0], context).map { [$0.path] } ?? [] : test
    )
  }

  /// The sentences of train that stand in for dev or test; nil where these have files or are not there.
  static func holdOut(
    _ train: [String], _ dev: [String], _ test: [String], _ context: ReadingContext
  ) throws(DataError) -> HoldOut? {
    let shares = (dev: try HeldOutShare.only(in: dev), test: try HeldOutShare.only(in: test))
    guard shares.dev != nil || shares.test != nil else { return nil }
    return try HoldOut(from: try openSplits(train, context.of(.train)), dev: shares.dev, test: shares.test)
  }

  private static func find(
    inFolder folder: String, _ context: ReadingContext
  ) throws(DataError) -> CorpusSources {
    switch pathKind(folder) {
    case .nothing: throw .missing(folder, "there is no such folder")
    case .file: throw .missing(folder, "is a file, not a folder: name single files as train, dev and test files")
    case .folder: break
    }
    guard let train = try findSplit(.train, in: folder, context)?.source else {
      // A project of Rasa's or a folder of brat's files is all training data.
      if let all = try openWholeFolder(folder, context.of(.train)) {
        return CorpusSources(name: lastComponent(folder), train: [all])
      }
      throw .missing(
        folder, "there is no training data: expected train/seq.in, or a file train.* of any form that is read")
    }
    return CorpusSources(
      name: lastComponent(folder), train: [train],
      dev: try findSplit(.dev, in: folder, context).map { [$0.source] } ?? [],
      test: try findSplit(.test, in: folder, context).map { [$0.source] } ?? [])
  }
}

private let extensions = [
  "conll", "conllu", "conllup", "txt", "tsv", "csv", "bio", "iob", "iob2", "jsonl", "json", "ndjson", "yml", "yaml",
  "md",
]

/// The split of a name in `folder`: a folder of the folder form, or one file.
func findSplit(
  _ split: SplitName, in folder: String, _ context: ReadingContext
) throws(DataError) -> (path: String, source: any SplitSource)? {
  var found: [(path: String, source: any SplitSource)] = []
  for name in split.spellings {
    let path = join(folder, name)
    if pathKind(path) == .folder { found.append((path, try openSplit(path, context.of(split)))) }
    for file in extensions.flatMap({ suffix in ["", ".gz", ".zst"].map { "\(path).\(suffix)\($0)" } }) {
      if pathKind(file) == .file { found.append((file, try openSplit(file, context.of(split)))) }
    }
  }
  if found.count > 1 {
    throw .malformed(found[1].path, "the same split is also in \(found[0].path): remove one of them")
  }
  return found.first
}

/// Opens the files of one split, each of its own form.
func openSplits(_ paths: [String], _ context: ReadingContext) throws(DataError) -> [any SplitSource] {
  var sources: [any SplitSource] = []
  for (index, path) in paths.enumerated() {
    guard !paths[..<index].contains(path) else { throw .malformed(path, "is named twice for one split: name it once") }
    sources.append(try openSplit(path, context))
  }
  return sources
}

/// Recognises what lies at `path`: a folder of the folder form, of brat's files or of Rasa's, or a file by its first
/// bytes, unless the user says its form.
func openSplit(_ path: String, _ context: ReadingContext = ReadingContext()) throws(DataError) -> any SplitSource {
  var source: any SplitSource
  switch pathKind(path) {
  case .nothing: throw .missing(path, "there is no such file")
  case .folder: source = try openFolder(path, context)
  case .file: source = try FileForm(of: path, context).source(path, context)
  }
  let unused = source.unused(context.options)
  if !unused.isEmpty {
    let means = unused.count == 1 ? "means" : "mean"
    source = RemarkedSource(
      base: source,
      remark:
        "\(unused.joined(separator: ", ")) \(means) nothing here: what is named by it, this form of data does not have."
    )
  }
  return context.options.plainTags.map { PlainTagSource(base: source, meaning: $0) } ?? source
}

private func openFolder(_ path: String, _ context: ReadingContext) throws(DataError) -> any SplitSource {
  guard let source = try openWholeFolder(path, context) else {
    throw .missing(join(path, "seq.in"), "there is no such file: it holds the sentences, one a line")
  }
  return source
}

/// A folder that is one split by itself, of the folder form, of brat's files or of Rasa's; nil for any other.
func openWholeFolder(_ path: String, _ context: ReadingContext) throws(DataError) -> (any SplitSource)? {
  if let files = FolderSplit(folder: path) {
    if files.tags == nil, files.labels == nil {
      throw .missing(path, "has neither seq.out (tags) nor label (sentence classes): there is nothing to learn")
    }
    return files
  }
  if let brat = BratFolder(folder: path, context) { return brat }
  var rasa: [any SplitSource] = []
  for name in namesOfFiles(in: path) where [".yml", ".yaml", ".md"].contains(where: name.hasSuffix) {
    let file = join(path, name)
    guard pathKind(file) == .file else { continue }
    switch try FileForm(of: file) {
    case .rasaYAML: rasa.append(RasaFile(wordPath: file, isYAML: true, context: context))
    case .rasaMarkdown: rasa.append(RasaFile(wordPath: file, isYAML: false, context: context))
    default: break
    }
  }
  return rasa.isEmpty ? nil : SplitFolder(wordPath: path, files: rasa)
}

/// Names of the splits, as folders and files are called (dev also `valid`, `validation` or `val`).
public enum SplitName: String, Codable, Hashable, Sendable, CaseIterable {
  case train, dev, test

  var spellings: [String] {
    self == .dev ? ["dev", "valid", "validation", "val"] : [rawValue]
  }
}

/// The files of one split of a data set, at least one; a path that is one split itself stands for that.
func findSplits(
  _ source: DataOptions.Source, _ name: SplitName, _ context: ReadingContext
) throws(DataError) -> [any SplitSource] {
  let paths: [String]
  switch source {
  case .demo: return [DemoSplit(corpus: DemoCorpus(), split: name)]
  case .folder(let folder):
    if pathKind(folder) == .folder, FolderSplit(folder: folder) == nil {
      if let found = try findSplit(name, in: folder, context) { return [found.source] }
      throw .missing(folder, "there is no \(name.rawValue) data in it")
    }
    paths = [folder]
  case .files(let train, let dev, let test):
    let (train, dev, test) = try CorpusSources.splitsNamed(train, dev, test, context)
    paths = name == .train ? train : name == .dev ? dev : test
    if let held = try CorpusSources.holdOut(train, dev, test, context) {
      let share = try HeldOutShare.only(in: paths)
      if name == .train || share != nil { return held.sources(of: name) }
    }
  }
  guard !paths.isEmpty else {
    throw DataError(kind: .missing, description: "No file was named for the \(name.rawValue) data.")
  }
  return try openSplits(paths, context.of(name))
}
