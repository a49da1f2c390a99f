import Foundation
import Testing
import Training

@testable import mtt_tui

/// Sentences on standard input, as `predict` reads them.
struct LineReaderTests {
  /// Whoever asks about thousands of lines gets the answers up to the one that is no text.
  @Test func theLinesBeforeOneThatIsNoTextAreHandedOut() throws {
    let pipe = Pipe()
    try pipe.fileHandleForWriting.write(
      contentsOf: Data("one\ntwo\r\n".utf8) + [0xFF, 0xFE, 0x0A] + Data("four\n".utf8))
    try pipe.fileHandleForWriting.close()
    var reader = LineReader(pipe.fileHandleForReading.fileDescriptor)
    #expect(try reader.next() == ["one", "two"])
    let failure = try #require(throws: RunFailure.self) { try reader.next() }
    #expect(failure.description == "standard input, line 3: is not UTF-8 text; convert it (iconv -t UTF-8)")
    #expect(failure.exitCode == 65)
  }

  @Test func aFirstLineThatIsNoTextIsRefusedAtOnce() throws {
    let pipe = Pipe()
    try pipe.fileHandleForWriting.write(contentsOf: Data([0xFF, 0x0A]))
    try pipe.fileHandleForWriting.close()
    var reader = LineReader(pipe.fileHandleForReading.fileDescriptor)
    #expect(throws: RunFailure.self) { try reader.next() }
  }
}
