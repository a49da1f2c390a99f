import Glibc
import Paths

/// What can be turned into the folder form.
public enum ImportFormat: String, Hashable, Sendable, CaseIterable {
  /// Any form, recognised by content.
  case sentences = "any"
  case columns = "conll"
  case jsonLines = "jsonl"
  case json
  case tables = "csv"
  case rasa
  case brat
  case brackets
  case trees
  case fastText = "fasttext"
  case snips = "snips-json"

  /// One line on the form, for help.
  public var summary: String {
    switch self {
    case .sentences: "any of those below, recognised by content"
    case .columns: "CoNLL columns, CoNLL-U and the like: a word a line with its tag, # intent: X before a sentence"
    case .jsonLines: "one object a line: tokens and tags, or a text with spans (doccano, Prodigy, …), and a class"
    case .json: "an array of such objects, or an object that holds one (Label Studio, Rasa, spaCy, …)"
    case .tables: "CSV or TSV: a sentence or a word a record, columns named by a header or by --columns"
    case .rasa: "Rasa's training data in YAML or Markdown, a file or a folder of them"
    case .brat: "a folder of brat's files, NAME.txt with NAME.ann"
    case .brackets: "a sentence a line with [type : words] in it, before it perhaps the class and a tab"
    case .trees: "a parse tree a line ([IN:… [SL:… ] ]), as TOP has them"
    case .fastText: "a sentence a line with its class as __label__CLASS, as fastText has them"
    case .snips: "SNIPS as published: train_<Intent>_full.json and validate_<Intent>.json"
    }
  }
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
  of paths: [String], to folder: String, format: ImportFormat, reading: ReadingOptions = .init()
) throws(DataError) -> [String] {
  var draft = try FolderDraft(paths, to: folder, format: format, ReadingContext(options: reading))
  try draft.store()
  return draft.remarks
}

/// A split in the folder form, read and checked but not yet written.
struct FolderDraft {
  private(set) var remarks: [String] = []
  private let folder: String
  private var writer = FolderWriter()
  private var converter = SentenceConverter()

  /// Reads everything; throws for what the folder form cannot hold and for a folder that holds a split already.
  init(
    _ paths: [String], to folder: String, format: ImportFormat, _ context: ReadingContext
  ) throws(DataError) {
    self.folder = folder
    guard FolderSplit(folder: folder) == nil else {
      throw DataError(
        kind: .unwritable, description: "\(folder): there is a split in it already: remove it, or name another folder")
    }
    for path in paths { try read(path, format, context) }
    guard writer.count > 0 else {
      throw .malformed(paths.first ?? folder, "there is no sentence in it: nothing was written")
    }
  }

  /// Writes the files, each whole or not at all; the parent folder must exist.
  mutating func store() throws(DataError) {
    if pathKind(folder) == .nothing, mkdir(folder, 0o777) != 0 { throw cannotWrite(folder) }
    try writer.store(in: folder)
    let partly = writer.remark.map { ", \($0)" } ?? ""
    remarks.append("\(folder): \(counted(writer.count, "sentence")) written\(partly).")
  }

  private mutating func read(
    _ path: String, _ format: ImportFormat, _ context: ReadingContext
  ) throws(DataError) {
    var report = ReadReport()
    if format == .snips {
      try readSnips(path, &report) { (sentence) throws(DataError) in try writer.add(sentence) }
      remarks += report.remarks
      return
    }
    var context = context
    context.form = format
    let source = try openSplit(path, context)
    if source is FolderSplit, format != .sentences { throw .malformed(path, "is in the folder form already") }
    var tags = SchemeReader()
    var labels = LabelCheck()
    try source.read(&report) { (sentence) throws(DataError) in
      tags.add(sentence)
      labels.note(sentence)
    }
    guard tags.hasSentences else {
      throw .malformed(source.wordPath, "there is no sentence in it: there is nothing to import")
    }
    try labels.expectSome(in: [source], purpose: "to import")
    let scheme = try tags.detector.scheme(of: source)
    report = ReadReport()
    var dropped = FirstAndCount()
    var converter = self.converter
    var draft = self.writer
    try source.read(&report) { (sentence) throws(DataError) in
      try converter.convert(sentence, from: source, scheme) { (converted, orphans) throws(DataError) in
        dropped.add(orphans, shiftedBy: draft.count)
        try draft.add(converted)
      }
    }
    self.converter = converter
    self.writer = draft
    remarks += report.remarks + report.remarksOnPassedOver
    if let remark = tags.detector.remark(on: source, dropped: dropped) { remarks.append(remark) }
  }
}

/// Turns sentences one by one into what the folder form holds: tags in IOB2.
private struct SentenceConverter {
  private var builder = CorpusBuilder()

  /// Calls `body` with the sentence and with how many of its words became `O`.
  mutating func convert(
    _ sentence: borrowing Sentence, from source: any SplitSource, _ scheme: TagScheme,
    _ body: (borrowing Sentence, FirstAndCount) throws(DataError) -> Void
  ) throws(DataError) {
    if builder.words.count > 10_000 { builder.words = StringTable() }
    var columns = SplitColumns()
    var ignored = SchemeDetector()
    // Refuses tags and classes that training would refuse.
    try builder.add(sentence, from: source, to: &columns, &ignored)
    guard scheme != .iob2, !columns.tags.isEmpty else { return try body(sentence, FirstAndCount()) }
    let orphans = builder.convert(&columns, from: scheme)
    var converted = copy sentence
    converted.tags.removeAll()
    for tag in columns.tags { converted.tags.append(tag < 0 ? "" : builder.tags.string(Int32(tag))) }
    try body(converted, orphans)
  }
}

/// The three files of the folder form as they will be written: an empty line in `label` stands for no class, `_` in
/// `seq.out` for a word without a tag.
private struct FolderWriter {
  private let words = FolderColumn()
  private let tags = FolderColumn()
  private let labels = FolderColumn()
  /// Sentences that have tags, and those that have a class.
  private var tagged = 0
  private var labelled = 0
  private(set) var count = 0

  mutating func add(_ sentence: borrowing Sentence) throws(DataError) {
    try words.append(sentence.words, count: sentence.words.count)
    try tags.append(sentence.tags, count: sentence.words.count)
    try labels.append(sentence.label ?? [])
    if !sentence.tags.isEmpty { tagged += 1 }
    if sentence.label != nil { labelled += 1 }
    count += 1
  }

  /// What the log says of sentences that have one of the two labels only.
  var remark: String? {
    func part(_ having: Int, _ what: String) -> String? {
      having > 0 && having < count ? "\(counted(count - having, "sentence")) without \(what)" : nil
    }
    let parts = [part(labelled, "a class"), part(tagged, "tags")].compactMap(\.self)
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }

  func store(in folder: String) throws(DataError) {
    if tagged > 0 { try tags.store(at: join(folder, "seq.out")) }
    if labelled > 0 { try labels.store(at: join(folder, "label")) }
    // Last, because it is what makes the folder a split.
    try words.store(at: join(folder, "seq.in"))
  }
}
