/// What the control groups of a container or a service grant this process of processor time and of memory: whichever of
/// its groups and those above them grants least. Both versions are read, also side by side.
public struct ControlGroups: Hashable, Sendable {
  /// Processors' worth of time, such as 1.5; nil without a quota.
  public private(set) var processors: Double?
  /// Bytes of memory, and how many of them are in use by all of that group, those left out that hold files which can be
  /// read again; nil without a limit.
  public var memory: (limit: Int, used: Int?)? { limit.map { ($0, used) } }

  private var limit: Int?
  private var used: Int?

  /// The limits of a process.
  ///
  /// - Parameters:
  ///   - process: whose; nil for the calling one's.
  ///   - root: what the paths of the system's files begin with.
  public init(of process: Int32? = nil, root: String = "") {
    let mounts = Mount.all(in: FileText.read(root + "/proc/self/mountinfo") ?? "")
    let groups = FileText.read(root + "/proc/\(process.map(String.init) ?? "self")/cgroup") ?? ""
    for line in groups.split(separator: "\n") {
      // Number, controllers, path; version 2 names no controllers.
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { continue }
      let controllers = Set(parts[1].split(separator: ","))
      let isSecond = parts[1].isEmpty
      for mount in mounts where mount.holds(controllers, isSecond: isSecond) {
        for folder in mount.folders(of: String(parts[2])) {
          // In version 1 each controller has a hierarchy of its own, which alone holds its files.
          if isSecond || controllers.contains("cpu") { addProcessors(in: root + folder, isSecond: isSecond) }
          if isSecond || controllers.contains("memory") { addMemory(in: root + folder, isSecond: isSecond) }
        }
      }
    }
  }

  private mutating func addProcessors(in folder: String, isSecond: Bool) {
    let words =
      isSecond
      ? FileText.words(folder + "/cpu.max")
      : FileText.words(folder + "/cpu.cfs_quota_us") + FileText.words(folder + "/cpu.cfs_period_us")
    // "max" or -1 is no quota.
    guard words.count == 2, let quota = Double(words[0]), let period = Double(words[1]), quota > 0, period > 0 else {
      return
    }
    processors = min(processors ?? .infinity, quota / period)
  }

  private mutating func addMemory(in folder: String, isSecond: Bool) {
    let file = folder + (isSecond ? "/memory.max" : "/memory.limit_in_bytes")
    // "max", or in version 1 a number no machine has, is no limit.
    guard let word = FileText.words(file).first, let bytes = Int(word), bytes < 1 << 60, bytes < limit ?? .max else {
      return
    }
    let current = folder + (isSecond ? "/memory.current" : "/memory.usage_in_bytes")
    let files = isSecond ? "inactive_file" : "total_inactive_file"
    let statistics = FileText.words(folder + "/memory.stat")
    let cached = statistics.firstIndex(of: Substring(files)).flatMap { Int(statistics.dropFirst($0 + 1).first ?? "") }
    limit = bytes
    used = FileText.words(current).first.flatMap { Int($0) }.map { max(0, $0 - (cached ?? 0)) }
  }
}

/// A mounted hierarchy of control groups.
private struct Mount {
  /// Which group of the hierarchy is mounted.
  var root: String
  /// Where.
  var point: String
  var isSecond: Bool
  /// Controllers among the mount's options; version 1 alone has them.
  var options: Set<Substring>

  /// Those in the lines of `mountinfo`: number, parent, device, root, point, options and more, `-`, type, source,
  /// options.
  static func all(in text: String) -> [Mount] {
    text.split(separator: "\n").compactMap { line in
      let fields = line.split(separator: " ")
      guard let dash = fields.firstIndex(of: "-"), dash >= 5, fields.count > dash + 3 else { return nil }
      let type = fields[dash + 1]
      guard type == "cgroup" || type == "cgroup2" else { return nil }
      return Mount(
        root: unescaped(fields[3]), point: unescaped(fields[4]), isSecond: type == "cgroup2",
        options: Set(fields[dash + 3].split(separator: ",")))
    }
  }

  func holds(_ controllers: Set<Substring>, isSecond: Bool) -> Bool {
    self.isSecond == isSecond && (isSecond || !controllers.isDisjoint(with: options))
  }

  /// The folders of a group and of all above it that are mounted here.
  func folders(of group: String) -> [String] {
    var names: [Substring] = []
    if root == "/" || group == root || group.hasPrefix(root + "/") {
      names = group.dropFirst(root == "/" ? 0 : root.count).split(separator: "/")
    }
    // A group outside of what is mounted, as from within a namespace, is seen from the mount itself.
    if names.contains("..") { names = [] }
    return (0...names.count).map { count in ([Substring(point)] + names.prefix(count)).joined(separator: "/") }
  }

  /// `mountinfo` writes white space as a backslash and three octal digits.
  private static func unescaped(_ field: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = Array(field.utf8)[...]
    while let byte = rest.popFirst() {
      let digits = rest.prefix(3)
      let octal = byte == UInt8(ascii: "\\") && digits.count == 3
      if octal, let code = UInt8(String(decoding: digits, as: UTF8.self), radix: 8) {
        bytes.append(code)
        rest = rest.dropFirst(3)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
