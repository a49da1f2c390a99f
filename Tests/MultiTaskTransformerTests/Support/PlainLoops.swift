/// Loops over float64 arrays through pointers and plain counters: an unoptimised build runs them tens of times faster
/// than the standard library's generic ones, and the gradient checks run them millions of times.
enum PlainLoops {
  /// Adds to each element of `output`, from `outputStart` to its end, the dot product of `count` elements of `left`
  /// and the next row of `right`.
  static func addProducts(
    _ left: [Double], from leftStart: Int, _ right: [Double], rowLength count: Int, to output: inout [Double],
    from outputStart: Int
  ) {
    let rows = output.count - outputStart
    precondition(leftStart + count <= left.count && rows * count <= right.count)
    left.withUnsafeBufferPointer { left in
      right.withUnsafeBufferPointer { right in
        output.withUnsafeMutableBufferPointer { output in
          guard let left = left.baseAddress, let right = right.baseAddress, let output = output.baseAddress else {
            return
          }
          var (row, element) = (0, 0)
          while row < rows {
            var (sum, index) = (0.0, 0)
            while index < count {
              sum += left[leftStart &+ index] * right[element]
              index &+= 1
              element &+= 1
            }
            output[outputStart &+ row] += sum
            row &+= 1
          }
        }
      }
    }
  }

  /// Replaces every element by a function of itself.
  static func apply(_ values: inout [Double], _ function: (Double) -> Double) {
    values.withUnsafeMutableBufferPointer { values in
      guard let base = values.baseAddress else { return }
      var index = 0
      while index < values.count {
        base[index] = function(base[index])
        index &+= 1
      }
    }
  }

  /// Replaces every element of `values` by a function of itself and its partner in `others`, read from `start` on.
  static func combine(
    _ values: inout [Double], with others: [Double], from start: Int = 0, _ function: (Double, Double) -> Double
  ) {
    precondition(start + values.count <= others.count)
    values.withUnsafeMutableBufferPointer { values in
      others.withUnsafeBufferPointer { others in
        guard let base = values.baseAddress, let other = others.baseAddress else { return }
        var index = 0
        while index < values.count {
          base[index] = function(base[index], other[start &+ index])
          index &+= 1
        }
      }
    }
  }

  static func sum(_ values: [Double]) -> Double {
    values.withUnsafeBufferPointer { values in
      guard let base = values.baseAddress else { return 0 }
      var (sum, index) = (0.0, 0)
      while index < values.count {
        sum += base[index]
        index &+= 1
      }
      return sum
    }
  }
}
