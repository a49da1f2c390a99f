import CKernels
import Testing

/// Each instruction set's kernels against those of the set that this processor uses, which the gradient tests prove.
@Suite struct InstructionSetTests {
  static let sets: [String] = ["baseline", "avx2", "avx512"].filter { (name: String) in mtt_kernel_table(name) != nil }
  /// Those that are compared: not the one in use, which would be compared with itself.
  static let others = sets.filter { $0 != String(cString: mtt_instruction_set()) }
  /// One column; less than, exactly and more than a vector; several vectors and a rest.
  static let widths = [1, 3, 8, 16, 20, 37]
  private static let dropout = MTTDropout(key: 77, threshold: 1 << 30, scale: 4.0 / 3)
  private static let none = MTTDropout(key: 0, threshold: 0, scale: 1)

  private func table(_ name: String) throws -> MTTKernelTable {
    try #require(mtt_kernel_table(name)?.pointee)
  }

  private func expectClose(
    _ set: String, _ width: Int, tolerance: Double = 2e-5,
    _ outputs: (MTTKernelTable, inout SeededGenerator) -> [[Float]]
  ) throws {
    var (one, other) = (SeededGenerator(seed: UInt64(width)), SeededGenerator(seed: UInt64(width)))
    let found = outputs(try table(set), &one)
    let wanted = outputs(try table(String(cString: mtt_instruction_set())), &other)
    for (index, (found, wanted)) in zip(found, wanted).enumerated() {
      let error = largestError(found, wanted.map(Double.init))
      #expect(error <= tolerance, "\(set), \(width) columns, output \(index): \(error)")
    }
  }

  @Test(arguments: others, widths) func masksAreTheSameBits(set: String, width: Int) throws {
    let ones = [Float](repeating: 1, count: 40 * width)
    func mask(_ table: MTTKernelTable) -> [Float] {
      var mask = ones
      table.mtt_dropout?(ones, &mask, 40, width, 3, Self.dropout)
      return mask
    }
    let found = mask(try table(set))
    #expect(found == mask(try table(String(cString: mtt_instruction_set()))))
    #expect(found.allSatisfy { $0 == 0 || $0 == Self.dropout.scale } && Set(found).count == 2)
  }

  @Test(arguments: others, widths) func layerNormAndDropout(set: String, width: Int) throws {
    try expectClose(set, width) { table, random in
      let rows = 5
      let (y, residual, later) = (random.floats(rows * width), random.floats(rows * width), random.floats(rows * width))
      let (bias, gamma, beta) = (random.floats(width), random.floats(width), random.floats(width))
      var (sum, out, normalized) = (residual, residual, residual)
      var inverse = [Float](repeating: 0, count: rows)
      table.mtt_add_norm_forward?(
        y, bias, residual, gamma, beta, 1e-3, &sum, &out, &normalized, &inverse, rows, width, 2, Self.dropout)
      var gradient = normalized
      var (dSum, dGamma, dBeta, dBias) = (residual, gamma, gamma, gamma)
      table.mtt_add_norm_backward?(
        y, later, &gradient, inverse, gamma, &dSum, &dGamma, &dBeta, &dBias, rows, width, 2, Self.dropout)
      var dropped = y
      table.mtt_dropout?(y, &dropped, rows, width, 1, Self.dropout)
      var embedded = y
      table.mtt_embed_backward?(
        y, normalized, inverse, gamma, &embedded, &dGamma, &dBeta, rows, width, 4, Self.dropout)
      return [sum, out, normalized, inverse, gradient, dSum, dGamma, dBeta, dBias, dropped, embedded]
    }
  }

  @Test(arguments: others, widths) func embeddings(set: String, width: Int) throws {
    try expectClose(set, width) { table, random in
      let (word, position, gram) = (random.floats(6 * width), random.floats(4 * width), random.floats(5 * width))
      let (type, gamma, beta) = (random.floats(width), random.floats(width), random.floats(width))
      var out = [Float](repeating: 0, count: 4 * width)
      var (normalized, inverse) = (out, [Float](repeating: 0, count: 4))
      let (ids, places, starts, grams): ([Int32], [Int32], [Int32], [Int32]) = (
        [5, 0, 5, 2], [0, 1, 2, 3], [0, 0, 2, 3, 6], [4, 1, 0, 2, 2, 3]
      )
      withPointers(ids, places, starts, grams) { ids, places, starts, grams in
        withPointers(word, position, type, gram) { word, position, type, gram in
          var embedding = MTTEmbedding(
            ids: ids, positions: places, ngram_starts: starts, ngrams: grams, word: word, position: position,
            type: type, ngram: gram)
          table.mtt_embed_forward?(
            &embedding, gamma, beta, 1e-3, &out, &normalized, &inverse, 4, width, 0, Self.dropout)
        }
      }
      return [out, normalized, inverse]
    }
  }

  private func withPointers<Element>(
    _ a: [Element], _ b: [Element], _ c: [Element], _ d: [Element],
    _ body: (
      UnsafePointer<Element>?, UnsafePointer<Element>?, UnsafePointer<Element>?, UnsafePointer<Element>?
    ) -> Void
  ) {
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        c.withUnsafeBufferPointer { c in
          d.withUnsafeBufferPointer { d in body(a.baseAddress, b.baseAddress, c.baseAddress, d.baseAddress) }
        }
      }
    }
  }

  @Test(arguments: others, widths) func activationsAndSums(set: String, width: Int) throws {
    try expectClose(set, width) { table, random in
      let rows = 4
      let (x, bias, d) = (random.floats(rows * width, scale: 6), random.floats(width), random.floats(rows * width))
      var (derivative, gelu, sums, tanh, tanhGradient) = (x, x, bias, x, d)
      table.mtt_gelu_forward?(&derivative, bias, &gelu, rows, width, width)
      var geluGradient = derivative
      table.mtt_gelu_backward?(&geluGradient, d, &sums, rows, width, width)
      table.mtt_tanh_forward?(&tanh, bias, rows, width)
      table.mtt_tanh_backward?(&tanhGradient, tanh, &sums, rows, width, 0, Self.dropout)
      table.mtt_column_sums?(x, &sums, rows, width)
      var (gathered, strided) = (bias, bias)
      var plain = bias
      let dot = table.mtt_dot?(x, d, rows * width) ?? .nan
      table.mtt_gather_sum?(x, [3, 0, 3], [0.5, 1, 2], 3, width, &gathered)
      table.mtt_gather_sum?(x, [2, 1], nil, 2, width, &plain)
      table.mtt_strided_sum?(x, rows, width, width, &strided)
      var mixed = x
      table.mtt_weighted_sum?(&mixed, 0.5, x, -2, d, rows * width)
      var (neighbours, scattered) = ([Float](repeating: 7, count: 3 * rows * width), d)
      table.mtt_gather_neighbours?(x, &neighbours, rows, width)
      table.mtt_scatter_neighbours?(neighbours, &scattered, rows, width, true)
      return [
        derivative, gelu, geluGradient, tanh, tanhGradient, sums, gathered, plain, strided, neighbours,
        scattered, mixed, [Float(dot)],
      ]
    }
  }

  struct Shape: Sendable {
    let rows: Int
    let inputs: Int
    let outputs: Int
  }

  /// Sums in blocks, tiles of every height, panels that are not full, gradients in place and copied.
  @Test(
    arguments: others,
    [
      Shape(rows: 1, inputs: 1, outputs: 1), Shape(rows: 13, inputs: 37, outputs: 70),
      Shape(rows: 401, inputs: 20, outputs: 530), Shape(rows: 24, inputs: 790, outputs: 40),
    ]) func products(set: String, shape: Shape) throws
  {
    let (rows, inputs, outputs) = (shape.rows, shape.inputs, shape.outputs)
    try expectClose(set, outputs, tolerance: 1e-4) { table, random in
      let (x, w, dy) = (random.floats(rows * inputs), random.floats(outputs * inputs), random.floats(rows * outputs))
      var (dx, dw) = (random.floats(rows * inputs), random.floats(outputs * inputs))
      let width = table.mtt_panel_width?() ?? 0
      func whole(_ columns: Int) -> Int { (columns + width - 1) / width * width }
      var panels = [Float](repeating: 0, count: whole(outputs) * inputs)
      var gradientPanels = [Float](repeating: 0, count: whole(inputs) * outputs)
      var y = dy.map { _ in Float.nan }
      var scratch = [Float](repeating: .nan, count: table.mtt_weight_gradient_scratch?() ?? 0)
      table.mtt_pack_transposed?(w, 0, outputs, inputs, &panels)
      table.mtt_pack?(w, 0, outputs, inputs, outputs, &gradientPanels)
      table.mtt_product?(x, inputs, panels, &y, outputs, rows, inputs, outputs, false)
      table.mtt_product?(dy, outputs, gradientPanels, &dx, inputs, rows, outputs, inputs, true)
      table.mtt_weight_gradient?(dy, outputs, x, inputs, &dw, inputs, rows, inputs, outputs, true, &scratch)
      // Against the textbook, too.
      for (row, output) in [(0, 0), (rows - 1, outputs - 1), (rows / 2, outputs / 3)] {
        let expected = (0..<inputs).reduce(0.0) { $0 + Double(x[row * inputs + $1]) * Double(w[output * inputs + $1]) }
        #expect(abs(Double(y[row * outputs + output]) - expected) < 1e-4)
      }
      return [y, dx, dw]
    }
  }

  @Test(arguments: others, [1, 2, 17, 64, 70]) func attention(set: String, length: Int) throws {
    for size in [1, 5, 16, 32] {
      for dropout in [Self.none, Self.dropout] {
        try expectClose(set, length) { table, random in
          let hidden = 2 * size
          var (projected, bias) = (random.floats(length * 3 * hidden, scale: 2), random.floats(3 * hidden))
          let (relative, d) = (random.floats(9), random.floats(length * hidden))
          var (context, logSums) = (d, [Float](repeating: 0, count: length))
          var scratch = [Float](repeating: .nan, count: table.mtt_attention_scratch?(length, size) ?? 0)
          var relativeSums = relative
          relative.withUnsafeBufferPointer { values in
            let bias9 = MTTRelativeBias(values: values.baseAddress, clip: 4)
            table.mtt_attention_forward?(
              projected, bias, bias9, &context, &logSums, length, size, hidden, 6, dropout, &scratch)
            let before = bias
            table.mtt_attention_backward?(
              &projected, before, bias9, d, logSums, &bias, &relativeSums, length, size, hidden, 6, dropout, &scratch)
          }
          return [context, logSums, projected, bias, relativeSums]
        }
      }
    }
  }

  @Test(arguments: others, widths) func losses(set: String, width: Int) throws {
    try expectClose(set, width) { table, random in
      let logits = random.floats(6 * width, scale: 5)
      let bias = random.floats(width)
      let labels = [0, Int32(width) - 1, -100, Int32(width), 0, Int32(width) / 2]
      var (gradient, plain) = (logits, logits)
      var predictions = [Int32](repeating: -1, count: 6)
      let trained = table.mtt_cross_entropy?(&gradient, bias, labels, &predictions, 6, width, 0.1, true, 0.25)
      let evaluated = table.mtt_cross_entropy?(&plain, bias, labels, nil, 6, width, 0, false, 0)
      let figures = [
        trained?.loss ?? .nan, evaluated?.loss ?? .nan, Double(trained?.correct ?? -1),
        Double(evaluated?.correct ?? -1),
      ]
      return [gradient, plain, predictions.map(Float.init), figures.map { Float($0) }]
    }
  }

  @Test(arguments: others, [2, 5, 16, 21]) func chain(set: String, tags: Int) throws {
    try expectClose(set, tags) { table, random in
      var logits = random.floats(9 * tags, scale: 3)
      var ofMarginals = logits
      let (transitions, start, end) = (random.floats(tags * tags), random.floats(tags), random.floats(tags))
      let rows: [Int32] = [0, 1, 2, 4, 5, 8]
      let labels = (0..<9).map { Int32($0 % tags) }
      let padded = tags * (table.mtt_row_stride?(tags) ?? 0)
      var (powers, transposed) = ([Float](repeating: 0, count: padded), [Float](repeating: 0, count: padded))
      var scratch = [Float](repeating: .nan, count: table.mtt_chain_scratch?(6, tags) ?? 0)
      table.mtt_chain_exponentials?(transitions, tags, &powers, &transposed)
      var (dTransitions, dStart, dEnd) = (transitions, start, end)
      var path = [Int32](repeating: -1, count: 6)
      var loss = Double.nan
      var predictions = [Int32](repeating: -1, count: 9)
      var crossEntropy = MTTCrossEntropy(loss: .nan, correct: -1)
      withPointers(transitions, start, end, []) { transitions, start, end, _ in
        withPointers(powers, transposed, [], []) { powers, transposed, _, _ in
          var chain = MTTChain(
            transitions: transitions, start: start, end: end, exponentials: powers,
            exponentials_transposed: transposed, tags: tags)
          table.mtt_chain_decode?(logits, rows, 6, &chain, &path, &scratch)
          loss =
            table.mtt_chain_loss?(
              &logits, rows, labels, 6, &chain, true, 0.5, &dTransitions, &dStart, &dEnd, &scratch) ?? .nan
          scratch = scratch.map { _ in .nan }
          crossEntropy =
            table.mtt_chain_cross_entropy?(
              &ofMarginals, rows, labels, &predictions, 6, &chain, true, 0.5, &dTransitions, &dStart, &dEnd, &scratch)
            ?? crossEntropy
        }
      }
      return [
        logits, ofMarginals, dTransitions, dStart, dEnd, path.map(Float.init), predictions.map(Float.init),
        [Float(loss), Float(crossEntropy.loss), Float(crossEntropy.correct)],
      ]
    }
  }

  @Test(arguments: sets, [1, 16, 37, 150]) func adamW(set: String, count: Int) throws {
    var random = SeededGenerator(seed: 4)
    let (p, m, v) = (random.floats(count), random.floats(count), random.floats(count).map(abs))
    let steps = (1...9).map { number in
      MTTAdamW(
        gradient_scale: 1, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, rest1: 0.1, rest2: 0.001,
        step_size: 1e-2 / Float(number), inverse_correction2: 3 / Float(number), keep: 1 - 1e-3 * Float(number))
    }
    let table = try table(set)
    var (p1, m1, v1) = (p, m, v)
    for var step in steps {
      table.mtt_adamw?(&p1, [Float](repeating: 0, count: count), &m1, &v1, count, &step)
    }
    var (p2, m2, v2) = (p, m, v)
    table.mtt_adamw_idle?(&p2, &m2, &v2, count, steps, steps.count)
    // Late steps are the same bits as steps taken in time.
    #expect(p1 == p2 && m1 == m2 && v1 == v2 && p1 != p)
    try expectClose(set, count) { table, random in
      var (p, m, v, g) = (p, m, v, random.floats(count))
      for var step in steps { table.mtt_adamw?(&p, &g, &m, &v, count, &step) }
      return [p, m, v]
    }
  }
}
