internal import Glibc

/// Processors this process may run on, and the machine's memory.
enum Processors {
  /// At least 1: those the scheduler allows, or all that are online where it does not say.
  static var available: Int {
    guard let file = fopen("/proc/self/status", "re") else { return online }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 4096)
    while fgets(&line, Int32(line.count), file) != nil {
      let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      if text.hasPrefix("Cpus_allowed:") {
        let count = allowed(mask: text.dropFirst("Cpus_allowed:".count))
        return count > 0 ? min(count, online) : online
      }
    }
    return online
  }

  /// Bits set in a mask as the kernel writes it: hexadecimal digits with commas.
  static func allowed(mask: some StringProtocol) -> Int {
    mask.reduce(0) { $0 + ($1.hexDigitValue?.nonzeroBitCount ?? 0) }
  }

  /// Bytes of the machine's memory; everything where the system does not say.
  static var memory: Int {
    let (pages, size) = (sysconf(Int32(_SC_PHYS_PAGES)), sysconf(Int32(_SC_PAGESIZE)))
    return pages > 0 && size > 0 ? Int(pages) * Int(size) : .max
  }

  private static var online: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }
}
