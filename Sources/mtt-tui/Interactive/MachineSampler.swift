import Dashboard
import Glibc
import Machine

/// Reads from /proc and /sys how busy the machine is, every two seconds.
struct MachineSampler {
  private static let interval = 2.0

  private struct Ticks {
    var busy: Double
    var total: Double
  }

  /// The process to look at besides the machine; nil while it is not known.
  private var process: Int32?

  private var folder: String? { process.map { "/proc/\($0)" } }
  private var last = -Double.infinity
  private var cores: [Ticks] = []
  private var processTicks = 0.0
  private let temperaturePath: String?

  /// What the process had used when `activityIfDue` last looked.
  private var activity: (time: Double, ticks: Double) = (-.infinity, 0)

  init() { temperaturePath = Self.findTemperature() }

  /// Looks at another process from now on.
  mutating func follow(_ new: Int32?) {
    guard new != process else { return }
    process = new
    processTicks = processTicksSoFar() ?? 0
    activity = (-.infinity, 0)
  }

  /// What the process has been doing, once a second; nil between and where it cannot be seen.
  mutating func activityIfDue(now: Double) -> EngineActivity? {
    guard now - activity.time >= 1, let folder, let ticks = processTicksSoFar(),
      let stat = Self.lines(folder + "/stat").first, let end = stat.lastIndex(of: ")")
    else { return nil }
    defer { activity = (now, ticks) }
    // The state stands behind the name in parentheses: T and t are stopped, D waits for a disk.
    switch stat[stat.index(after: end)...].first(where: { $0 != " " }) {
    case "T", "t": return .stopped
    default: return ticks > activity.ticks ? .working : .idle
    }
  }

  /// A sample where two seconds have passed since the last one; nil also at the first call, which has nothing to compare
  /// with, and where /proc is missing.
  mutating func sampleIfDue(now: Double) -> MachineSample? {
    guard now - last >= Self.interval else { return nil }
    let seconds = now - last
    last = now
    let ticks = Self.coreTicks()
    let process = processTicksSoFar() ?? 0
    defer { (cores, processTicks) = (ticks, process) }
    guard ticks.count == cores.count, !ticks.isEmpty else { return nil }
    let loads = zip(ticks, cores).map { now, before in
      now.total > before.total ? min(1, max(0, (now.busy - before.busy) / (now.total - before.total))) : 0
    }
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let memory = folder.map { Self.fields($0 + "/statm") } ?? []
    let status = folder.map { Self.lines($0 + "/status") } ?? []
    let machine = Self.lines("/proc/meminfo")
    let perSecond = Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
    var sample = MachineSample(
      cores: loads, residentBytes: (memory.count > 1 ? Int(memory[1]) ?? 0 : 0) * page,
      totalBytes: 1024 * Self.number("MemTotal:", in: machine),
      availableBytes: 1024 * Self.number("MemAvailable:", in: machine), threads: Self.number("Threads:", in: status),
      processCores: max(0, (process - processTicks) / perSecond / seconds), temperature: temperature)
    sample.limits = limits(machineBytes: sample.totalBytes)
    return sample
  }

  /// What the process that is looked at is granted of this machine.
  private func limits(machineBytes: Int) -> MachineSample.Limits {
    guard let process else { return MachineSample.Limits() }
    let groups = ControlGroups(of: process)
    var limits = MachineSample.Limits(processors: Processors.granted(to: process, groups))
    if let memory = groups.memory, memory.limit < machineBytes {
      (limits.memory, limits.memoryInUse) = (memory.limit, memory.used)
    }
    return limits
  }

  private var temperature: Double? {
    guard let temperaturePath, let text = Self.fields(temperaturePath).first, let value = Double(text) else {
      return nil
    }
    return value > 1000 ? value / 1000 : value
  }

  /// user, nice, system, idle, iowait, irq, softirq, steal of each core.
  private static func coreTicks() -> [Ticks] {
    lines("/proc/stat").compactMap { line in
      let fields = line.split(separator: " ")
      guard let name = fields.first, name.hasPrefix("cpu"), name.count > 3 else { return nil }
      let values = fields.dropFirst().prefix(8).map { Double($0) ?? 0 }
      guard values.count >= 5 else { return nil }
      let total = values.reduce(0, +)
      return Ticks(busy: total - values[3] - values[4], total: total)
    }
  }

  /// The process's user and system time, in ticks. The name in parentheses may hold anything.
  private func processTicksSoFar() -> Double? {
    guard let folder, let text = Self.lines(folder + "/stat").first, let end = text.lastIndex(of: ")") else {
      return nil
    }
    let fields = text[text.index(after: end)...].split(separator: " ")
    return fields.count > 12 ? (Double(fields[11]) ?? 0) + (Double(fields[12]) ?? 0) : nil
  }

  /// The processor's sensor, if one says it is.
  private static func findTemperature() -> String? {
    for index in 0..<16 {
      let zone = "/sys/class/thermal/thermal_zone\(index)"
      if let type = lines(zone + "/type").first, type.contains("x86_pkg") || type.contains("cpu") {
        return zone + "/temp"
      }
      let monitor = "/sys/class/hwmon/hwmon\(index)"
      if let name = lines(monitor + "/name").first, ["coretemp", "k10temp", "zenpower", "cpu_thermal"].contains(name) {
        return monitor + "/temp1_input"
      }
    }
    return nil
  }

  private static func number(_ name: String, in lines: [String]) -> Int {
    guard let line = lines.first(where: { $0.hasPrefix(name) }) else { return 0 }
    let fields = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
    return fields.count > 1 ? Int(fields[1]) ?? 0 : 0
  }

  private static func fields(_ path: String) -> [String] {
    lines(path).first?.split(separator: " ").map(String.init) ?? []
  }

  /// A kernel file's lines; none where it cannot be read.
  private static func lines(_ path: String) -> [String] {
    (FileText.read(path) ?? "").split(separator: "\n").map(String.init)
  }
}
