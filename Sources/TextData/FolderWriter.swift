#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What can be turned into the folder form.
public enum ImportFormat: Hashable, Sendable {
  /// SNIPS's published JSON.
  case snips
  /// Columns, JSONL or the folder form, recognised by content.
  case sentences
  /// CoNLL columns alone.
  case columns
  /// JSONL alone.
  case jsonLines
}

/// Writes one split in the folder form from files of another form.
///
/// - Parameters:
///   - paths: the files, read one after the other.
///   - folder: the split's folder (`…/train`), made if it is not there; it may not hold a split already. Its parent
///     must exist.
///   - format: how to read the files.
/// - Returns: remarks for the log, how many sentences were written among them.
public func writeFolderForm(
  of paths: [String], to folder: String, format: ImportFormat
) throws(DataError) -> [String] {
  var draft = try FolderDraft(paths, to: folder, format: format)
  try draft.store()
  return draft.remarks
}

/// A split in the folder form, read and checked but not yet written.
struct FolderDraft {
  private(set) var remarks: [String] = []
  private let folder: String
  private var writer = FolderWriter()
  private var builder = CorpusBuilder()

  /// Reads everything; throws for what the folder form cannot hold and for a folder that holds a split already.
  init(_ paths: [String], to folder: String, format: ImportFormat) throws(DataError) {
    self.folder = folder
    guard FolderSplit(folder: folder) == nil else {
      throw DataError(
        kind: .unwritable, description: "\(folder): there is a split in it already: name another folder")
    }
    for path in paths { try read(path, format) }
    guard writer.count > 0 else {
      throw .malformed(paths.first ?? folder, "there is no sentence in it: nothing was written")
    }
  }

  /// Writes the files, each whole or not at all; the parent folder must exist.
  mutating func store() throws(DataError) {
    if pathKind(folder) == .nothing, mkdir(folder, 0o777) != 0 { throw cannotWrite(folder) }
    try writer.store(in: folder)
    remarks.append("\(folder): \(counted(writer.count, "sentence")) written.")
  }

  private mutating func read(_ path: String, _ format: ImportFormat) throws(DataError) {
    var report = ReadReport()
    if format == .snips {
      try readSnips(path, &report) { (sentence) throws(DataError) in try writer.add(sentence, path: path) }
      remarks += report.remarks
      return
    }
    let source = try openSplit(path)
    try Self.check(source, is: format, path)
    var tags = TagReader()
    try source.read(&report) { (sentence) throws(DataError) in tags.add(sentence) }
    guard let scheme = tags.detector.scheme else { throw source.mixedSchemes }
    report = ReadReport()
    var draft = self
    var dropped = 0
    var firstDropped: Int?
    try source.read(&report) { (sentence) throws(DataError) in
      var columns = SplitColumns()
      if draft.builder.words.count > 10_000 { draft.builder.words = StringTable() }
      // Refuses tags and classes that training would refuse.
      try draft.builder.add(sentence, from: source, to: &columns)
      var converted = copy sentence
      if scheme != .iob2, !columns.tags.isEmpty {
        let orphans = draft.builder.convert(&columns, from: scheme, TagParts(draft.builder.tags), of: source)
        dropped += orphans.count
        if orphans.first != nil, firstDropped == nil { firstDropped = draft.writer.count + 1 }
        converted.tags.removeAll()
        for tag in columns.tags { converted.tags.append(tag < 0 ? "" : draft.builder.tags.string(Int32(tag))) }
      }
      try draft.writer.add(converted, path: path)
    }
    self = draft
    remarks += report.remarks
    if let remark = source.remark(on: scheme, dropped: dropped, first: firstDropped) { remarks.append(remark) }
  }

  private static func check(_ source: SplitSource, is format: ImportFormat, _ path: String) throws(DataError) {
    switch (source, format) {
    case (.jsonLines, .columns): throw .malformed(path, "is JSONL, not columns: import it as jsonl")
    case (.conll, .jsonLines): throw .malformed(path, "is not JSONL (its first character is no brace)")
    case (.folder, .columns), (.folder, .jsonLines): throw .malformed(path, "is in the folder form already")
    default: break
    }
  }
}

private struct FolderWriter {
  private var words: [UInt8] = []
  private var tags: [UInt8] = []
  private var labels: [UInt8] = []
  private var hasTags: Bool?
  private var hasLabels: Bool?
  private(set) var count = 0

  mutating func add(_ sentence: borrowing Sentence, path: String) throws(DataError) {
    let tagged = !sentence.tags.isEmpty
    let labelled = sentence.label != nil
    guard hasTags ?? tagged == tagged, hasLabels ?? labelled == labelled else {
      throw .malformed(
        path, line: sentence.line,
        "some sentences have \(hasTags ?? tagged == tagged ? "a class" : "tags") and some not")
    }
    (hasTags, hasLabels) = (tagged, labelled)
    try append(sentence.words, to: &words, "word", sentence.line, path)
    if tagged { try append(sentence.tags, to: &tags, "tag", sentence.line, path) }
    if let label = sentence.label { labels += label + [0x0A] }
    count += 1
  }

  private func append(
    _ strings: ByteStrings, to column: inout [UInt8], _ noun: String, _ line: Int, _ path: String
  ) throws(DataError) {
    for index in 0..<strings.count {
      let bytes = strings.bytes[strings.range(of: index)]
      guard !bytes.isEmpty, !bytes.contains(where: isWhiteSpace) else {
        throw .malformed(
          path, line: line,
          "the \(noun) \(quoted(strings.string(index))) is empty or has white space in it, "
            + "which the folder form cannot hold"
        )
      }
      if index > 0 { column.append(0x20) }
      column += bytes
    }
    column.append(0x0A)
  }

  func store(in folder: String) throws(DataError) {
    if hasTags == true { try store(tags, at: join(folder, "seq.out")) }
    if hasLabels == true { try store(labels, at: join(folder, "label")) }
    // Last, because it is what makes the folder a split.
    try store(words, at: join(folder, "seq.in"))
  }

  /// Writes a file beside its place and moves it there, so that it appears whole or not at all.
  private func store(_ bytes: [UInt8], at path: String) throws(DataError) {
    let draft = path + ".partial"
    let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw cannotWrite(path) }
    var done = 0
    var failed = false
    while done < bytes.count, !failed {
      let wrote = bytes.withUnsafeBytes { rest in
        write(descriptor, rest.baseAddress.map { $0 + done }, bytes.count - done)
      }
      if wrote >= 0 { done += wrote } else if errno != EINTR { failed = true }
    }
    if failed || fsync(descriptor) != 0 {
      let error = cannotWrite(path)
      close(descriptor)
      unlink(draft)
      throw error
    }
    close(descriptor)
    guard rename(draft, path) == 0 else { throw cannotWrite(path) }
  }
}

private func cannotWrite(_ path: String) -> DataError {
  DataError(kind: .unwritable, description: "\(path): cannot be written: \(String(cString: strerror(errno)))")
}
