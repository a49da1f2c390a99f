extension PackedBatch {
  /// Packs a batch of B rows of L positions; positions whose mask is 0 are left out.
  ///
  /// - Parameters:
  ///   - count: B.
  ///   - length: L.
  ///   - inputIDs: [B, L].
  ///   - attentionMask: [B, L], 1 at real tokens, which come first in each row; every row has at least one.
  ///   - taskALabels: [B].
  ///   - taskBLabels: [B, L].
  ///   - nGramStarts: [B × L + 1] and `nGrams`: the n-gram rows of each position; both empty for a model without.
  public init(
    count: Int, length: Int, inputIDs: [Int32], attentionMask: [Int32], taskALabels: [Int32], taskBLabels: [Int32],
    nGramStarts: [Int32] = [], nGrams: [Int32] = []
  ) {
    precondition(inputIDs.count == count * length, "inputIDs must be [\(count), \(length)]")
    precondition(attentionMask.count == count * length, "attentionMask must be [\(count), \(length)]")
    precondition(taskALabels.count == count, "taskALabels must be [\(count)]")
    precondition(taskBLabels.count == count * length, "taskBLabels must be [\(count), \(length)]")
    var (tokenIDs, tagLabels, packedGrams): ([Int32], [Int32], [Int32]) = ([], [], [])
    var starts: [Int32] = [0]
    var packedStarts: [Int32] = nGramStarts.isEmpty ? [] : [0]
    for row in 0..<count {
      for place in row * length..<(row + 1) * length {
        guard attentionMask[place] != 0 else { break }
        tokenIDs.append(inputIDs[place])
        tagLabels.append(taskBLabels[place])
        guard !nGramStarts.isEmpty else { continue }
        packedGrams += nGrams[Int(nGramStarts[place])..<Int(nGramStarts[place + 1])]
        packedStarts.append(Int32(packedGrams.count))
      }
      starts.append(Int32(tokenIDs.count))
    }
    self.init(
      tokenIDs: tokenIDs, starts: starts, classLabels: taskALabels, tagLabels: tagLabels, nGramStarts: packedStarts,
      nGrams: packedGrams)
  }
}
