internal import Glibc

/// What a process has done since it began to train with others.
public struct RankLoad: Hashable, Sendable {
  public var steps = 0
  /// Seconds in which it computed, and in which it waited for others or for the network.
  public var working = 0.0
  public var waiting = 0.0
  /// Its memory that is in RAM, in bytes.
  public var residentBytes = 0

  static let wordCount = 4

  var words: [UInt64] {
    [UInt64(steps), working.bitPattern, waiting.bitPattern, UInt64(max(0, residentBytes))]
  }

  init() {}

  init(_ words: ArraySlice<UInt64>) {
    let words = Array(words)
    steps = Int(words[0])
    working = Double(bitPattern: words[1])
    waiting = Double(bitPattern: words[2])
    residentBytes = Int(words[3])
  }

  /// This process's memory now; 0 where the system does not say.
  static var ownResidentBytes: Int {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 128)
    guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
    let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return (text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
  }
}
