internal import Glibc

/// Multinomial logistic regression: the weights and biases that minimise the sum of the rows' cross-entropies and
/// `penalty` / 2 times the weights' squared norm.
struct LogisticRegression {
  /// A sparse row: numbers of features, each once, and their values.
  struct Row {
    var features: [Int]
    var values: [Double]

    var squaredNorm: Double { values.reduce(0) { $0 + $1 * $1 } }
  }

  /// [features, classes].
  private(set) var weights: [Double]
  /// [classes].
  private(set) var biases: [Double]
  private let classCount: Int

  /// Fits by Nesterov's accelerated gradient descent, whose step is safe for any rows.
  ///
  /// - Parameters:
  ///   - labels: each row's class.
  ///   - penalty: above 0.
  init(
    _ rows: [Row], labels: [Int], featureCount: Int, classCount: Int, penalty: Double, steps: Int = 250
  ) {
    precondition(rows.count == labels.count && penalty > 0, "every row has a label, and the penalty is above 0")
    self.classCount = classCount
    weights = [Double](repeating: 0, count: featureCount * classCount)
    biases = [Double](repeating: 0, count: classCount)
    // The cross-entropies' curvature is at most half the squared length of all rows, with a 1 for the bias in each.
    let curvature = penalty + rows.reduce(0) { $0 + ($1.squaredNorm + 1) / 2 }
    var ahead = self
    for step in 0..<steps {
      let gradient = ahead.gradient(rows, labels, penalty: penalty)
      let momentum = Double(step) / Double(step + 3)
      Self.descend(&weights, &ahead.weights, gradient.weights, rate: 1 / curvature, momentum: momentum)
      Self.descend(&biases, &ahead.biases, gradient.biases, rate: 1 / curvature, momentum: momentum)
    }
  }

  /// Moves `values` from the point `ahead` down the gradient there, and that point as far again as momentum goes.
  private static func descend(
    _ values: inout [Double], _ ahead: inout [Double], _ gradient: [Double], rate: Double, momentum: Double
  ) {
    for index in values.indices {
      let next = ahead[index] - rate * gradient[index]
      ahead[index] = next + momentum * (next - values[index])
      values[index] = next
    }
  }

  private func gradient(_ rows: [Row], _ labels: [Int], penalty: Double) -> (weights: [Double], biases: [Double]) {
    var ofWeights = weights.map { penalty * $0 }
    var ofBiases = [Double](repeating: 0, count: classCount)
    for (row, label) in zip(rows, labels) {
      var errors = probabilities(row)
      errors[label] -= 1
      for column in 0..<classCount { ofBiases[column] += errors[column] }
      for (feature, value) in zip(row.features, row.values) {
        for column in 0..<classCount { ofWeights[feature * classCount + column] += value * errors[column] }
      }
    }
    return (ofWeights, ofBiases)
  }

  /// [classes], summing to 1.
  func probabilities(_ row: Row) -> [Double] {
    var logits = biases
    for (feature, value) in zip(row.features, row.values) {
      for column in 0..<classCount { logits[column] += value * weights[feature * classCount + column] }
    }
    let largest = logits.max() ?? 0
    let powers = logits.map { exp($0 - largest) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }
}
