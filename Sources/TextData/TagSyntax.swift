/// What is wrong with a tag, as the rest of a sentence that begins with it; nil for `O`, a prefix, a prefix and a type.
///
/// Prefixes are those of IOB1, IOB2, IOBES and BILOU: B, I, E, S, L, U and M.
func tagProblem(_ tag: UnsafeBufferPointer<UInt8>) -> String? {
  if tag.count == 1, tag[0] == UInt8(ascii: "O") { return nil }
  guard let prefix = tag.first, TagPrefix(rawValue: prefix) != nil, tag.count == 1 || tag[1] == UInt8(ascii: "-") else {
    return "has no B- or I- before its type: write O, B-type or I-type"
  }
  if tag.count == 2 { return "has no type after the hyphen: write O, B-type or I-type" }
  return labelProblem(tag)
}

/// The letter that says where in an entity a word stands.
enum TagPrefix: UInt8, Sendable {
  case begin = 0x42, inside = 0x49, end = 0x45, single = 0x53, last = 0x4C, unit = 0x55, middle = 0x4D
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
