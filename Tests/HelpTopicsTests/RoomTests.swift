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

  /// The system's calls take paths as text whose bytes may be anything only where `Paths` is imported.
  @Test func whoeverOpensPathsImportsThem() throws {
    // Constant paths alone.
    let constant: Set = [
      "TerminalOutput.swift", "TerminalDescription.swift", "FileText.swift", "ViewCommand.swift",
    ]
    let sources = Self.root + "/Sources"
    let calls =
      /(?:^|[^\w.])(?:open|opendir|stat|lstat|rename|mkdir|fopen|unlink|rmdir|access|symlink|chmod)\((?:path|folder|file|name|draft|temporary|target)\b/
    let files = FileManager.default.enumerator(atPath: sources)?.compactMap { $0 as? String } ?? []
    #expect(files.count > 200)
    for file in files where file.hasSuffix(".swift") && !file.hasPrefix("Paths/") {
      guard !constant.contains(String(file.split(separator: "/").last ?? "")) else { continue }
      let text = try String(contentsOfFile: sources + "/" + file, encoding: .utf8)
      if text.contains("import Glibc"), text.contains(calls) {
        let importsPaths = text.contains("import Paths")
        #expect(importsPaths, "\(file)")
      }
    }
  }

  /// A build does not depend on the day, nor on branches for systems that it is not for.
  @Test func everyBuildIsTheSame() throws {
    let manifest = try String(contentsOfFile: Self.root + "/Package.swift", encoding: .utf8)
    let packages = manifest.matches(of: /\.package\([^)]*\)/)
    #expect(packages.count >= 3)
    for package in packages { #expect(package.output.contains("exact: \""), "\(package.output)") }
    let version = try #require(manifest.firstMatch(of: /swift-tools-version: (\d+\.\d+)\n/)).1
    for name in ["README.md", "CONTRIBUTING.md"] {
      let text = try String(contentsOfFile: Self.root + "/" + name, encoding: .utf8)
      #expect(text.contains("Swift \(version)"), "\(name)")
    }
    let files = FileManager.default.enumerator(atPath: Self.root + "/Sources")?.compactMap { $0 as? String } ?? []
    for file in files where file.hasSuffix(".swift") {
      let text = try String(contentsOfFile: Self.root + "/Sources/" + file, encoding: .utf8)
      #expect(!text.contains("import Darwin"), "\(file)")
    }
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
