internal import MultiTaskTransformer

/// A model of any shape as an ONNX graph: inputs as collation makes them, logits of both heads out.
struct ONNXModel {
  private let shape: ModelConfiguration
  private let tensors: [String: NamedTensor]
  private var graph = ONNXGraph(name: "mtt")
  /// Names of values that every member uses.
  private var maskBias = ""
  private var floatMask = ""
  private var gramPositions = ""
  private var gramCounts = ""
  private var inputShape = ""
  private var relativeIndices = ""
  /// What the tensors' names begin with.
  private var prefix = ""

  /// The bytes of the file.
  ///
  /// Inputs: `input_ids` and `attention_mask`, int64 [batch, length]; with n-grams `ngram_starts`, int64
  /// [batch × length + 1], and `ngrams`, int64 [grams]. Outputs: `logits_a` [batch, classes], `logits_b`
  /// [batch, length, tags] and, with a conditional random field or a tag prior, `transitions` [tags, tags],
  /// `start_transitions` and `end_transitions` [tags].
  static func file(_ shape: ModelConfiguration, _ tensors: [NamedTensor], version: String) -> [UInt8] {
    var model = ONNXModel(shape, tensors)
    model.build()
    return model.graph.model(producer: "mtt-tui", version: version)
  }

  private init(_ shape: ModelConfiguration, _ tensors: [NamedTensor]) {
    self.shape = shape
    self.tensors = Dictionary(tensors.map { ($0.name, $0) }) { first, _ in first }
  }

  private mutating func build() {
    let batch = ONNXGraph.Dimension.any("batch")
    let length = ONNXGraph.Dimension.any("length")
    graph.input("input_ids", .int64, [batch, length])
    graph.input("attention_mask", .int64, [batch, length])
    inputShape = graph.node("Shape", ["input_ids"])
    if shape.nGramBuckets > 0 { takeNGrams() }
    floatMask = graph.node("Cast", ["attention_mask"], [.int("to", ONNXGraph.Element.float.rawValue)])
    let lack = graph.node("Sub", [graph.scalar(1), floatMask])
    let bias = graph.node("Mul", [lack, graph.scalar(-1e9)])
    maskBias = graph.node("Unsqueeze", [bias, graph.integers([1, 2])])
    if shape.positions == .relative { relativeIndices = distances() }
    var answers: [(classes: String, tags: String)] = []
    for member in 0..<max(1, shape.members) {
      prefix = shape.members > 1 ? "member.\(member)." : ""
      answers.append(heads(encoder()))
    }
    finish(answers)
    graph.output("logits_a", .float, [batch, .fixed(shape.sentenceClassCount)])
    graph.output("logits_b", .float, [batch, length, .fixed(shape.tagCount)])
    guard let chain = shape.chainName else { return }
    for (name, dimensions) in [
      ("transitions", [shape.tagCount, shape.tagCount]), ("start_transitions", [shape.tagCount]),
      ("end_transitions", [shape.tagCount]),
    ] {
      let values = (0..<max(1, shape.members)).map { member in
        parameter(shape.members > 1 ? "member.\(member).\(chain).\(name)" : "\(chain).\(name)")
      }
      _ = mean(values, output: name)
      graph.output(name, .float, dimensions.map { .fixed($0) })
    }
  }

  /// Members answer together by the mean of their class probabilities and of their tag logits.
  private mutating func finish(_ answers: [(classes: String, tags: String)]) {
    _ = mean(answers.map(\.tags), output: "logits_b")
    if answers.count == 1 {
      _ = graph.node("Identity", [answers[0].classes], output: "logits_a")
    } else {
      var probabilities: [String] = []
      for answer in answers { probabilities.append(graph.node("Softmax", [answer.classes], [.int("axis", -1)])) }
      _ = graph.node("Log", [mean(probabilities)], output: "logits_a")
    }
  }

  private mutating func mean(_ values: [String], output: String? = nil) -> String {
    guard values.count > 1 else { return graph.node("Identity", values, output: output) }
    let sum = graph.node("Sum", values)
    return graph.node("Mul", [sum, graph.scalar(1 / Float(values.count))], output: output)
  }

  // MARK: Parameters

  private mutating func parameter(_ name: String) -> String {
    guard let tensor = tensors[name] else { preconditionFailure("the checkpoint has no tensor \(name)") }
    return graph.constant(name, tensor.shape, tensor.values)
  }

  /// x Wᵀ + b.
  private mutating func linear(_ name: String, _ x: String) -> String {
    let key = "\(prefix)\(name).weight"
    guard let weight = tensors[key] else { preconditionFailure("the checkpoint has no tensor \(key)") }
    let (outputs, inputs) = (weight.shape[0], weight.shape[1])
    var transposed = [Float](repeating: 0, count: weight.values.count)
    for row in 0..<outputs {
      for column in 0..<inputs { transposed[column * outputs + row] = weight.values[row * inputs + column] }
    }
    let product = graph.node("MatMul", [x, graph.constant(key, [inputs, outputs], transposed)])
    return graph.node("Add", [product, parameter("\(prefix)\(name).bias")])
  }

  private mutating func layerNorm(_ name: String, _ x: String) -> String {
    graph.node(
      "LayerNormalization", [x, parameter("\(prefix)\(name).weight"), parameter("\(prefix)\(name).bias")],
      [.int("axis", -1), .float("epsilon", shape.layerNormEpsilon)])
  }

  private mutating func gelu(_ x: String) -> String {
    let scaled = graph.node("Mul", [x, graph.scalar(Float(0.5).squareRoot())])
    let error = graph.node("Erf", [scaled])
    let factor = graph.node("Add", [error, graph.scalar(1)])
    return graph.node("Mul", [graph.node("Mul", [x, factor]), graph.scalar(0.5)])
  }

  // MARK: Embeddings

  /// Declares the n-gram inputs and makes each gram's position, [grams, 1], and each position's number of grams,
  /// [positions, 1], at least 1. Nothing is as large as positions × grams.
  private mutating func takeNGrams() {
    graph.input("ngram_starts", .int64, [.any("positions_and_one")])
    graph.input("ngrams", .int64, [.any("grams")])
    let starts = graph.node(
      "Slice", ["ngram_starts", graph.integers([0]), graph.integers([-1]), graph.integers([0])])
    let ends = graph.node(
      "Slice", ["ngram_starts", graph.integers([1]), graph.integers([Int.max]), graph.integers([0])])
    // A gram's position is the number of positions that end at or before it: ends counted where they are, then summed.
    let count = graph.node("Shape", ["ngrams"])
    let length = graph.node("Add", [count, graph.integers([1])])
    let zeros = graph.node("Expand", [graph.integers([0]), length])
    let ones = graph.node("Expand", [graph.integers([1]), graph.node("Shape", [ends])])
    let places = graph.node("Unsqueeze", [ends, graph.integers([1])])
    let counted = graph.node("ScatterND", [zeros, places, ones], [.string("reduction", "add")])
    let summed = graph.node("CumSum", [counted, graph.integers([0], scalar: true)])
    let positions = graph.node("Slice", [summed, graph.integers([0]), count, graph.integers([0])])
    gramPositions = graph.node("Unsqueeze", [positions, graph.integers([1])])
    let sizes = graph.node(
      "Cast", [graph.node("Sub", [ends, starts])], [.int("to", ONNXGraph.Element.float.rawValue)])
    gramCounts = graph.node(
      "Unsqueeze", [graph.node("Max", [sizes, graph.scalar(1)]), graph.integers([1])])
  }

  /// The sum of a table's rows of each position's n-grams, [positions, width].
  private mutating func sumsOfNGrams(_ table: String, width: Int) -> String {
    let rows = graph.node("Gather", [table, "ngrams"])
    let size = graph.node(
      "Concat", [graph.node("Shape", [gramCounts], [.int("end", 1)]), graph.integers([width])], [.int("axis", 0)])
    let zeros = graph.node("Expand", [graph.scalar(0), size])
    return graph.node("ScatterND", [zeros, gramPositions, rows], [.string("reduction", "add")])
  }

  /// The mean of each position's n-gram rows, [positions, hidden].
  private mutating func meanOfNGrams() -> String {
    let table = parameter("\(prefix)embeddings.ngram_embeddings.weight")
    return graph.node("Div", [sumsOfNGrams(table, width: shape.hiddenSize), gramCounts])
  }

  private mutating func embeddings() -> String {
    var sum = graph.node("Gather", [parameter("\(prefix)embeddings.word_embeddings.weight"), "input_ids"])
    if shape.positions == .absolute {
      let length = graph.node("Gather", [inputShape, graph.integers([1], scalar: true)])
      let places = graph.node(
        "Range", [graph.integers([0], scalar: true), length, graph.integers([1], scalar: true)])
      let position = graph.node(
        "Gather", [parameter("\(prefix)embeddings.position_embeddings.weight"), places])
      sum = graph.node("Add", [sum, position])
      let type = graph.node(
        "Gather",
        [parameter("\(prefix)embeddings.token_type_embeddings.weight"), graph.integers([0], scalar: true)])
      sum = graph.node("Add", [sum, type])
    }
    if shape.nGramBuckets > 0 {
      let means = meanOfNGrams()
      sum = graph.node("Add", [sum, graph.node("Reshape", [means, graph.node("Shape", [sum])])])
    }
    return layerNorm("embeddings.LayerNorm", sum)
  }

  // MARK: Encoder

  private mutating func encoder() -> String {
    let isPreNorm = shape.normalization == .pre
    var stream = embeddings()
    for layer in 0..<shape.layerCount {
      let name = "encoder.layer.\(layer)."
      var x = isPreNorm ? layerNorm(name + "attention.LayerNorm", stream) : stream
      stream = graph.node("Add", [stream, attention(name, x)])
      if !isPreNorm { stream = layerNorm(name + "attention.output.LayerNorm", stream) }
      if shape.convolution {
        x = isPreNorm ? layerNorm(name + "convolution.LayerNorm", stream) : stream
        stream = graph.node("Add", [stream, convolution(name, x)])
        if !isPreNorm { stream = layerNorm(name + "convolution.LayerNorm", stream) }
      }
      x = isPreNorm ? layerNorm(name + "intermediate.LayerNorm", stream) : stream
      let wide = gelu(linear(name + "intermediate.dense", x))
      stream = graph.node("Add", [stream, linear(name + "output.dense", wide)])
      if !isPreNorm { stream = layerNorm(name + "output.LayerNorm", stream) }
    }
    return isPreNorm ? layerNorm("encoder.LayerNorm", stream) : stream
  }

  private mutating func attention(_ name: String, _ x: String) -> String {
    let headSize = shape.hiddenSize / shape.headCount
    let split = graph.integers([0, 0, shape.headCount, headSize])
    func heads(_ model: inout Self, _ part: String, _ order: [Int]) -> String {
      let values = model.linear("\(name)attention.self.\(part)", x)
      return model.graph.node(
        "Transpose", [model.graph.node("Reshape", [values, split])], [.ints("perm", order)])
    }
    let query = heads(&self, "query", [0, 2, 1, 3])
    let key = heads(&self, "key", [0, 2, 3, 1])
    let value = heads(&self, "value", [0, 2, 1, 3])
    let scaled = graph.node("Mul", [query, graph.scalar(1 / Float(headSize).squareRoot())])
    var scores = graph.node("MatMul", [scaled, key])
    if shape.positions == .relative {
      let bias = graph.node(
        "Gather", [parameter("\(prefix)\(name)attention.self.relative_bias.weight"), relativeIndices],
        [.int("axis", 1)])
      scores = graph.node("Add", [scores, bias])
    }
    scores = graph.node("Softmax", [graph.node("Add", [scores, maskBias])], [.int("axis", -1)])
    let context = graph.node("Transpose", [graph.node("MatMul", [scores, value])], [.ints("perm", [0, 2, 1, 3])])
    let joined = graph.node("Reshape", [context, graph.integers([0, 0, shape.hiddenSize])])
    return linear(name + "attention.output.dense", joined)
  }

  /// [length, length]: where the score of key j seen from query i lies, clip(j − i) + clip.
  private mutating func distances() -> String {
    let length = graph.node("Gather", [inputShape, graph.integers([1], scalar: true)])
    let places = graph.node("Range", [graph.integers([0], scalar: true), length, graph.integers([1], scalar: true)])
    let keys = graph.node("Unsqueeze", [places, graph.integers([0])])
    let queries = graph.node("Unsqueeze", [places, graph.integers([1])])
    let clip = graph.integers([shape.relativeClip], scalar: true)
    let distance = graph.node("Add", [graph.node("Sub", [keys, queries]), clip])
    let low = graph.node("Max", [distance, graph.integers([0], scalar: true)])
    return graph.node("Min", [low, graph.integers([2 * shape.relativeClip], scalar: true)])
  }

  /// GELU(W [previous; own; next] + b); beyond either end of the sentence there is 0.
  private mutating func convolution(_ name: String, _ x: String) -> String {
    let own = graph.node("Mul", [x, graph.node("Unsqueeze", [floatMask, graph.integers([2])])])
    let padded = graph.node("Pad", [own, graph.integers([0, 1, 0, 0, 1, 0])])
    let axis = graph.integers([1])
    let previous = graph.node("Slice", [padded, graph.integers([0]), graph.integers([-2]), axis])
    let next = graph.node("Slice", [padded, graph.integers([2]), graph.integers([Int.max]), axis])
    let neighbours = graph.node("Concat", [previous, own, next], [.int("axis", -1)])
    return gelu(linear(name + "convolution.dense", neighbours))
  }

  /// What the sentence head reads, [batch, hidden].
  private mutating func sentenceState(_ states: String) -> String {
    guard shape.sentencePooling == .mean else {
      return graph.node("Gather", [states, graph.integers([0], scalar: true)], [.int("axis", 1)])
    }
    let (axis, mask) = (graph.integers([1]), graph.node("Unsqueeze", [floatMask, graph.integers([2])]))
    let sum = graph.node("ReduceSum", [graph.node("Mul", [states, mask]), axis], [.int("keepdims", 0)])
    return graph.node("Div", [sum, graph.node("ReduceSum", [mask, axis], [.int("keepdims", 0)])])
  }

  private mutating func heads(_ states: String) -> (classes: String, tags: String) {
    let pooled = graph.node("Tanh", [linear("pooler.dense", sentenceState(states))])
    let classes = linear("classifier.sentence", pooled)
    let withPrior = shape.classPrior > 0 ? graph.node("Add", [classes, classPrior()]) : classes
    return (withPrior, linear("classifier.tags", states))
  }

  // MARK: Class prior

  /// What the class prior adds to the class logits, [batch, classes].
  private mutating func classPrior() -> String {
    let width = shape.sentenceClassCount + 1
    let mask = graph.node("Unsqueeze", [floatMask, graph.integers([2])])
    var rows = graph.node("Mul", [graph.node("Gather", [priorTable("tokens"), "input_ids"]), mask])
    if shape.nGramBuckets > 0 {
      let sums = sumsOfNGrams(priorTable("ngrams"), width: width)
      rows = graph.node("Add", [rows, graph.node("Reshape", [sums, graph.node("Shape", [rows])])])
    }
    let totals = graph.node("ReduceSum", [rows, graph.integers([1])], [.int("keepdims", 0)])
    let (border, axis) = (graph.integers([width - 1]), graph.integers([1]))
    let scores = graph.node("Slice", [totals, graph.integers([0]), border, axis])
    let squares = graph.node("Slice", [totals, border, graph.integers([width]), axis])
    // Where nothing counts, the scores are 0.
    let length = graph.node("Sqrt", [graph.node("Max", [squares, graph.scalar(.leastNormalMagnitude)])])
    return graph.node("Add", [graph.node("Div", [scores, length]), parameter("\(prefix)class_prior.bias")])
  }

  /// A table's scores and, in a last column, its squares.
  private mutating func priorTable(_ name: String) -> String {
    let key = "\(prefix)class_prior.\(name)"
    guard let scores = tensors[key + ".scores"], let squares = tensors[key + ".squares"] else {
      preconditionFailure("the checkpoint has no tensors \(key)")
    }
    let classes = shape.sentenceClassCount
    let values = squares.values.indices.flatMap { row in
      scores.values[row * classes..<(row + 1) * classes] + [squares.values[row]]
    }
    return graph.constant(key, [squares.values.count, classes + 1], values)
  }
}
