internal import Glibc
internal import Machine
internal import MultiTaskTransformer
internal import Storage
internal import TextData
internal import TrainingEvents

/// What processes send each other before a run's first step, as JSON.

/// What a process is, sent by every other one to rank 0 first of all.
struct RankIdentity: Codable, Hashable, Sendable {
  var host: String
  var version: String
  /// Checksum of the program's file.
  var build: String
  /// Of the row kernels, and whether products can be in bfloat16: what rounding depends on.
  var instructionSet: String
  var supportsBFloat16: Bool
  /// Why it is slower than it could be, as a sentence after its name.
  var remark: String?

  /// This process's.
  static func own(_ group: RankGroup) -> RankIdentity {
    RankIdentity(
      host: hostName, version: Program.version, build: ownBuild ?? "",
      instructionSet: MultiTaskModel.instructionSet, supportsBFloat16: MultiTaskModel.supportsBFloat16,
      remark: bindingRemark(group))
  }

  /// Why it cannot train with another, after its name; nil where it can.
  func obstacle(besides other: RankIdentity) -> String? {
    if version != other.version { return "runs mtt-tui \(version), rank 0 \(other.version): install one version." }
    if build != other.build { return "runs another build of mtt-tui \(version) than rank 0: install one program." }
    if instructionSet != other.instructionSet || supportsBFloat16 != other.supportsBFloat16 {
      return "has a processor with other instructions (\(instructionSet)\(supportsBFloat16 ? ", bfloat16" : "")) than"
        + " rank 0 (\(other.instructionSet)\(other.supportsBFloat16 ? ", bfloat16" : "")): their sums are rounded"
        + " otherwise. Start on machines of one kind."
    }
    return nil
  }

  /// Launchers bind a process to a core or two unless configured otherwise.
  private static func bindingRemark(_ group: RankGroup) -> String? {
    let (allowed, online) = (Processors.scheduled, Processors.online)
    return allowed * group.localCount < online
      ? "may use only \(allowed) of \(online) processors: start with --bind-to none." : nil
  }

  private static var ownBuild: String? {
    guard let file = fopen("/proc/self/exe", "r") else { return nil }
    defer { fclose(file) }
    var checksum = Checksum()
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = fread(&bytes, 1, bytes.count, file)
      if count == 0 { return checksum.hexadecimal }
      bytes.withUnsafeBytes { checksum.add(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
    }
  }
}

/// What rank 0 has the others prepare.
enum RankInstruction: Codable, Sendable {
  /// Read the data; the answer is a `DataReport`.
  case read(RunConfiguration, tokenizer: SentTokenizer?)
  /// Make the model; its tensors follow, and the answer is a `ModelReport`.
  case begin(RankBeginning)
}

/// A tokenizer that is not made from train: an encoder's or a checkpoint's, which lie on rank 0's machine alone.
struct SentTokenizer: Codable, Hashable, Sendable {
  var configuration: TokenizerConfiguration
  var vocabulary: [String]

  init(_ folder: TokenizerFolder) { (configuration, vocabulary) = (folder.configuration, folder.vocabulary) }

  var folder: TokenizerFolder { TokenizerFolder(configuration: configuration, vocabulary: vocabulary) }
}

/// What all processes begin with.
struct RankBeginning: Codable, Sendable {
  var configuration: RunConfiguration
  var shape: ModelConfiguration
  var plan: TrainingPlan
  var optimizerStep: Int
  /// Whether each rank trains some members by itself.
  var sharesMembers: Bool
  /// How long rank 0 waits for another.
  var secondsToWait: Double
  /// Machines by rank.
  var hosts: [String]
}

/// What came of reading the data.
struct DataReport: Codable, Hashable, Sendable {
  /// Why they cannot be read.
  var failure: String?
  /// Of each file, by its path.
  var fingerprints: [String: String] = [:]
  /// Checksum of vocabulary and labels.
  var labels = ""
  var trainSentences = 0

  init(failure: String) { self.failure = failure }

  init(_ dataset: TextDataset) {
    fingerprints = dataset.fingerprints
    var checksum = Checksum()
    for text in dataset.vocabulary + dataset.sentenceClasses + dataset.tags {
      Array((text + "\n").utf8).withUnsafeBytes { checksum.add($0) }
    }
    labels = checksum.hexadecimal
    trainSentences = dataset.train.count
  }

  /// Why a process with this report cannot train with another, after its name; nil where it can.
  func obstacle(besides other: DataReport) -> String? {
    if let failure { return "cannot read the data: \(failure)" }
    for path in Set(fingerprints.keys).union(other.fingerprints.keys).sorted() {
      guard let mine = fingerprints[path] else { return "has no \(path), which rank 0 read: copy the data there." }
      guard let theirs = other.fingerprints[path] else { return "read \(path), which rank 0 does not have." }
      if mine != theirs { return "has another \(path) than rank 0: copy the data there." }
    }
    return labels == other.labels && trainSentences == other.trainSentences
      ? nil : "made other labels or another vocabulary of the data than rank 0."
  }
}

/// What a process's model is before the first step.
struct ModelReport: Codable, Hashable, Sendable {
  /// Why there is none.
  var failure: String?
  /// Checksums of all parameters, and of the gradients that the first batch's first part gives.
  var parameters = ""
  var gradients = ""

  init(failure: String) { self.failure = failure }

  init(_ model: TransformerModel, _ batches: RankBatches) {
    var sum = Checksum()
    for tensor in model.parameters() { tensor.values.withUnsafeBytes { sum.add($0) } }
    parameters = sum.hexadecimal
    var batches = batches
    var probe = Checksum()
    model.probe(batches.batch(epoch: 0, index: 0)) { probe.add($0) }
    gradients = probe.hexadecimal
  }

  func obstacle(besides other: ModelReport) -> String? {
    if let failure { return "cannot make the model: \(failure)" }
    if parameters != other.parameters { return "did not get the parameters that rank 0 sent: its network is at fault." }
    return gradients == other.gradients
      ? nil
      : "computes other gradients than rank 0 from the same batch: its processor or its oneDNN is another. Start on"
        + " machines of one kind."
  }
}
