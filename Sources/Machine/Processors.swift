internal import Glibc

/// Processors and memory that this process may use, by the machine, its affinity mask and its control groups.
public enum Processors {
  /// Threads that can run at the same time; at least 1.
  public static var available: Int { available(ControlGroups()) }

  /// Bytes of memory; everything where the system does not say.
  public static var memory: Int { min(installed, ControlGroups().memory?.limit ?? .max) }

  /// As many whole processors as the scheduler allows and the quota pays for: threads beyond would wait for each other.
  static func available(_ groups: ControlGroups) -> Int {
    guard let quota = groups.processors, quota < Double(scheduled) else { return scheduled }
    return max(1, Int(quota))
  }

  /// Processors' worth of time that a process may take, where that is less than the machine has.
  public static func granted(to process: Int32, _ groups: ControlGroups) -> Double? {
    let granted = min(groups.processors ?? .infinity, Double(scheduled(of: process)))
    return granted < Double(online) ? granted : nil
  }

  /// Those the scheduler allows, or all that are online where it does not say.
  public static var scheduled: Int { scheduled(of: nil) }

  private static func scheduled(of process: Int32?) -> Int {
    let lines = (FileText.read("/proc/\(process.map(String.init) ?? "self")/status") ?? "").split(separator: "\n")
    for line in lines where line.hasPrefix("Cpus_allowed:") {
      let count = allowed(mask: line.dropFirst("Cpus_allowed:".count))
      return count > 0 ? min(count, online) : online
    }
    return online
  }

  /// Bits set in a mask as the kernel writes it: hexadecimal digits with commas.
  static func allowed(mask: some StringProtocol) -> Int {
    mask.reduce(0) { $0 + ($1.hexDigitValue?.nonzeroBitCount ?? 0) }
  }

  private static var installed: Int {
    let (pages, size) = (sysconf(Int32(_SC_PHYS_PAGES)), sysconf(Int32(_SC_PAGESIZE)))
    return pages > 0 && size > 0 ? Int(pages) * Int(size) : .max
  }

  /// Those of the machine.
  public static var online: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }
}
