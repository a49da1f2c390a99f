import Foundation
import Glibc
import Testing

@testable import Machine

/// Folders as a container's system shows them.
@Suite struct ControlGroupTests {
  private final class Root {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("mtt-machine-\(UUID().uuidString)").path

    func write(_ name: String, _ text: String) throws {
      let url = URL(fileURLWithPath: path + "/" + name)
      try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: url)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
  }

  private let root = Root()

  private func mount(_ lines: String...) throws {
    try root.write(
      "proc/self/mountinfo",
      "22 28 0:21 / /proc rw,nosuid - proc proc rw\n" + lines.joined(separator: "\n") + "\n")
  }

  private static let second = "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate"

  /// In a container's own namespace the group is the root of what is mounted.
  @Test func aContainerOfVersionTwo() throws {
    try root.write("proc/self/cgroup", "0::/\n")
    try mount(Self.second)
    try root.write("sys/fs/cgroup/cpu.max", "200000 100000\n")
    try root.write("sys/fs/cgroup/memory.max", "1073741824\n")
    try root.write("sys/fs/cgroup/memory.current", "4096\n")
    let groups = ControlGroups(root: root.path)
    #expect(groups.processors == 2)
    #expect(groups.memory?.limit == 1 << 30 && groups.memory?.used == 4096)
  }

  @Test func withoutLimitsThereAreNone() throws {
    try root.write("proc/self/cgroup", "0::/user.slice/session.scope\n")
    try mount(Self.second)
    try root.write("sys/fs/cgroup/user.slice/session.scope/cpu.max", "max 100000\n")
    try root.write("sys/fs/cgroup/user.slice/session.scope/memory.max", "max\n")
    let groups = ControlGroups(root: root.path)
    #expect(groups.processors == nil && groups.memory == nil)
    #expect(ControlGroups(root: root.path + "/nowhere") == groups)
  }

  /// What a group above grants binds too, and each limit may be another group's.
  @Test func nestedGroups() throws {
    try root.write("proc/self/cgroup", "0::/system.slice/train.service/inner\n")
    try mount(Self.second)
    let slice = "sys/fs/cgroup/system.slice"
    try root.write(slice + "/cpu.max", "150000 100000\n")
    try root.write(slice + "/memory.max", "8589934592\n")
    try root.write(slice + "/train.service/cpu.max", "max 100000\n")
    try root.write(slice + "/train.service/memory.max", "4294967296\n")
    try root.write(slice + "/train.service/memory.current", "17\n")
    try root.write(slice + "/train.service/inner/cpu.max", "400000 100000\n")
    try root.write(slice + "/train.service/inner/memory.max", "max\n")
    let groups = ControlGroups(root: root.path)
    #expect(groups.processors == 1.5)
    #expect(groups.memory?.limit == 4 << 30 && groups.memory?.used == 17)
  }

  private static let first = [
    "40 30 0:30 / /sys/fs/cgroup/cpu,cpuacct rw shared:8 - cgroup cgroup rw,cpu,cpuacct",
    "41 30 0:31 / /sys/fs/cgroup/memory rw shared:9 - cgroup cgroup rw,memory",
    "42 30 0:32 / /sys/fs/cgroup/systemd rw shared:7 - cgroup cgroup rw,xattr,name=systemd",
  ]

  @Test func versionOne() throws {
    try root.write(
      "proc/self/cgroup", "5:memory:/docker/a\n4:cpu,cpuacct:/docker/a\n1:name=systemd:/docker/a\n0::/docker/a\n")
    try mount(Self.first[0], Self.first[1], Self.first[2])
    try root.write("sys/fs/cgroup/cpu,cpuacct/docker/a/cpu.cfs_quota_us", "50000\n")
    try root.write("sys/fs/cgroup/cpu,cpuacct/docker/a/cpu.cfs_period_us", "100000\n")
    try root.write("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "-1\n")
    try root.write("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n")
    try root.write("sys/fs/cgroup/memory/docker/a/memory.limit_in_bytes", "536870912\n")
    try root.write("sys/fs/cgroup/memory/docker/a/memory.usage_in_bytes", "1\n")
    try root.write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n")
    let groups = ControlGroups(root: root.path)
    #expect(groups.processors == 0.5)
    #expect(groups.memory?.limit == 512 << 20 && groups.memory?.used == 1)
  }

  /// Without a namespace a container sees the host's path, and its own group where that would lie.
  @Test func aGroupThatIsMountedAsTheRoot() throws {
    try root.write("proc/self/cgroup", "5:memory:/docker/a\n")
    try mount("41 30 0:31 /docker/a /sys/fs/cgroup/my\\040memory ro - cgroup cgroup rw,memory")
    try root.write("sys/fs/cgroup/my memory/memory.limit_in_bytes", "1048576\n")
    #expect(ControlGroups(root: root.path).memory?.limit == 1 << 20)
    try root.write("proc/self/cgroup", "5:memory:/../b\n")
    #expect(ControlGroups(root: root.path).memory?.limit == 1 << 20)
  }

  /// Version 2 for memory beside version 1 for processors.
  @Test func bothVersionsAtOnce() throws {
    try root.write("proc/self/cgroup", "4:cpu,cpuacct:/a\n0::/a\n")
    try mount(Self.first[0], "30 23 0:26 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw")
    try root.write("sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us", "300000\n")
    try root.write("sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us", "100000\n")
    try root.write("sys/fs/cgroup/unified/a/memory.max", "77\n")
    let groups = ControlGroups(root: root.path)
    #expect(groups.processors == 3 && groups.memory?.limit == 77)
  }

  /// What holds files is given back when memory is short.
  @Test func filesInMemoryAreNotCounted() throws {
    try root.write("proc/self/cgroup", "5:memory:/a\n0::/a\n")
    try mount(Self.first[1], Self.second)
    let (old, new) = ("sys/fs/cgroup/memory/a/memory", "sys/fs/cgroup/a/memory")
    try root.write(old + ".limit_in_bytes", "1000\n")
    try root.write(old + ".usage_in_bytes", "600\n")
    try root.write(old + ".stat", "inactive_file 1\ntotal_inactive_file 500\n")
    #expect(ControlGroups(root: root.path).memory?.used == 100)
    try root.write(new + ".max", "900\n")
    try root.write(new + ".current", "800\n")
    try root.write(new + ".stat", "anon 500\ninactive_file 250\nactive_file 50\n")
    #expect(ControlGroups(root: root.path).memory?.used == 550)
  }

  /// The dashboard's group need not be that of the run it shows.
  @Test func anothersLimits() throws {
    try root.write("proc/self/cgroup", "0::/\n")
    try root.write("proc/77/cgroup", "0::/docker/b\n")
    try mount(Self.second)
    try root.write("sys/fs/cgroup/docker/b/cpu.max", "50000 100000\n")
    try root.write("sys/fs/cgroup/docker/b/memory.max", "4096\n")
    #expect(ControlGroups(root: root.path).memory == nil)
    let groups = ControlGroups(of: 77, root: root.path)
    #expect(groups.memory?.limit == 4096 && Processors.granted(to: getpid(), groups) == 0.5)
    let all = Processors.granted(to: getpid(), ControlGroups(root: root.path))
    #expect(all == (Processors.scheduled < Processors.online ? Double(Processors.scheduled) : nil))
  }

  @Test func threadsAreWholeProcessorsOfTheQuota() throws {
    try root.write("proc/self/cgroup", "0::/\n")
    try mount(Self.second)
    for (quota, threads) in [("50000 100000", 1), ("100000 100000", 1), ("max 100000", nil), ("1 1000000", 1)] {
      try root.write("sys/fs/cgroup/cpu.max", quota + "\n")
      let found = Processors.available(ControlGroups(root: root.path))
      #expect(threads == nil ? found >= 1 : found == threads)
    }
  }

  @Test func processorsAreCountedFromTheKernelsMask() {
    #expect(Processors.allowed(mask: "\t3\n") == 2)
    #expect(Processors.allowed(mask: "\tff,ffffffff\n") == 40)
    #expect(Processors.allowed(mask: "") == 0)
    #expect(Processors.available >= 1)
    #expect(Processors.memory > 0)
  }
}
