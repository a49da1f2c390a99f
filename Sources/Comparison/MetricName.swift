/// What a metric's name says: whose figure it is, of which split, and whether more is better.
public enum MetricName {
  /// Whether larger values are better, smaller ones, or nobody knows.
  public enum Direction: Hashable, Sendable {
    case up, down, unknown
  }

  private static let lower = [
    "loss", "error", "err", "perplexity", "ppl", "mae", "mse", "rmse", "wer", "cer", "nll", "kl", "distance", "regret",
  ]
  private static let higher = [
    "acc", "accuracy", "f1", "precision", "recall", "auc", "auroc", "bleu", "rouge", "score", "reward", "match", "map",
    "map50", "iou", "r2", "dice", "psnr", "ssim", "success", "return", "spearman", "pearson", "ndcg", "mrr", "hits",
  ]
  private static let evaluation: Set<String> = ["eval", "evaluation", "val", "valid", "validation", "dev", "test"]
  private static let training: Set<String> = ["train", "training"]

  /// The words of a name, in lower case. Only ASCII's signs part them: of every character to ask what it is takes long.
  private static func words(_ name: some StringProtocol) -> [String] {
    name.lowercased().utf8.split { !isLetter($0) }.map { String(decoding: $0, as: UTF8.self) }
  }

  /// Whether a byte of a lower-case text belongs to a word.
  private static func isLetter(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), 128...: true
    default: false
    }
  }

  public static func direction(_ name: String) -> Direction {
    for word in words(name).reversed() {
      if lower.contains(where: { word == $0 || word.hasSuffix("loss") }) { return .down }
      if higher.contains(where: { word == $0 || word.hasPrefix("acc") || word.hasPrefix("map") }) { return .up }
    }
    return .unknown
  }

  /// The data set a metric is measured on, as its name says; empty where it does not.
  public static func split(_ name: String) -> String {
    words(name).first { evaluation.contains($0) || training.contains($0) } ?? ""
  }

  /// Whether a metric is measured on data that are not trained on; Ultralytics writes such ones as `metrics/…`.
  public static func isEvaluation(_ name: String) -> Bool {
    let split = split(name)
    return evaluation.contains(split) || split.isEmpty && name.hasPrefix("metrics/")
  }

  /// The name without its split: metrics that differ in nothing else belong into one chart. Lightning's `_epoch` says how
  /// often a figure comes, not which it is.
  public static func family(_ name: String) -> String {
    let family = withoutSplit(name)
    return family != name && family.hasSuffix("_epoch") ? String(family.dropLast("_epoch".count)) : family
  }

  private static func withoutSplit(_ name: String) -> String {
    let split = split(name)
    guard !split.isEmpty else { return name }
    var kept: [Substring] = []
    var dropped = false
    for part in name.split(separator: "/") {
      if !dropped, part.lowercased() == split {
        dropped = true
        continue
      }
      var words = part.split(separator: "_")
      if !dropped, words.count > 1, let place = words.firstIndex(where: { $0.lowercased() == split }) {
        words.remove(at: place)
        dropped = true
        kept.append(Substring(words.joined(separator: "_")))
      } else {
        kept.append(part)
      }
    }
    return kept.isEmpty ? name : kept.joined(separator: "/")
  }
}
