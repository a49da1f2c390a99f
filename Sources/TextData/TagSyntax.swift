/// What is wrong with a tag, as the rest of a sentence that begins with the tag; nil for `O`, `B-x`, `I-x`, `B`, `I`.
func tagProblem(_ tag: UnsafeBufferPointer<UInt8>) -> String? {
  if tag.count == 1, tag[0] == UInt8(ascii: "O") { return nil }
  guard let prefix = tag.first, prefix == UInt8(ascii: "B") || prefix == UInt8(ascii: "I"),
    tag.count == 1 || tag[1] == UInt8(ascii: "-")
  else { return "has no B- or I- before its type: write O, B-type or I-type" }
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
