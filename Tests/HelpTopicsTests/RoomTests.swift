import Foundation
import Testing

/// CONTRIBUTING's table of rooms is the folder `Sources`.
@Suite struct RoomTests {
  private static let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

  @Test func everyRoomIsInTheTable() throws {
    let text = try String(contentsOfFile: Self.root + "/CONTRIBUTING.md", encoding: .utf8)
    let section = try #require(text.components(separatedBy: "| room in `Sources/`").dropFirst().first)
    let rows = section.split(separator: "\n").dropFirst(2).prefix { $0.hasPrefix("|") }
    let named = rows.flatMap { row in
      row.split(separator: "|")[0].split(separator: ",").map { $0.filter { $0 != "`" && $0 != " " } }
    }
    // Those that only name a library of the system.
    let libraries = ["CNcurses", "COneDNN", "CZlib", "CZstd"]
    let rooms = try FileManager.default.contentsOfDirectory(atPath: Self.root + "/Sources")
    #expect(named.sorted() == rooms.filter { !libraries.contains($0) }.sorted())
  }

  /// Each arrow in the table is one in Package.swift, and the other way round.
  @Test func theArrowsAreThePackages() throws {
    let manifest = try String(contentsOfFile: Self.root + "/Package.swift", encoding: .utf8)
    let text = try String(contentsOfFile: Self.root + "/CONTRIBUTING.md", encoding: .utf8)
    for match in manifest.matches(of: /room\(\s*"(\w+)",\s*\[([^\]]*)\]/) {
      let declared = match.2.matches(of: /"(\w+)"/).map { String($0.1) }.filter {
        !$0.hasPrefix("C") || $0 == "Comparison"
      }
      let row = try #require(
        text.split(separator: "\n").first { $0.hasPrefix("| `\(match.1)`") }, "\(match.1) is in the table")
      let uses = row.split(separator: "|")[2].split(separator: ",").map { $0.filter { $0 != " " } }
        .filter { !$0.isEmpty }
      let own = uses.filter { !$0.hasPrefix("C") || $0 == "Comparison" }
      #expect(own.sorted() == declared.filter { $0 != "Yams" }.sorted(), "\(match.1)")
    }
  }
}
