import Glibc
import Paths

/// Turns a file, or a folder with a file a split, into the folder form: one split's folder, or a folder of splits. A file
/// may hold several splits.
///
/// Everything is read and checked before anything is written.
/// - Returns: remarks for the log.
public func importData(
  from source: String, to folder: String, format: ImportFormat, reading: ReadingOptions = .init()
) throws(DataError) -> [String] {
  let context = ReadingContext(options: reading, form: format)
  var splits: [(SplitName, [String])] = []
  switch pathKind(source) {
  case .nothing: throw .missing(source, "there is no such file or folder")
  case .file where format == .snips: break
  case .file: splits = try openSplit(source, context).splits().map { ($0, [source]) }
  case .folder where format == .snips: splits = try snipsSplits(in: source)
  case .folder:
    // A folder may be one split by itself.
    if try openWholeFolder(source, context) == nil { splits = try sentenceSplits(in: source, context) }
  }
  if splits.isEmpty { return try writeFolderForm(of: [source], to: folder, format: format, reading: reading) }
  guard pathKind(folder) != .file else {
    throw DataError(kind: .unwritable, description: "\(folder): is a file; name a folder for the splits")
  }
  var drafts: [FolderDraft] = []
  for (name, paths) in splits {
    drafts.append(
      try FolderDraft(
        paths, to: join(folder, name.rawValue), format: format, ReadingContext(options: reading, split: name)))
  }
  if pathKind(folder) == .nothing, mkdir(folder, 0o777) != 0 {
    throw DataError(kind: .unwritable, description: "\(folder): cannot be made: \(SystemMessage.text())")
  }
  var remarks: [String] = []
  for index in drafts.indices {
    try drafts[index].store()
    remarks += drafts[index].remarks
  }
  return remarks
}

/// The files of columns or JSONL that are a data set's splits.
private func sentenceSplits(
  in folder: String, _ context: ReadingContext
) throws(DataError) -> [(SplitName, [String])] {
  var splits: [(SplitName, [String])] = []
  for name in SplitName.allCases {
    if let split = try findSplit(name, in: folder, context) { splits.append((name, [split.path])) }
  }
  guard !splits.isEmpty else {
    throw .missing(folder, "there is no train, dev (or valid) or test file in it, such as train.conll or train.jsonl")
  }
  return splits
}

/// SNIPS as published: `train_<Intent>_full.json` (or `train_<Intent>.json`, not both) become train,
/// `validate_<Intent>.json` dev; in the folder itself or in one folder an intent.
private func snipsSplits(in folder: String) throws(DataError) -> [(SplitName, [String])] {
  var paths: [String] = []
  for name in namesOfFiles(in: folder) {
    let path = join(folder, name)
    paths += pathKind(path) == .folder ? namesOfFiles(in: path).map { join(path, $0) } : [path]
  }
  var train: [String: String] = [:]
  var dev: [String: String] = [:]
  for path in paths where path.hasSuffix(".json") {
    let name = lastComponent(path).dropLast(".json".count)
    if name.hasPrefix("train_") {
      let intent = name.dropFirst("train_".count)
      try note(path, intent.hasSuffix("_full") ? intent.dropLast("_full".count) : intent, in: &train)
    } else if name.hasPrefix("validate_") {
      try note(path, name.dropFirst("validate_".count), in: &dev)
    }
  }
  let splits = [(SplitName.train, train), (.dev, dev)].filter { !$0.1.isEmpty }
  guard !splits.isEmpty else {
    throw .missing(folder, "there are no SNIPS files in it: train_<Intent>_full.json, validate_<Intent>.json")
  }
  return splits.map { name, files in (name, files.values.sorted(by: bytesPrecede)) }
}

private func note(
  _ path: String, _ intent: Substring, in files: inout [String: String]
) throws(DataError) {
  if let other = files.updateValue(path, forKey: String(intent)) {
    throw .malformed(path, "holds sentences of \(intent), and so does \(other): leave one of them out")
  }
}

/// Names in a folder, in the order of their bytes, hidden ones left out.
func namesOfFiles(in folder: String) -> [String] {
  FolderEntry.all(in: folder).map(\.name).filter { !$0.hasPrefix(".") }
}
