import Foundation

/// JSON written by hand, for lines that must come out fast and with their keys in order.
enum JSONText {
  /// A string in quotation marks.
  static func quoted(_ string: String) -> String {
    var text = "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case _ where scalar.value < 0x20: text += String(format: "\\u%04x", scalar.value)
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text + "\""
  }

  /// A number; null where it is not finite.
  static func number(_ value: Double) -> String { value.isFinite ? "\(value)" : "null" }
}
