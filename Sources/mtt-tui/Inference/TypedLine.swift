/// A sentence typed at the prompt.
enum TypedLine {
  /// What a terminal hands over of a line at most, its end not counted.
  static let longest = 4095

  /// Why a line is not answered, as a sentence; nil for one that is.
  static func problem(_ line: String) -> String? {
    if let scalar = line.unicodeScalars.first(where: { $0.properties.generalCategory == .control && $0 != "\t" }) {
      let digits = String(scalar.value, radix: 16, uppercase: true)
      let code = "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
      return "There is a control character (\(code)) in this line, as arrow keys leave them here: type it again."
    }
    if line.utf8.count >= longest {
      return "A terminal hands over \(longest) bytes of a line and drops the rest: give long sentences in a file"
        + " (mtt-tui predict RUN < FILE)."
    }
    return nil
  }
}
