internal import TrainingEvents

/// Gathers what an evaluation gets wrong: the surest mistakes, in bounded memory.
struct MistakeCollector {
  /// Most sentences kept, and most words of them all.
  static let mostSentences = 1_000
  static let mostWords = 100_000

  private var kept: [Mistake] = []
  private var keptWords = 0
  private var wrong = 0
  /// The least confidence with which a mistake may be among the surest.
  private var threshold = -Double.infinity

  /// Counts a wrong sentence, and keeps it where it may be among the surest.
  mutating func add(confidence: Double, _ mistake: () -> Mistake) {
    wrong += 1
    guard confidence >= threshold else { return }
    let mistake = mistake()
    kept.append(mistake)
    keptWords += mistake.words.count
    if kept.count >= 2 * Self.mostSentences || keptWords >= 2 * Self.mostWords { trim() }
  }

  /// Keeps the surest that there is room for. What goes now would go from all of them too: they only leave less room.
  private mutating func trim() {
    kept.sort { ($1.confidence, $0.number) < ($0.confidence, $1.number) }
    let count = kept.count
    while kept.count > Self.mostSentences || keptWords > Self.mostWords {
      keptWords -= kept.removeLast().words.count
    }
    if kept.count < count { threshold = kept.last?.confidence ?? threshold }
  }

  /// What was gathered, of an evaluation on dev.
  mutating func mistakes(epoch: Int, step: Int, judged: Int) -> EvaluationMistakes {
    trim()
    return EvaluationMistakes(split: .dev, epoch: epoch, step: step, judged: judged, wrong: wrong, sentences: kept)
  }
}
