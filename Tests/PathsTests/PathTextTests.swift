import Foundation
import Paths
import Testing

@Suite struct PathTextTests {
  @Test(
    arguments: [
      [], Array("runs/first".utf8), Array("日本/é".utf8), [0x63, 0xE9], [0xFF], [0xC3], [0xC3, 0x28], [0xE2, 0x82],
      [0xF0, 0x9F, 0x98], [0xED, 0xA0, 0x80], [0xF4, 0x8F, 0xBF, 0x80], [0x80, 0xC3, 0xA9, 0xC3], [0xC0, 0xAF],
    ] as [[UInt8]])
  func bytesComeBack(_ bytes: [UInt8]) { #expect(PathText.bytes(PathText.text(bytes)) == bytes) }

  @Test func anyBytesComeBack() {
    var generator = SystemRandomNumberGenerator()
    var texts: [String: [UInt8]] = [:]
    for _ in 0..<20_000 {
      // Bytes that begin or go on characters are frequent.
      let bytes = (0..<Int.random(in: 0...6, using: &generator)).map { _ -> UInt8 in
        [UInt8(0x41), 0x80, 0xBF, 0xC3, 0xE2, 0xF4, 0x8F, 0xFF].randomElement(using: &generator) ?? 0
      }
      let text = PathText.text(bytes)
      #expect(PathText.bytes(text) == bytes, "\(bytes)")
      #expect(texts.updateValue(bytes, forKey: text) ?? bytes == bytes, "no two paths have one text")
      // F4 may begin one of the scalars that stand for bytes.
      if !bytes.contains(0xF4) { #expect(PathText.hasBytes(text) == (String(validating: bytes, as: UTF8.self) == nil)) }
    }
  }

  @Test func peopleReadTheBytes() {
    #expect(PathText.shown(PathText.text([0x63, 0xE9, 0x0A, 0x2F])) == "c\\xE9\n/")
    #expect(PathText.shown("née/日") == "née/日")
  }

  @Test func theSystemGetsTheBytes() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("mtt-paths-\(UUID().uuidString)").path
    #expect(mkdir(folder, 0o755) == 0)
    let name = PathText.text([0x63, 0xE9, 0xFF])
    let path = folder + "/" + name
    let file = open(path, O_WRONLY | O_CREAT | O_EXCL, 0o644)
    #expect(file >= 0)
    close(file)
    #expect(symlink(name, folder + "/link") == 0)
    #expect(linkTarget(folder + "/link") == name)
    #expect(resolvedPath(folder + "/link")?.hasSuffix("/" + name) == true)
    #expect(FolderEntry.all(in: folder) == [.init(name: name, kind: .file), .init(name: "link", kind: .other)])
    #expect(rename(path, folder + "/plain") == 0)
    #expect(access(path, F_OK) != 0 && access(folder + "/plain", F_OK) == 0)
    for left in ["plain", "link"] { unlink(folder + "/" + left) }
    #expect(rmdir(folder) == 0)
  }

  @Test func pathsAreMadeAbsolute() {
    #expect(absolutePath("/a//b/./c/../d/") == "/a/b/d")
    #expect(absolutePath("/../..") == "/")
    #expect(absolutePath("x").hasPrefix("/") && absolutePath("x").hasSuffix("/x"))
  }
}
