internal import Glibc
internal import TrainingEvents

/// What the logarithms of a model's probabilities are divided by, task by task, so that they say how often it is right:
/// fitted after training, kept beside the model. 1 changes nothing; more makes every answer less sure.
struct Temperatures: Codable, Hashable, Sendable {
  static let fileName = "calibration.json"
  /// Temperatures outside mean a mistake, not of a model.
  static let range = 0.01...100.0

  /// Nil where a task was not fitted.
  private var values: PerTask<Double?>

  init(_ values: PerTask<Double?> = .all(nil)) { self.values = values }

  subscript(task: ModelTask) -> Double? { values[task] }

  var areInRange: Bool { ModelTask.allCases.compactMap { values[$0] }.allSatisfy(Self.range.contains) }

  /// A task's key in the file.
  private struct Key: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }

    init(_ task: ModelTask) { stringValue = "temperature_\(task.suffix)" }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    values = try PerTask { task throws in try container.decodeIfPresent(Double.self, forKey: Key(task)) }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    for task in ModelTask.allCases { try container.encodeIfPresent(values[task], forKey: Key(task)) }
  }
}

/// Probabilities raised to 1 ÷ temperature, with their sum made 1 again: the softmax of logits ÷ temperature.
func tempered(_ probabilities: some Sequence<Double>, by temperature: Double) -> [Double] {
  let logarithms = probabilities.map { log(max($0, .leastNormalMagnitude)) / temperature }
  let largest = logarithms.max() ?? 0
  let weights = logarithms.map { exp($0 - largest) }
  let sum = weights.reduce(0, +)
  return weights.map { $0 / sum }
}

/// How far probabilities are from the share of answers that are right: the expected calibration error.
struct CalibrationBins: Hashable, Sendable {
  private static let count = 15

  private var answers = [Int](repeating: 0, count: count)
  private var right = [Int](repeating: 0, count: count)
  private var confidence = [Double](repeating: 0, count: count)

  mutating func add(_ probability: Double, isRight: Bool) {
    // Bins of one width, each with its upper border.
    let bin = min(Self.count - 1, max(0, Int((probability * Double(Self.count)).rounded(.up)) - 1))
    answers[bin] += 1
    if isRight { right[bin] += 1 }
    confidence[bin] += probability
  }

  /// The bins' gaps between mean probability and share of right answers, weighted by their answers; nil without any.
  var error: Double? {
    let total = answers.reduce(0, +)
    guard total > 0 else { return nil }
    return answers.indices.reduce(0) { $0 + abs(confidence[$1] - Double(right[$1])) } / Double(total)
  }
}

/// Answers with their probabilities and gold labels, by which a temperature is fitted; of very many the first.
struct CalibrationSample {
  private static let mostNumbers = 4 << 20

  private var rows: [Float] = []
  private var columns = 0
  private var gold: [Int32] = []
  private var predicted: [Int32] = []
  /// Whether everything that was added is here.
  private(set) var isComplete = true

  /// - Parameter gold: a label the model does not know has no column.
  mutating func add(_ probabilities: ArraySlice<Double>, gold label: Int32, predicted answer: Int32) {
    guard rows.count + probabilities.count <= Self.mostNumbers else {
      isComplete = false
      return
    }
    columns = probabilities.count
    rows += probabilities.lazy.map { Float(log(max($0, Double(Float.leastNormalMagnitude)))) }
    gold.append(label)
    predicted.append(answer)
  }

  /// The temperature with the least negative log-likelihood of the gold labels; nil where none has: there is no label,
  /// or all answers are right, which only ever surer probabilities would do more justice.
  ///
  /// Newton's method on β = 1 ÷ temperature, of which the likelihood is a convex function, within a shrinking bracket.
  func temperature() -> Double? {
    var (low, high) = (1 / Temperatures.range.upperBound, 1 / Temperatures.range.lowerBound)
    guard let atLow = slope(low), let atHigh = slope(high), atLow.first < 0, atHigh.first > 0 else { return nil }
    var beta = 1.0
    for _ in 0..<100 {
      guard let (first, second) = slope(beta) else { return nil }
      if first < 0 { low = beta } else { high = beta }
      var next = beta - first / second
      if !(low...high).contains(next) { next = (low + high) / 2 }
      let step = abs(next - beta)
      beta = next
      if step <= 1e-12 * beta { break }
    }
    return 1 / beta
  }

  /// The negative log-likelihood's first and second derivative by β; nil without a known label.
  private func slope(_ beta: Double) -> (first: Double, second: Double)? {
    var (first, second, known) = (0.0, 0.0, 0)
    for (index, label) in gold.enumerated() where 0..<columns ~= Int(label) {
      let row = rows[index * columns..<(index + 1) * columns]
      let largest = Double(row.max() ?? 0)
      var (sum, mean, square) = (0.0, 0.0, 0.0)
      for value in row {
        let value = Double(value)
        let weight = exp(beta * (value - largest))
        sum += weight
        mean += weight * value
        square += weight * value * value
      }
      mean /= sum
      first += mean - Double(row[row.startIndex + Int(label)])
      second += max(0, square / sum - mean * mean)
      known += 1
    }
    return known == 0 ? nil : (first, second)
  }

  /// Calls `body` with each answer's probability at a temperature, and whether it is right.
  func forEach(at temperature: Double, _ body: (_ probability: Double, _ isRight: Bool) -> Void) {
    for index in gold.indices {
      let row = rows[index * columns..<(index + 1) * columns].map { exp(Double($0)) }
      let answer = Int(predicted[index])
      body(tempered(row, by: temperature)[answer], gold[index] == predicted[index])
    }
  }
}

/// How many answers there are of each probability, and how many of them are right: what a probability below which no
/// answer is given is chosen by.
struct RejectionTable: Hashable, Sendable {
  /// Probabilities are distinguished in steps of 1 ÷ this.
  private static let steps = 10_000

  private var answers = [Int](repeating: 0, count: steps + 1)
  private var right = [Int](repeating: 0, count: steps + 1)

  private static func threshold(_ step: Int) -> Double { Double(step) / Double(steps) }

  mutating func add(_ probability: Double, isRight: Bool) {
    var step = min(Self.steps, max(0, Int(probability * Double(Self.steps))))
    // Rounding must not put an answer on the other side of what the threshold's digits say.
    while step > 0, probability < Self.threshold(step) { step -= 1 }
    while step < Self.steps, probability >= Self.threshold(step + 1) { step += 1 }
    answers[step] += 1
    if isRight { right[step] += 1 }
  }

  /// The least threshold at which the share of right ones among the answers given is at least `precision`; nil where
  /// none is high enough.
  func choice(precision wanted: Double) -> Rejection? {
    let total = answers.reduce(0, +)
    var (given, correct) = (0, 0)
    var best: Rejection?
    for step in stride(from: Self.steps, through: 0, by: -1) {
      given += answers[step]
      correct += right[step]
      guard given > 0, Double(correct) >= wanted * Double(given) else { continue }
      best = Rejection(
        wantedPrecision: wanted, threshold: Self.threshold(step), precision: Double(correct) / Double(given),
        answered: given, sentences: total)
    }
    return best
  }
}

/// A probability below which a class is not answered, and what that does to the sentences it was chosen on.
public struct Rejection: Hashable, Sendable, Encodable {
  public var wantedPrecision: Double
  /// What `predict --reject` takes.
  public var threshold: Double
  /// The share of right ones among the classes answered.
  public var precision: Double
  public var answered: Int
  /// With a class.
  public var sentences: Int

  enum CodingKeys: String, CodingKey {
    case wantedPrecision = "wanted_precision"
    case threshold, precision, answered, sentences
  }
}
