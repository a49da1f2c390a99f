import Foundation
import Testing

@testable import HelpTopics

@Suite struct HelpTopicTests {
  private static let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

  @Test func theTopicsAreTheFolders() throws {
    let folder = Self.root + "/Sources/HelpTopics/topics"
    let files = try FileManager.default.contentsOfDirectory(atPath: folder)
    #expect(HelpTopic.all.map { $0.name + ".txt" }.sorted() == files.sorted())
    for topic in HelpTopic.all {
      #expect(topic.text == (try String(contentsOfFile: "\(folder)/\(topic.name).txt", encoding: .utf8)))
    }
  }

  @Test func everyTopicSaysWhatItIsAboutAndFitsATerminal() {
    for topic in HelpTopic.all {
      #expect(!topic.summary.isEmpty && topic.summary.count <= 60, "\(topic.name)")
      for line in topic.text.split(separator: "\n") {
        #expect(line.count <= 80, "\(topic.name): \(line)")
      }
    }
  }

  @Test func theREADMEListsEveryTopic() throws {
    let readme = try String(contentsOfFile: Self.root + "/README.md", encoding: .utf8)
    for topic in HelpTopic.all { #expect(readme.contains("| `\(topic.name)` | \(topic.summary) |"), "\(topic.name)") }
  }

  /// Each topic that a text points to is there.
  @Test func topicsNamedInTextsExist() throws {
    let texts = HelpTopic.all.map(\.text) + [try String(contentsOfFile: Self.root + "/README.md", encoding: .utf8)]
    for text in texts {
      for match in text.matches(of: /mtt-tui\s+help\s+([a-z-]+)/) {
        #expect(HelpTopic.named(String(match.1)) != nil, "\(match.0)")
      }
    }
  }
}
