/// The number format of a stored tensor, by the name safetensors gives it.
public enum TensorType: String, Hashable, Sendable, CaseIterable {
  case bool = "BOOL"
  case u8 = "U8"
  case i8 = "I8"
  case f8e5m2 = "F8_E5M2"
  case f8e4m3 = "F8_E4M3"
  case i16 = "I16"
  case u16 = "U16"
  case f16 = "F16"
  case bf16 = "BF16"
  case i32 = "I32"
  case u32 = "U32"
  case f32 = "F32"
  case f64 = "F64"
  case i64 = "I64"
  case u64 = "U64"

  /// Bytes of one element.
  public var size: Int {
    switch self {
    case .bool, .u8, .i8, .f8e5m2, .f8e4m3: 1
    case .i16, .u16, .f16, .bf16: 2
    case .i32, .u32, .f32: 4
    case .f64, .i64, .u64: 8
    }
  }

  /// Position in the file: wider types come first.
  var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// Where a tensor lies in a safetensors file.
public struct TensorEntry: Hashable, Sendable {
  public var name: String
  public var type: TensorType
  public var shape: [Int]
  /// Bytes from the end of the header.
  public var range: Range<Int>

  public init(name: String, type: TensorType, shape: [Int], range: Range<Int>) {
    self.name = name
    self.type = type
    self.shape = shape
    self.range = range
  }

  /// Elements.
  public var count: Int { range.count / type.size }
}

/// What a safetensors header says, checked against the size of its file.
struct SafetensorsHeader: Equatable {
  static let largestLength = 100_000_000

  /// In the order of their bytes.
  var entries: [TensorEntry]
  var metadata: [String: String]

  /// The rules that bind entries and file together: no hole, no overlap, every length as the shape says, nothing left.
  ///
  /// `bufferSize`: bytes after the header.
  /// Throws what is wrong, as the end of a sentence.
  static func checkedOrder(_ entries: [TensorEntry], bufferSize: Int) throws(FormatFault) -> [TensorEntry] {
    let sorted = entries.sorted {
      ($0.range.lowerBound, $0.range.upperBound, $0.name) < ($1.range.lowerBound, $1.range.upperBound, $1.name)
    }
    var end = 0
    for entry in sorted {
      guard entry.range.lowerBound == end else {
        throw FormatFault("tensor \"\(entry.name)\" begins at byte \(entry.range.lowerBound) instead of \(end)")
      }
      guard let bytes = byteCount(entry.shape, entry.type) else {
        throw FormatFault("tensor \"\(entry.name)\" has a shape too large to be true")
      }
      guard bytes == entry.range.count else {
        throw FormatFault(
          "tensor \"\(entry.name)\" has \(entry.range.count) bytes where its shape and type need \(bytes)")
      }
      end = entry.range.upperBound
    }
    guard end == bufferSize else {
      throw FormatFault("its tensors take \(end) bytes, but \(bufferSize) follow the header")
    }
    return sorted
  }

  /// Bytes of a tensor; nil if they overflow.
  static func byteCount(_ shape: [Int], _ type: TensorType) -> Int? {
    var count = type.size
    for dimension in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
      if overflow || dimension < 0 { return nil }
      count = product
    }
    return count
  }
}

/// What is wrong with a file's content, as the end of a sentence that begins with the file's name.
struct FormatFault: Error, Equatable {
  var text: String
  init(_ text: String) { self.text = text }
}
