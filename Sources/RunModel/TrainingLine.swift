import Formatting
public import TrainingEvents

extension Mistake {
  /// The sentence with its gold labels as a line of JSON, to be mended and read again by training; what was predicted
  /// stands beside, under keys that no training reads.
  public var trainingLine: String {
    func array(_ strings: [String?]) -> String {
      "[" + strings.map { $0.map(JSONText.quoted) ?? "null" }.joined(separator: ",") + "]"
    }
    let isSuspect = leastMargin.isFinite
    let prefix = isSuspect ? "believed" : "predicted"
    var fields = ["\"tokens\":" + array(words)]
    if !goldTags.isEmpty { fields.append("\"tags\":" + array(goldTags)) }
    if let goldClass { fields.append("\"intent\":" + JSONText.quoted(goldClass)) }
    if !goldTags.isEmpty { fields.append("\"\(prefix)_tags\":" + array(predictedTags)) }
    if let predictedClass { fields.append("\"\(prefix)_intent\":" + JSONText.quoted(predictedClass)) }
    if isSuspect { fields.append("\"margin\":\(leastMargin)") }
    fields.append("\"\(isSuspect ? "train" : "dev")_sentence\":\(number)")
    return "{" + fields.joined(separator: ",") + "}\n"
  }
}
