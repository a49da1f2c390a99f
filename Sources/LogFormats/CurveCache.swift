internal import Glibc
internal import LoggedRuns
internal import Paths
internal import RunFolder
internal import Storage

/// Curves of large logs as they were read last, so that the same logs open at once: a file a log, below
/// `$XDG_CACHE_HOME/mtt-tui`, never beside the log.
///
/// An entry holds as long as each of the log's files is what it was. It is written whole or not at all, whoever else
/// writes it meanwhile; one that is damaged, or of another version, is as good as none. A cache that cannot be written
/// costs time and nothing else, so that nobody is bothered with it.
public struct CurveCache: Sendable {
  /// A log from so many bytes on is worth an entry.
  static let smallestLog = 4 << 20
  /// Bytes of all entries; of more, those that were used longest ago go.
  static let largestTotal = 256 << 20
  private static let largestEntry = 64 << 20
  private static let magic = Array("MTTCURVE".utf8)
  private static let suffix = ".curves"

  let folder: String
  let smallestLog: Int
  let largestTotal: Int
  /// Seconds that files must have been left alone: two changes within a tick of the file system's clock look like one.
  let settlingSeconds: Double

  /// The user's cache; nil where the environment names no place for one.
  public static var user: CurveCache? {
    userFolder("XDG_CACHE_HOME", inHome: ".cache").map { CurveCache(folder: $0 + "/mtt-tui/curves") }
  }

  init(
    folder: String, smallestLog: Int = smallestLog, largestTotal: Int = largestTotal, settlingSeconds: Double = 2
  ) {
    self.folder = folder
    self.settlingSeconds = settlingSeconds
    self.smallestLog = smallestLog
    self.largestTotal = largestTotal
  }

  // MARK: - Entries

  /// What was read of a log whose files have these stamps; nil where that is not known.
  func run(_ location: LogLocation, _ stamps: [FileStamp?]) -> LoggedRun? {
    let path = entry(location)
    guard let bytes = GrowingFile.contents(path, limit: Self.largestEntry) else { return nil }
    let run = bytes.withUnsafeBytes { bytes in try? Self.decode(bytes, location, stamps) }
    // The ones used last stay longest.
    if run != nil { utimensat(AT_FDCWD, path, nil, 0) }
    return run
  }

  /// Keeps what was read of a log whose files have these stamps.
  func keep(_ run: LoggedRun, _ location: LogLocation, _ stamps: [FileStamp?]) {
    do throws(RunFolderError) {
      try FileSystem.createFolders(folder)
      try FileSystem.writeAtomically(Self.encode(run, location, stamps), to: entry(location), isDurable: false)
    } catch {
      // Read again the next time.
    }
  }

  /// Removes entries until the rest is within bounds, and what processes that died have left half written.
  func prune(now: Double) {
    var entries: [(path: String, size: Int, used: Double)] = []
    for entry in FolderEntry.all(in: folder) where !entry.isFolder(in: folder) && entry.name.contains(Self.suffix) {
      let path = folder + "/" + entry.name
      guard let stamp = FileStamp(path) else { continue }
      let used = Double(stamp.modified) / 1e9
      if entry.name.hasSuffix(Self.suffix) {
        entries.append((path, Int(stamp.size), used))
      } else if now - used > 3600 {
        unlink(path)
      }
    }
    var total = entries.reduce(0) { $0 + $1.size }
    for entry in entries.sorted(by: { $0.used < $1.used }) where total > largestTotal {
      unlink(entry.path)
      total -= entry.size
    }
  }

  /// The entry's file: FNV-1a of the log's kind and path, which the entry repeats.
  private func entry(_ location: LogLocation) -> String {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in (location.format.rawValue + location.path).utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    let digits = String(hash, radix: 16)
    return folder + "/" + String(repeating: "0", count: 16 - digits.count) + digits + Self.suffix
  }

  // MARK: - Bytes

  /// "MTTCURVE", the version and the checksum of what follows (4 bytes each): the log's kind, path and stamps, the run.
  private static func encode(_ run: LoggedRun, _ location: LogLocation, _ stamps: [FileStamp?]) -> [UInt8] {
    var body = ByteWriter(capacity: 1 << 18)
    body.put(location.format.rawValue)
    body.put(location.path)
    body.put(stamps.count)
    for stamp in stamps { append(stamp, to: &body) }
    var head = ByteWriter()
    head.put(fixed: RunCodec.version)
    let bytes = body.bytes + RunCodec.encode(run)
    head.put(fixed: bytes.withUnsafeBytes { Checksum($0).value })
    return magic + head.bytes + bytes
  }

  private static func decode(
    _ bytes: UnsafeRawBufferPointer, _ location: LogLocation, _ stamps: [FileStamp?]
  ) throws(CodingFault) -> LoggedRun? {
    let start = magic.count + 8
    guard bytes.count > start, bytes.starts(with: magic) else { return nil }
    var head = ByteReader(UnsafeRawBufferPointer(rebasing: bytes[magic.count..<start]))
    let body = UnsafeRawBufferPointer(rebasing: bytes[start...])
    guard try head.fixed32() == RunCodec.version, try head.fixed32() == Checksum(body).value else { return nil }
    var reader = ByteReader(body)
    guard try reader.text() == location.format.rawValue, try reader.text() == location.path,
      try reader.count() == stamps.count
    else { return nil }
    for stamp in stamps where try !isNext(stamp, &reader) { return nil }
    return try RunCodec.decode(UnsafeRawBufferPointer(rebasing: body[reader.place...]))
  }

  private static func numbers(_ stamp: FileStamp) -> [UInt64] {
    [stamp.device, stamp.inode] + [stamp.size, stamp.modified, stamp.changed].map { UInt64(bitPattern: $0) }
  }

  private static func append(_ stamp: FileStamp?, to writer: inout ByteWriter) {
    writer.put(stamp != nil)
    for number in stamp.map(numbers) ?? [] { writer.put(fixed: number) }
  }

  private static func isNext(_ stamp: FileStamp?, _ reader: inout ByteReader) throws(CodingFault) -> Bool {
    guard try reader.flag() == (stamp != nil) else { return false }
    for number in stamp.map(numbers) ?? [] where try reader.fixed64() != number { return false }
    return true
  }
}
