import Glibc

/// Adds `share` × softmax of each row of `logits` [rows, columns] to `sum`.
func addProbabilities(_ logits: [Float], columns: Int, share: Float, to sum: inout [Float]) {
  for row in stride(from: 0, to: logits.count, by: columns) {
    let values = logits[row..<row + columns]
    let largest = values.max() ?? 0
    let exponentials = values.map { exp($0 - largest) }
    let total = exponentials.reduce(0, +)
    for column in 0..<columns { sum[row + column] += share * exponentials[column] / total }
  }
}

/// The natural logarithm.
func logarithm(_ x: Float) -> Float { log(x) }

/// Index of the largest of each row of `values` [rows, columns], the first of equals.
func argmax(_ values: [Float], columns: Int) -> [Int32] {
  stride(from: 0, to: values.count, by: columns).map { row in
    var best = 0
    for column in 1..<max(columns, 1) where values[row + column] > values[row + best] { best = column }
    return Int32(best)
  }
}
