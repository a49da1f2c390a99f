#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Where the sentences of one split come from.
enum SplitSource {
  case folder(FolderSplit)
  case conll(String)
  case jsonLines(String)
  case demo(DemoCorpus, DemoCorpus.Split)

  /// The file that holds the words, for messages.
  var wordPath: String {
    switch self {
    case .folder(let files): files.words
    case .conll(let path), .jsonLines(let path): path
    case .demo(_, let split): "demo/\(split.rawValue)"
    }
  }

  /// The file that holds the tags.
  var tagPath: String {
    if case .folder(let files) = self { return files.tags ?? files.words }
    return wordPath
  }

  /// The file that holds the classes.
  var labelPath: String {
    if case .folder(let files) = self { return files.labels ?? files.words }
    return wordPath
  }

  /// Size of the text, about; 0 where it is not known.
  var bytesOfText: Int {
    switch self {
    case .folder(let files): fileSize(files.words)
    case .conll(let path): fileSize(path) / 2
    case .jsonLines(let path): fileSize(path) / 3
    case .demo: 1 << 19
    }
  }

  /// Calls `body` with each sentence in turn.
  func read(
    _ report: inout ReadReport, _ body: (borrowing Sentence) throws(DataError) -> Void
  ) throws(DataError) {
    switch self {
    case .folder(let files): try files.read(&report, body)
    case .conll(let path): try readColumns(path, &report, body)
    case .jsonLines(let path): try readJSONLines(path, &report, body)
    case .demo(let corpus, let split): try corpus.read(split, &report, body)
    }
  }
}

private func fileSize(_ path: String) -> Int {
  var status = stat()
  return stat(path, &status) == 0 ? Int(status.st_size) : 0
}

/// The three splits of a data set; dev and test may be missing.
struct CorpusSources {
  var name: String
  /// At least one.
  var train: [SplitSource]
  /// None where there is no such split.
  var dev: [SplitSource] = []
  var test: [SplitSource] = []

  /// Finds the splits; throws for files and folders that are not there.
  static func find(_ source: DataOptions.Source) throws(DataError) -> CorpusSources {
    switch source {
    case .demo:
      let corpus = DemoCorpus()
      return CorpusSources(
        name: "demo", train: [.demo(corpus, .train)], dev: [.demo(corpus, .dev)], test: [.demo(corpus, .test)])
    case .folder(let path):
      return try find(inFolder: path)
    case .files(let train, let dev, let test):
      guard let first = train.first else {
        throw DataError(kind: .missing, description: "No file was named for the train data.")
      }
      let more = train.count > 1 ? "+\(train.count - 1)" : ""
      return CorpusSources(
        name: lastComponent(first) + more, train: try openSplits(train), dev: try openSplits(dev),
        test: try openSplits(test))
    }
  }

  private static func find(inFolder folder: String) throws(DataError) -> CorpusSources {
    switch pathKind(folder) {
    case .nothing: throw .missing(folder, "there is no such folder")
    case .file: throw .missing(folder, "is a file, not a folder: name single files as train, dev and test files")
    case .folder: break
    }
    guard let train = try findSplit(SplitName.train.spellings, in: folder) else {
      throw .missing(
        folder, "there is no training data: expected train/seq.in, train.conll, train.txt or train.jsonl")
    }
    return CorpusSources(
      name: lastComponent(folder), train: [train],
      dev: try findSplit(SplitName.dev.spellings, in: folder).map { [$0] } ?? [],
      test: try findSplit(SplitName.test.spellings, in: folder).map { [$0] } ?? [])
  }
}

private let columnExtensions = ["conll", "txt", "tsv", "bio", "iob", "iob2"]
private let jsonExtensions = ["jsonl", "json", "ndjson"]

/// The split that goes by one of `names` in `folder`: a folder of the folder form, or one file.
func findSplit(_ names: [String], in folder: String) throws(DataError) -> SplitSource? {
  var found: [(path: String, source: SplitSource)] = []
  for name in names {
    let path = join(folder, name)
    if pathKind(path) == .folder { found.append((path, try openSplit(path))) }
    for suffix in columnExtensions + jsonExtensions {
      let file = "\(path).\(suffix)"
      if pathKind(file) == .file { found.append((file, try openSplit(file))) }
    }
  }
  if found.count > 1 {
    throw .malformed(found[1].path, "the same split is also in \(found[0].path): remove one of them")
  }
  return found.first?.source
}

/// Opens the files of one split, each of its own form.
func openSplits(_ paths: [String]) throws(DataError) -> [SplitSource] {
  var sources: [SplitSource] = []
  for (index, path) in paths.enumerated() {
    guard !paths[..<index].contains(path) else { throw .malformed(path, "is named twice for one split: name it once") }
    sources.append(try openSplit(path))
  }
  return sources
}

/// Recognises what lies at `path`: a folder of the folder form, JSONL (the first character is `{`), or columns.
func openSplit(_ path: String) throws(DataError) -> SplitSource {
  switch pathKind(path) {
  case .nothing: throw .missing(path, "there is no such file")
  case .folder:
    guard let files = FolderSplit(folder: path) else {
      throw .missing(join(path, "seq.in"), "there is no such file: it holds the sentences, one a line")
    }
    if files.tags == nil, files.labels == nil {
      throw .missing(path, "has neither seq.out (tags) nor label (sentence classes): there is nothing to learn")
    }
    return .folder(files)
  case .file:
    return try withFileBytes(path) { (bytes) throws(DataError) in
      let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
      let first = bytes[start...].first { !isWhiteSpace($0) }
      return first == UInt8(ascii: "{") ? .jsonLines(path) : .conll(path)
    }
  }
}
