/// Names of the splits, as folders and files are called (dev also `valid`, `validation` or `val`).
public enum SplitName: String, Codable, Hashable, Sendable, CaseIterable {
  case train, dev, test

  var spellings: [String] {
    self == .dev ? ["dev", "valid", "validation", "val"] : [rawValue]
  }
}

/// Data encoded with a vocabulary and labels that are fixed already.
public struct EncodedText: Sendable {
  public var split: EncodedSplit
  /// Labels the model does not know: ids from `sentenceClasses.count` and `tags.count` up.
  public var unseenClasses: [String]
  public var unseenTags: [String]
  /// Sentences for the log.
  public var remarks: [String]
  /// Hex digest of each file read, by path.
  public var fingerprints: [String: String]
}

/// Calls `body` with each sentence of a file, or of a folder of the folder form, one at a time; memory stays flat.
///
/// Returns remarks for the log. Words and labels are as the file has them: nothing is lower-cased or converted.
public func readSentences(
  at path: String, _ body: (borrowing Sentence) throws(DataError) -> Void
) throws(DataError) -> [String] {
  var report = ReadReport()
  try openSplit(path).read(&report, body)
  return report.remarks
}

extension TextEncoding {
  /// Encodes a split of a data set, or the file or folder at `.folder(path)` itself if it is one split.
  public func load(_ source: DataOptions.Source, split name: SplitName) throws(DataError) -> EncodedText {
    guard tags.count <= 10_000 else {
      throw DataError(kind: .malformed, description: "The model has \(tags.count) tags: at most 10,000 are expected.")
    }
    let sources = try SplitSource.find(source, name)
    var builder = CorpusBuilder()
    builder.know(classes: sentenceClasses, tags: tags)
    var columns = try builder.read(sources)
    let classSet = LabelSet(
      builder.classes, known: sentenceClasses, used: occurring(in: columns.classes, of: builder.classes.count))
    let tagSet = LabelSet(builder.tags, known: tags, used: occurring(in: columns.tags, of: builder.tags.count))
    columns.renumber(classes: classSet, tags: tagSet)
    let split = EncodedSplit(
      words: columns.words, tags: columns.tags, wordStarts: columns.wordStarts, classes: columns.classes,
      pieces: PieceTable(builder.words, tokenizer: makeTokenizer()), nGrams: nGrams(of: builder.words),
      maxLength: maxLength)
    let remarks =
      builder.report.remarks + remarksOnLength(split, name.rawValue)
      + remarksOnUnseen(split, name.rawValue, classes: classSet, tags: tagSet, places: builder)
    return EncodedText(
      split: split, unseenClasses: classSet.unseen, unseenTags: tagSet.unseen, remarks: remarks,
      fingerprints: builder.report.fingerprints)
  }
}

extension SplitSource {
  /// The files of one split of a data set, at least one; a path that is one split itself is taken as it is.
  static func find(_ source: DataOptions.Source, _ name: SplitName) throws(DataError) -> [SplitSource] {
    let paths: [String]
    switch source {
    case .demo:
      let split: DemoCorpus.Split =
        switch name {
        case .train: .train
        case .dev: .dev
        case .test: .test
        }
      return [.demo(DemoCorpus(), split)]
    case .folder(let folder):
      if pathKind(folder) == .folder, FolderSplit(folder: folder) == nil {
        if let found = try findSplit(name.spellings, in: folder) { return [found] }
        throw .missing(folder, "there is no \(name.rawValue) data in it")
      }
      paths = [folder]
    case .files(let train, let dev, let test):
      switch name {
      case .train: paths = train
      case .dev: paths = dev
      case .test: paths = test
      }
    }
    guard !paths.isEmpty else {
      throw DataError(kind: .missing, description: "No file was named for the \(name.rawValue) data.")
    }
    return try openSplits(paths)
  }
}
