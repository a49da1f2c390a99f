/// A label or word in quotation marks, cut to 60 characters, with what cannot be seen by its number: safe to print.
func quoted(_ text: String) -> String {
  "\"\(visible(String(String.UnicodeScalarView(text.unicodeScalars.prefix(60)))))\(text.unicodeScalars.count > 60 ? "…" : "")\""
}

/// The text with control characters, format characters and white space other than spaces as `<U+FEFF>`.
func visible(_ text: String) -> String {
  let scalars = Array(text.unicodeScalars)
  var shown = ""
  for (index, scalar) in scalars.enumerated() {
    // Inside emoji these are no mistakes.
    let joins = scalar == "\u{200D}" || scalar == "\u{FE0F}" || scalar == "\u{FE0E}"
    if scalar.isInvisible, !(joins && index > 0 && scalars[index - 1].properties.isEmoji) {
      let digits = String(scalar.value, radix: 16, uppercase: true)
      shown += "<U+\(String(repeating: "0", count: max(0, 4 - digits.count)))\(digits)>"
    } else {
      shown.unicodeScalars.append(scalar)
    }
  }
  return shown
}

extension UnicodeScalar {
  /// Whether nothing, or nothing but space, is seen of it.
  fileprivate var isInvisible: Bool {
    if self == " " { return false }
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .spaceSeparator: return true
    default: return properties.isDefaultIgnorableCodePoint
    }
  }
}

/// Says which labels look alike: they differ by characters that are not seen, or by how accents are written.
func remarksOnAlike(_ labels: [String], _ noun: String) -> [String] {
  var groups: [String: [String]] = [:]
  var order: [String] = []
  for label in labels {
    var seen = String.UnicodeScalarView()
    for scalar in label.unicodeScalars where !scalar.isInvisible || scalar.properties.isWhitespace {
      seen.append(scalar.properties.isWhitespace ? " " : scalar)
    }
    // Strings are equal, and hash alike, by canonical equivalence.
    let name = String(seen)
    if groups[name] == nil { order.append(name) }
    groups[name, default: []].append(label)
  }
  return order.compactMap { name in
    guard let alike = groups[name], alike.count > 1 else { return nil }
    return
      "The \(noun) \(alike.map(quoted).joined(separator: " and ")) look alike but are not equal: give them one spelling."
  }
}
