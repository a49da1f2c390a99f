import SwiftProtobuf

@testable import LogFormats

/// Event files made by swift-protobuf, which the reader's own walker does not use.
enum EventFiles {
  typealias Event = MttTui_Tfevents_Event
  typealias Value = MttTui_Tfevents_Summary.Value
  typealias Tensor = MttTui_Tfevents_Tensor

  static func event(step: Int64, time: Double, _ values: [Value]) -> Event {
    var event = Event()
    event.step = step
    event.wallTime = time
    event.summary.value = values
    return event
  }

  static func scalar(_ tag: String, _ number: Float) -> Value {
    var value = Value()
    value.tag = tag
    value.simpleValue = number
    return value
  }

  /// `plugin`: nil for a value without metadata, as all but a tag's first may be.
  static func tensor(_ tag: String, plugin: String? = "scalars", fill: (inout Tensor) -> Void) -> Value {
    var value = Value()
    value.tag = tag
    fill(&value.tensor)
    if let plugin { value.metadata.pluginData.pluginName = plugin }
    return value
  }

  static func version() -> Event {
    var event = Event()
    event.fileVersion = "brain.Event:2"
    return event
  }

  static func start(step: Int64) -> Event {
    var event = Event()
    event.step = step
    event.sessionLog.status = .start
    return event
  }

  static func bytes(_ events: [Event]) throws -> [UInt8] {
    var bytes: [UInt8] = []
    for event in events { TFRecordBuffer.append(try event.serializedBytes(), to: &bytes) }
    return bytes
  }

  /// A file of one metric, `steps` long, whose value is the step.
  static func bytes(_ tag: String, _ steps: Range<Int>, scale: Float = 1) throws -> [UInt8] {
    try bytes(
      [version()] + steps.map { event(step: Int64($0), time: 1e9 + Double($0), [scalar(tag, Float($0) * scale)]) })
  }
}
