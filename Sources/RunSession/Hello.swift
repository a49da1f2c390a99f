internal import RunLog
internal import TrainingEvents

/// What each end says before anything else, in a form that never changes: "MTTRUN", CR, LF; the version (4 bytes,
/// lowest first); 4 bytes of 0; the program's version as text, filled up with zeros (16 bytes).
struct Hello: Hashable, Sendable {
  static let length = 32
  private static let magic = Array("MTTRUN\r\n".utf8)
  private static let programLength = 16

  /// Of everything that follows.
  var version: UInt32 = RunLog.version
  var program = Program.version

  init() {}

  /// Nil where the other end speaks something else.
  init?(_ bytes: some Collection<UInt8>) {
    let bytes = Array(bytes)
    guard bytes.count == Self.length, bytes.starts(with: Self.magic) else { return nil }
    version = bytes[8..<12].reversed().reduce(0) { $0 << 8 | UInt32($1) }
    program = String(decoding: bytes[16...].prefix { $0 != 0 }, as: UTF8.self)
  }

  var bytes: [UInt8] {
    var bytes = Self.magic
    for shift in stride(from: UInt32(0), to: 32, by: 8) { bytes.append(UInt8(truncatingIfNeeded: version >> shift)) }
    bytes += [0, 0, 0, 0]
    bytes += program.utf8.prefix(Self.programLength)
    return bytes + [UInt8](repeating: 0, count: Self.length - bytes.count)
  }

  /// Throws a sentence where the other end is of another version; `nil` stands for one that is of none known.
  static func check(_ hello: Hello?) throws(SessionError) {
    guard let hello else {
      throw SessionError(
        "The run is trained by an earlier version of mtt-tui, which speaks another protocol; attach with that version "
          + "(run.json names it).")
    }
    guard hello.version != RunLog.version else { return }
    throw SessionError(
      "The run is trained by mtt-tui \(hello.program), whose protocol is \(hello.version), not \(RunLog.version); "
        + "attach with that version.")
  }
}
