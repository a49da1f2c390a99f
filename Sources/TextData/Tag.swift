/// A tag in its parts: where in an entity its word stands, and the entity's type.
public struct Tag: Hashable, Sendable {
  public var prefix: TagPrefix
  /// Empty for `O`, and for a tag that has no type.
  public var type: String

  /// Takes any text apart as seqeval's default mode (conlleval) does: the first character is the prefix, what follows
  /// the first `-` after it (or all the rest without one) the type.
  public init(_ text: String) {
    prefix = text.utf8.first.map { TagPrefix(rawValue: $0) ?? .other } ?? .outside
    let rest = text.unicodeScalars.dropFirst()
    let type = rest.firstIndex(of: "-").map { rest[rest.index(after: $0)...] } ?? rest
    self.type = String(type)
  }

  /// Whether a text is `O`, or one of the prefixes with or without a type: what entities can be read from.
  public static func isEntityTag(_ text: String) -> Bool {
    var text = text
    return text.withUTF8 { isEntityTag($0) }
  }

  static func isEntityTag(_ tag: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let first = tag.first, let prefix = TagPrefix(rawValue: first), prefix != .other else { return false }
    return tag.count == 1 || (prefix != .outside && tag[1] == UInt8(ascii: "-"))
  }
}

/// The letter that says where in an entity a word stands, in any of the schemes IOB1, IOB2, IOBES and BILOU.
public enum TagPrefix: UInt8, Sendable {
  case outside = 0x4F, begin = 0x42, inside = 0x49, end = 0x45, single = 0x53, last = 0x4C, unit = 0x55, middle = 0x4D
  /// No letter of a scheme.
  case other = 0
}

/// What is wrong with a tag, as the rest of a sentence that begins with it; nil for `O`, a prefix, a prefix and a type.
func tagProblem(_ tag: UnsafeBufferPointer<UInt8>) -> String? {
  guard Tag.isEntityTag(tag) else {
    return "has no B- or I- before its type: write O, B-type or I-type, or say --plain-tags bio (or words)"
  }
  if tag.count == 2 { return "has no type after the hyphen: write O, B-type or I-type" }
  return labelProblem(tag)
}

/// What is wrong with a label of either task, as the rest of a sentence that begins with it; nil if nothing is.
func labelProblem(_ label: UnsafeBufferPointer<UInt8>) -> String? {
  for index in label.indices {
    let isControl = label[index] < 0x20 || label[index] == 0x7F
    let isC1 = label[index] == 0xC2 && index + 1 < label.count && label[index + 1] < 0xA0
    if isControl || isC1 { return "contains a control character: remove it" }
  }
  return nil
}

/// Distinct tags by number, each split once, when it is first met.
struct TagTable: Sendable {
  private(set) var strings = StringTable()
  /// By tag.
  private(set) var prefixes: [TagPrefix] = []
  /// By tag: the number of its type, -1 for `O`.
  private(set) var typeNumbers: [Int32] = []
  private var types = StringTable()
  /// The number of `O`, which most words have.
  private var outside: Int32?

  var count: Int { strings.count }

  func string(_ tag: Int32) -> String { strings.string(tag) }

  /// The number of a tag, new if it was not there.
  mutating func intern(_ bytes: UnsafeBufferPointer<UInt8>) -> Int32 {
    let isOutside = bytes.count == 1 && bytes[0] == TagPrefix.outside.rawValue
    if isOutside, let outside { return outside }
    let tag = strings.intern(bytes)
    if isOutside { outside = tag }
    if Int(tag) == prefixes.count { takeApart(Tag(String(decoding: bytes, as: UTF8.self))) }
    return tag
  }

  mutating func intern(_ text: String) -> Int32 {
    var text = text
    return text.withUTF8 { intern($0) }
  }

  /// The number of the tag with another prefix and the type of `like`.
  mutating func intern(_ prefix: TagPrefix, like tag: Int32) -> Int32 {
    let type = types.string(typeNumbers[Int(tag)])
    let letter = String(UnicodeScalar(prefix.rawValue))
    return intern(type.isEmpty ? letter : "\(letter)-\(type)")
  }

  /// The prefix and type number of a tag in a column; a word without a tag counts as `O`.
  @inline(__always)
  func parts(_ tag: Int16) -> (prefix: TagPrefix, type: Int32) {
    tag < 0 ? (.outside, -1) : (prefixes[Int(tag)], typeNumbers[Int(tag)])
  }

  private mutating func takeApart(_ tag: Tag) {
    prefixes.append(tag.prefix)
    typeNumbers.append(tag.prefix == .outside ? -1 : types.intern(tag.type))
  }
}
