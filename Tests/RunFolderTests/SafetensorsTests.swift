import FolderSupport
import Testing

@testable import RunFolder

@Suite struct SafetensorsTests {
  private let folder = TemporaryFolder()

  /// A file of a header and a buffer, the length written as given.
  private func file(_ header: String, buffer: [UInt8] = [], length: UInt64? = nil) -> [UInt8] {
    withUnsafeBytes(of: (length ?? UInt64(header.utf8.count)).littleEndian) { Array($0) } + Array(header.utf8) + buffer
  }

  private func open(_ bytes: [UInt8]) throws -> SafetensorsFile {
    folder.write(bytes, to: "t.safetensors")
    return try SafetensorsFile(path: folder.path + "/t.safetensors")
  }

  @Test func readsBackWhatItWrote() throws {
    let tensors = [
      StoredTensor(name: "b.weight", shape: [2, 3], values: .f32([1, -2, .infinity, 0, 0.1, -0.0])),
      StoredTensor(name: "a.bias", shape: [], values: .f32([7])),
      StoredTensor(name: "leer \"ü\"\n", shape: [0, 4], values: .f32([])),
      StoredTensor(name: "steps", shape: [2], values: .i64([.min, .max])),
      StoredTensor(name: "keys", shape: [1], values: .u64([.max])),
    ]
    let path = folder.path + "/t.safetensors"
    try SafetensorsWriter.write(tensors, metadata: ["format": "pt"], to: path)
    let file = try SafetensorsFile(path: path)
    #expect(file.metadata == ["format": "pt"])
    #expect(file.entries.map(\.name) == ["keys", "steps", "a.bias", "b.weight", "leer \"ü\"\n"])
    for tensor in tensors {
      let entry = try #require(file.entry(tensor.name))
      #expect(entry.shape == tensor.shape)
      switch tensor.values {
      case .f32(let values): #expect(try file.floats(entry).map(\.bitPattern) == values.map(\.bitPattern))
      case .i64(let values): #expect(try file.integers(entry) == values)
      case .u64(let values): #expect(try file.unsignedIntegers(entry) == values)
      }
    }
  }

  @Test func writesTheFormatsBytes() throws {
    let path = folder.path + "/t.safetensors"
    try SafetensorsWriter.write([StoredTensor(name: "w", shape: [1], values: .f32([1]))], to: path)
    let header = #"{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#
    let padded = header + String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
    #expect(folder.read("t.safetensors") == file(padded, buffer: [0, 0, 0x80, 0x3F]))
  }

  @Test func readsWhatOthersWrite() throws {
    let header =
      #" {"w":{"shape":[2],"data_offsets":[1,9],"dtype":"F32"},"__metadata__":{"k":"\u00e9\ud83d\ude00\/"},"#
      + #""b":{"dtype":"BOOL","shape":[1],"data_offsets":[0,1]}} "#
    let trimmed = String(header.dropFirst())
    let read = try open(file(trimmed, buffer: [1, 0, 0, 0x80, 0x3F, 0, 0, 0, 0x40]))
    let entry = try #require(read.entry("w"))
    // Unaligned in the file.
    #expect(try read.floats(entry) == [1, 2])
    #expect(read.metadata == ["k": "é😀/"])
    #expect(throws: RunFolderError.self) { try read.floats(try #require(read.entry("b"))) }
  }

  private static let good = #""dtype":"F32","shape":[1],"data_offsets":[0,4]"#

  @Test(arguments: [
    "", "[]", " {}", "{", "{}}", "{} x", "{\"a\"}", "{\"a\":1}", "{\"a\":{}}", "{\"a\":{\(good)}", "{\"a\":{\(good),}}",
    "{\"a\":{\(good)},}", "{\"a\":{\(good)},\"a\":{\(good)}}", "{\"a\":{\(good),\"x\":1}}",
    "{\"a\":{\(good),\"dtype\":\"F32\"}}", #"{"a":{"dtype":"F31","shape":[1],"data_offsets":[0,4]}}"#,
    #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#,
    #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#,
    #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,8]}}"#,
    #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}"#,
    #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[-1,4]}}"#,
    #"{"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}"#,
    #"{"a":{"dtype":"F32","shape":[01],"data_offsets":[0,4]}}"#,
    #"{"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,4]}}"#,
    #"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,4]}}"#,
    #"{"a":{"dtype":"F32","shape":[9223372036854775807,9223372036854775807],"data_offsets":[0,4]}}"#,
    #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}"#,
    #"{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}"#,
    #"{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}"#,
    #"{"__metadata__":{"a":1}}"#, #"{"__metadata__":{"a":"x","a":"y"}}"#, #"{"__metadata__":[]}"#,
    #"{"\ud800":{\#(good)}}"#, #"{"\u12G4":{\#(good)}}"#, #"{"\q":{\#(good)}}"#, "{\"a\u{1}\":{\(good)}}", #"{"a"#,
  ])
  func refusesWhatIsNotRight(header: String) {
    #expect(throws: RunFolderError.self) { try open(file(header, buffer: [0, 0, 0, 0])) }
  }

  @Test(arguments: [0, 7, 8, 100_000_001, UInt64(Int.max), .max])
  func refusesALengthThatTheFileDoesNotHave(length: UInt64) {
    #expect(throws: RunFolderError.self) { try open(file("{}", length: length)) }
  }

  @Test(arguments: 0..<8) func refusesAFileTooShortForALength(count: Int) {
    #expect(throws: RunFolderError.self) { try open([UInt8](repeating: 0, count: count)) }
  }

  @Test func errorsNameTheFile() {
    let error = #expect(throws: RunFolderError.self) { try SafetensorsFile(path: folder.path + "/none.safetensors") }
    #expect(error?.exitCode == 66)
    #expect(error?.description.contains("none.safetensors") == true)
    #expect(throws: RunFolderError.self) { try SafetensorsFile(path: folder.path) }
  }
}
