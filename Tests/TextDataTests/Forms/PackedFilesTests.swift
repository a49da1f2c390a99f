import Foundation
import Testing

@testable import TextData

/// Files packed by gzip and zstd are read as what is in them.
@Suite struct PackedFilesTests {
  private static let text = "in\tO\nRome\tB-city\n\nhi\tO\n"
  /// `gzip -n9` of the text, and `zstd -19 --check` of it.
  private static let gzip: [UInt8] = [
    0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xCB, 0xCC, 0xE3, 0xF4, 0xE7, 0x0A,
    0xCA, 0xCF, 0x4D, 0xE5, 0x74, 0xD2, 0x4D, 0xCE, 0x2C, 0xA9, 0xE4, 0xE2, 0xCA, 0xC8, 0x04, 0x8A,
    0x00, 0x00, 0x86, 0xBC, 0xBC, 0xF1, 0x17, 0x00, 0x00, 0x00,
  ]
  private static let zstd: [UInt8] = [
    0x28, 0xB5, 0x2F, 0xFD, 0x24, 0x17, 0xB9, 0x00, 0x00, 0x69, 0x6E, 0x09, 0x4F, 0x0A, 0x52, 0x6F,
    0x6D, 0x65, 0x09, 0x42, 0x2D, 0x63, 0x69, 0x74, 0x79, 0x0A, 0x0A, 0x68, 0x69, 0x09, 0x4F, 0x0A,
    0xBA, 0x3C, 0x90, 0x67,
  ]

  private func rows(_ folder: TemporaryFolder, _ name: String) throws -> [String] {
    let data = try TextDataset.load(
      DataOptions(
        source: .files(train: [folder.path + "/" + name], dev: [], test: []), lowercase: false, minimumCount: 1,
        maxLength: 16))
    return data.rendered(data.train)
  }

  @Test func areUnpacked() throws {
    let folder = try TemporaryFolder(["plain.conll": Self.text])
    try folder.write("a.conll.gz", Self.gzip)
    try folder.write("b.conll.zst", Self.zstd)
    // Members and frames one after the other are one file.
    try folder.write("two.gz", Self.gzip + Self.gzip)
    try folder.write("two.zst", Self.zstd + Self.zstd)
    let plain = try rows(folder, "plain.conll")
    #expect(plain == ["? | in/O Rome/B-city", "? | hi/O"])
    #expect(try rows(folder, "a.conll.gz") == plain)
    #expect(try rows(folder, "b.conll.zst") == plain)
    #expect(try rows(folder, "two.gz") == plain.dropLast() + ["? | hi/O in/O Rome/B-city", "? | hi/O"])
    #expect(try rows(folder, "two.zst") == plain.dropLast() + ["? | hi/O in/O Rome/B-city", "? | hi/O"])
  }

  @Test func areFoundByTheNameOfTheirSplit() throws {
    let folder = try TemporaryFolder(["dev.conll": Self.text])
    try folder.write("train.conll.gz", Self.gzip)
    let data = try folder.load()
    #expect(data.train.count == 2 && data.dev?.count == 2)
  }

  /// Another content under the same name is another file.
  @Test func changedFilesAreUnpackedAnew() throws {
    let folder = try TemporaryFolder()
    try folder.write("a.gz", Self.gzip)
    #expect(try rows(folder, "a.gz").count == 2)
    try folder.write("a.gz", Self.gzip + Self.gzip)
    #expect(try rows(folder, "a.gz").count == 3)
  }

  @Test(arguments: ["gzip", "zstd"]) func damagedOnesAreRefused(_ packing: String) throws {
    let whole = packing == "gzip" ? Self.gzip : Self.zstd
    let folder = try TemporaryFolder()
    var changed = whole
    changed[whole.count / 2] ^= 0x55
    for bytes in [Array(whole.dropLast(3)), changed] {
      try folder.write("a", bytes)
      #expect {
        try rows(folder, "a")
      } throws: { error in
        (error as? DataError)?.kind == .malformed
      }
    }
    try folder.write("a", Array(whole.dropLast(3)))
    #expect {
      try rows(folder, "a")
    } throws: { error in
      "\(error)".hasSuffix(
        "/a: the \(packing) file is damaged or ends too early: pack it anew, or name the unpacked file")
    }
  }
}
