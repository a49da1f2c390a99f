import CKernels
import Glibc
import Kernels
import Testing

@Suite struct CrossEntropyKernelTests {
  @Test(arguments: [1, 2, 7, 16, 33, 72], [0.0, 0.1])
  func lossGradientAndPredictions(classes: Int, smoothing: Double) {
    var generator = SeededGenerator(seed: UInt64(classes))
    let labels: [Int32] = [0, Int32(classes - 1), -100, Int32(classes), 0, Int32(classes / 2), -1]
    let rows = labels.count
    var logits = generator.floats(rows * classes, scale: 5)
    // One row with numbers whose exponentials a float cannot hold.
    for column in 0..<classes { logits[4 * classes + column] *= 1000 }
    let bias = generator.floats(classes)
    let found = buffer(logits)
    let predictions = AlignedBuffer<Int32>(count: rows)
    let scale: Float = 0.125
    let result = mtt_cross_entropy(
      found.start, bias, labels, predictions.start, rows, classes, Float(smoothing), true, scale)

    var (loss, correct) = (0.0, 0)
    var gradient: [Double] = []
    for row in 0..<rows {
      let scores = (0..<classes).map { Double(logits[row * classes + $0] + bias[$0]) }
      let maximum = scores.max() ?? 0
      #expect(Int(predictions.start[row]) == scores.firstIndex(of: maximum))
      guard labels[row] >= 0, labels[row] < classes else {
        gradient += [Double](repeating: 0, count: classes)
        continue
      }
      let label = Int(labels[row])
      let total = scores.reduce(0) { $0 + exp($1 - maximum) }
      correct += scores.firstIndex(of: maximum) == label ? 1 : 0
      for (column, score) in scores.enumerated() {
        let target = smoothing / Double(classes) + (column == label ? 1 - smoothing : 0)
        let logProbability = score - maximum - log(total)
        loss -= target * logProbability
        gradient.append(Double(scale) * (exp(logProbability) - target))
      }
    }
    #expect(abs(result.loss - loss) < 1e-5 * (1 + loss))
    #expect(result.correct == correct)
    #expect(largestError(found.values, gradient) < 1e-6)
  }

  @Test func logitsStayInEvaluation() {
    let found = buffer([1, 2, 3, 4] as [Float])
    let result = mtt_cross_entropy(
      found.start, [0.5, -0.5] as [Float], [1, -100] as [Int32], nil, 2, 2, 0, false, 0)
    #expect(found.values == [1.5, 1.5, 3.5, 3.5])
    // Of equals the first is taken.
    #expect(result.correct == 0)
    #expect(abs(result.loss - log(2)) < 1e-7)
  }

  /// Logits that are no numbers are right about no label, whichever index comes out of them.
  @Test(arguments: [1, 3, 20]) func noNumberIsNoRightAnswer(classes: Int) {
    for label in 0..<classes {
      for place in 0..<classes {
        var logits = [Float](repeating: 1, count: classes)
        logits[place] = .nan
        for row in [logits, [Float](repeating: .nan, count: classes)] {
          let bias = [Float](repeating: 0, count: classes)
          let found = buffer(row)
          let result = mtt_cross_entropy(found.start, bias, [Int32(label)], nil, 1, classes, 0, false, 0)
          #expect(result.correct == 0 && result.loss.isNaN)
        }
      }
    }
  }

  @Test func aLossThatCountsNothingHasNoGradient() {
    let found = buffer([1, 2, 3, 4] as [Float])
    _ = mtt_cross_entropy(found.start, [0.5, -0.5] as [Float], [1, -100] as [Int32], nil, 2, 2, 0.1, true, 0)
    #expect(found.values == [0, 0, 0, 0])
  }
}
