/// What the rows of a whole JSON file hold under each key: an empty array, or a row without a key, says nothing alone.
struct JSONSurvey {
  /// Kinds of values.
  struct Kinds: OptionSet {
    var rawValue: UInt16
    static let string = Kinds(rawValue: 1)
    static let number = Kinds(rawValue: 2)
    static let other = Kinds(rawValue: 4)
    static let object = Kinds(rawValue: 8)
    static let emptyArray = Kinds(rawValue: 16)
    static let strings = Kinds(rawValue: 32)
    static let numbers = Kinds(rawValue: 64)
    /// An array of labelled parts of the text.
    static let spans = Kinds(rawValue: 128)
    /// An array of annotations with a `result` each (Label Studio).
    static let results = Kinds(rawValue: 256)
    /// An array of objects with a label and no place.
    static let labels = Kinds(rawValue: 512)
    static let arrays = Kinds(rawValue: 1024)
    /// An array of strings that begins with a tag.
    static let tags = Kinds(rawValue: 2048)
    static let boolean = Kinds(rawValue: 4096)
  }

  private let bytes: UnsafeBufferPointer<UInt8>
  private let asked: Set<String>
  /// By key number, and whether anybody asks for them.
  private var kinds: [Kinds] = []
  private var areAsked: [Bool] = []
  /// The numbers of keys that may say which split a row is of.
  private var splitNumbers: [Int32: String] = [:]
  /// Whether a text has characters of two UTF-16 units.
  private(set) var hasWideCharacters = false
  /// The splits that rows say they are of, by key.
  private var splits: [String: Set<SplitName>] = [:]
  /// The key that says which split a row is of: where there are rows of several.
  var splitKey: String? { Self.splitKeys.first { splits[$0, default: []].count > 1 } }
  private static let splitKeys = ["training", "partition", "split"]

  init(_ bytes: UnsafeBufferPointer<UInt8>, _ keys: JSONKeys) {
    self.bytes = bytes
    asked = keys.asked
  }

  mutating func note(_ row: borrowing JSONRow) {
    for member in row.members {
      while kinds.count <= Int(member.key) {
        let name = row.name(of: Int32(kinds.count))
        if Self.splitKeys.contains(name) { splitNumbers[Int32(kinds.count)] = name }
        kinds.append([])
        areAsked.append(asked.contains(name))
      }
      let key = Int(member.key)
      // Where there are labelled parts of the text, other arrays say nothing new.
      if areAsked[key], !kinds[key].contains(.spans) || !bytes.isJSONArray(member.value) {
        kinds[key].formUnion(kind(of: member.value))
      }
      if !splitNumbers.isEmpty, let key = splitNumbers[member.key], let split = Self.split(member.value, bytes) {
        splits[key, default: []].insert(split)
      }
    }
    if !hasWideCharacters { hasWideCharacters = isWide(row.range) }
  }

  /// The split that a value names: true for training and false for not, or a split's name.
  static func split(_ value: Range<Int>, _ bytes: UnsafeBufferPointer<UInt8>) -> SplitName? {
    switch bytes.text(value) {
    case "true": .train
    case "false": .test
    case let name: SplitName.allCases.first { $0.spellings.contains { name == "\"\($0)\"" } }
    }
  }

  /// All kinds of values that rows have under a key.
  func kinds(_ name: String, of row: JSONRow) -> Kinds {
    row.number(of: name).map { Int($0) < kinds.count ? kinds[Int($0)] : [] } ?? []
  }

  /// Whether the bytes hold a character beyond U+FFFF, as itself or as escapes.
  private func isWide(_ range: Range<Int>) -> Bool {
    var position = range.lowerBound
    while position < range.upperBound {
      if position + 8 <= range.upperBound {
        let word = bytes.eightBytes(at: position)
        let slashes = word ^ 0x5C5C_5C5C_5C5C_5C5C
        // Bit 7 of a byte gets set where its four highest bits are, and where it is a backslash (and perhaps behind one).
        let wide = word & word << 1 & word << 2 & word << 3
        let escapes = (slashes &- 0x0101_0101_0101_0101) & ~slashes
        if (wide | escapes) & 0x8080_8080_8080_8080 == 0 {
          position += 8
          continue
        }
      }
      let byte = bytes[position]
      if byte >= 0xF0 { return true }
      if byte == UInt8(ascii: "\\"), position + 3 < range.upperBound, bytes[position + 1] == UInt8(ascii: "u"),
        bytes[position + 2] | 0x20 == UInt8(ascii: "d"), bytes[position + 3] >= UInt8(ascii: "8")
      {
        return true
      }
      position += 1
    }
    return false
  }

  private func kind(of value: Range<Int>) -> Kinds {
    switch bytes[value.lowerBound] {
    case UInt8(ascii: "\""): return .string
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
    case UInt8(ascii: "{"): return .object
    case UInt8(ascii: "n"), UInt8(ascii: "N"): return []
    case UInt8(ascii: "t"), UInt8(ascii: "f"): return .boolean
    case UInt8(ascii: "["): break
    default: return .other
    }
    guard let first = bytes.firstElement(value) else { return .emptyArray }
    switch bytes[first.lowerBound] {
    case UInt8(ascii: "\""):
      return bytes.withJSONText(first) { text, _ in Tag.isEntityTag(text) } ? [.strings, .tags] : .strings
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "n"): return .numbers
    case UInt8(ascii: "["): return JSONSpan(of: first, bytes).isPlaced ? .spans : .arrays
    case UInt8(ascii: "{"):
      var members = JSONMembers(bytes)
      members.read(first)
      if members.value("result") != nil { return hasSpans(inResultsOf: value) ? [.results, .spans] : .results }
      if JSONSpan(of: first, bytes).isPlaced { return .spans }
      return members.first(JSONSpan.typeKeys) != nil ? .labels : .other
    default: return .other
    }
  }

  /// Whether any annotation of an array has a labelled part of the text among its results.
  private func hasSpans(inResultsOf value: Range<Int>) -> Bool {
    var members = JSONMembers(bytes)
    for annotation in bytes.jsonElements(value) {
      members.read(annotation)
      guard let result = members.value("result") else { continue }
      if bytes.jsonElements(result).contains(where: { JSONSpan(of: $0, bytes).isPlaced }) { return true }
    }
    return false
  }
}
