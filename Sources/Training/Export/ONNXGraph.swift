/// An ONNX graph being built (onnx.proto, IR version 8, operator set 17).
struct ONNXGraph {
  enum Attribute {
    case int(String, Int)
    case ints(String, [Int])
    case float(String, Float)
    case string(String, String)
  }

  /// Element types by onnx.proto's numbers.
  enum Element: Int {
    case float = 1
    case int64 = 7
  }

  private var graph = Protobuf()
  private var names = 0
  private var integerNames: [[Int]: String] = [:]

  init(name: String) { graph.add(2, name) }

  /// Adds a node; returns the name of its output.
  mutating func node(_ type: String, _ inputs: [String], _ attributes: [Attribute] = [], output: String? = nil)
    -> String
  {
    names += 1
    let output = output ?? "t\(names)"
    var node = Protobuf()
    for input in inputs { node.add(1, input) }
    node.add(2, output)
    node.add(3, "\(type)_\(names)")
    node.add(4, type)
    for attribute in attributes { node.add(5, Self.message(attribute)) }
    graph.add(1, node)
    return output
  }

  private static func message(_ attribute: Attribute) -> Protobuf {
    var message = Protobuf()
    switch attribute {
    case .int(let name, let value):
      message.add(1, name)
      message.add(3, value)
      message.add(20, 2)
    case .ints(let name, let values):
      message.add(1, name)
      for value in values { message.add(8, value) }
      message.add(20, 7)
    case .float(let name, let value):
      message.add(1, name)
      message.add(2, value)
      message.add(20, 1)
    case .string(let name, let value):
      message.add(1, name)
      message.add(4, value)
      message.add(20, 3)
    }
    return message
  }

  /// Adds a constant tensor; returns its name.
  mutating func constant(_ name: String, _ shape: [Int], _ values: [Float]) -> String {
    add(name, shape, .float, values.withUnsafeBytes { Array($0) })
    return name
  }

  /// A constant number.
  mutating func scalar(_ value: Float) -> String {
    names += 1
    return constant("c\(names)", [], [value])
  }

  /// A constant list of integers, or one of them as a scalar.
  mutating func integers(_ values: [Int], scalar: Bool = false) -> String {
    let key = values + (scalar ? [-1, .min] : [])
    if let known = integerNames[key] { return known }
    names += 1
    let name = "i\(names)"
    add(name, scalar ? [] : [values.count], .int64, values.map { Int64($0) }.withUnsafeBytes { Array($0) })
    integerNames[key] = name
    return name
  }

  private mutating func add(_ name: String, _ shape: [Int], _ element: Element, _ content: [UInt8]) {
    var tensor = Protobuf()
    for dimension in shape { tensor.add(1, dimension) }
    tensor.add(2, element.rawValue)
    tensor.add(8, name)
    tensor.add(9, bytes: content)
    graph.add(5, tensor)
  }

  /// Names of dimensions that may be any number, and fixed ones.
  mutating func input(_ name: String, _ element: Element, _ shape: [Dimension]) {
    graph.add(11, Self.value(name, element, shape))
  }

  mutating func output(_ name: String, _ element: Element, _ shape: [Dimension]) {
    graph.add(12, Self.value(name, element, shape))
  }

  enum Dimension {
    case any(String)
    case fixed(Int)
  }

  private static func value(_ name: String, _ element: Element, _ shape: [Dimension]) -> Protobuf {
    var shapeMessage = Protobuf()
    for dimension in shape {
      var message = Protobuf()
      switch dimension {
      case .any(let name): message.add(2, name)
      case .fixed(let size): message.add(1, size)
      }
      shapeMessage.add(1, message)
    }
    var tensor = Protobuf()
    tensor.add(1, element.rawValue)
    tensor.add(2, shapeMessage)
    var type = Protobuf()
    type.add(1, tensor)
    var value = Protobuf()
    value.add(1, name)
    value.add(2, type)
    return value
  }

  /// The whole file.
  func model(producer: String, version: String) -> [UInt8] {
    var operators = Protobuf()
    operators.add(1, "")
    operators.add(2, 17)
    var model = Protobuf()
    model.add(1, 8)
    model.add(2, producer)
    model.add(3, version)
    model.add(7, graph)
    model.add(8, operators)
    return model.bytes
  }
}
