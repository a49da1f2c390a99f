import Dashboard
import Foundation
import Glibc
import Testing

@testable import mtt_tui

@Suite struct MachineSamplerTests {
  private func ticks() throws -> Double {
    let stat = try String(contentsOfFile: "/proc/self/stat", encoding: .utf8)
    // The name in parentheses may hold anything.
    let end = try #require(stat.lastIndex(of: ")"))
    let fields = stat[stat.index(after: end)...].split(separator: " ")
    return try #require(Double(fields[11])) + #require(Double(fields[12]))
  }

  /// What one process has used says nothing of another: the first sample after a change is of the new one alone.
  @Test func aSampleIsOfOneProcess() throws {
    let child = Process()
    child.executableURL = URL(fileURLWithPath: "/bin/sleep")
    child.arguments = ["600"]
    try child.run()
    // It inherits the test's blocked signals: no other would end it.
    defer { kill(child.processIdentifier, SIGKILL) }
    while try ticks() < 30 {}
    var sampler = MachineSampler()
    sampler.follow(child.processIdentifier)
    let nothing = sampler.sampleIfDue(now: 0)
    #expect(nothing == nil, "there is nothing to compare with")
    let before = try ticks()
    sampler.follow(getpid())
    let second = sampler.sampleIfDue(now: 2)
    let sample = try #require(second)
    let used = try ticks() - before
    #expect(sample.processCores * 2 * Double(sysconf(Int32(_SC_CLK_TCK))) <= used + 2)
    #expect(sample.residentBytes > 1 << 20 && sample.threads > 0)
  }

  /// While no run is known there is none to tell of.
  @Test func withoutARunThereIsTheMachine() throws {
    var sampler = MachineSampler()
    _ = sampler.sampleIfDue(now: 0)
    let early = sampler.sampleIfDue(now: 1)
    let due = sampler.sampleIfDue(now: 2)
    let sample = try #require(due)
    #expect(early == nil)
    #expect(sample.residentBytes == 0 && sample.processCores == 0 && sample.threads == 0)
    #expect(sample.totalBytes > sample.availableBytes && !sample.cores.isEmpty)
  }
}
