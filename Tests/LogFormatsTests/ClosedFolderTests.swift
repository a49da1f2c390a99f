import FolderSupport
import Glibc
import LoggedRuns
import Testing

@testable import LogFormats

/// Folders that may not be read.
@Suite struct ClosedFolderTests {
  private let folder = TemporaryFolder()

  /// A folder that may not be read is a row that says why; what lies beside it opens all the same.
  @Test func aClosedFolderIsARowWithItsReason() {
    for (name, mode) in [("open", 0o755), ("closed", 0o000), ("listed", 0o644)] {
      folder.makeFolder(name)
      folder.write(Array("step,loss\n1,2\n2,1\n".utf8), to: name + "/metrics.csv")
      chmod(folder.path + "/" + name, mode_t(mode))
    }
    chmod(folder.path, 0o755)
    asNobody {
      let found = LogDiscovery.search(folder.path)
      #expect(found.map(\.name) == ["closed", "listed", "open"])
      #expect(found.map(\.format) == [.closedFolder, .closedFolder, .table])
      var log = OpenedLog(found[0])
      log.readAll()
      #expect(log.run.declaredState == .unreadable)
      #expect(log.run.problems.map(\.description) == [folder.path + "/closed: cannot be read: Permission denied"])
    }
    chmod(folder.path + "/closed", 0o755)
    #expect(LogDiscovery.search(folder.path).first { $0.name == "closed" }?.format == .table)
  }

  @Test func whereAllFoldersAreClosedTheSentenceSaysSo() {
    folder.makeFolder("closed")
    chmod(folder.path + "/closed", 0)
    chmod(folder.path, 0o755)
    asNobody {
      #expect(
        throws: LogError(
          description: "\(folder.path): no logs in it or below it that can be read: "
            + "\(folder.path)/closed: cannot be read: Permission denied")
      ) { try LogDiscovery.logs(at: folder.path) }
    }
    chmod(folder.path + "/closed", 0o755)
  }

  /// What lies in a folder that can be read at last takes its place; what is closed later says so itself.
  @Test func aClosedFolderThatOpensBecomesItsRuns() {
    let names = ["a", "b", "b/1", "b/2", "c", "d"]
    for name in names { folder.makeFolder(name) }
    for name in ["a", "b/1", "b/2", "c"] {
      folder.write(Array("step,loss\n1,2\n2,1\n".utf8), to: name + "/metrics.csv")
    }
    chmod(folder.path, 0o755)
    func look(_ list: inout LogList) -> [String: [String]] {
      list.update(with: LogDiscovery.search(folder.path)).opened.mapValues { $0.map(\.name) }
    }
    func close(_ names: [String], _ mode: mode_t) { for name in names { chmod(folder.path + "/" + name, mode) } }
    var list = LogList()
    close(["b", "d"], 0)
    asNobody {
      #expect(look(&list).isEmpty && list.logs.map(\.location.name) == ["a", "b", "c", "d"])
      list.logs[1].readAll()
      #expect(!list.hasOpened)
    }
    close(["b", "d"], 0o755)
    asNobody {
      #expect(list.hasOpened)
      list.logs[1].readAll()
      #expect(list.logs[1].run.declaredState == .unreadable, "until its logs take its place")
      #expect(look(&list) == [folder.path + "/b": ["b/1", "b/2"], folder.path + "/d": []])
      #expect(list.logs.map(\.location.name) == ["a", "b/1", "b/2", "c"] && !list.hasOpened)
    }
    close(["b", "d"], 0)
    asNobody {
      _ = look(&list)
      #expect(list.logs.map(\.location.name) == ["a", "b/1", "b/2", "c", "d"])
    }
    close(["b", "d"], 0o755)
    // A folder that is a log itself has the name and the id of the row it takes the place of.
    folder.write([], to: "d/events.out.tfevents.1.host")
    asNobody {
      #expect(look(&list) == [folder.path + "/d": ["d"]] && list.logs.map(\.location.format).last == .tensorBoard)
    }
  }

  /// Runs with a stranger's rights to files: root may read everything. The thread alone has them.
  private func asNobody(_ body: () -> Void) {
    typealias Call = @convention(c) (uid_t) -> Int32
    let setFileUser = dlsym(nil, "setfsuid").map { unsafeBitCast($0, to: Call.self) }
    _ = setFileUser?(65534)
    body()
    _ = setFileUser?(geteuid())
  }
}
