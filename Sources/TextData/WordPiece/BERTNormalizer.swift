internal import Foundation

/// What happens to text before it is split into pieces, character by character: Hugging Face's BertNormalizer followed
/// by its BertPreTokenizer.
///
/// In this order: control characters and U+FFFD are left out and white space becomes a space; Chinese characters stand
/// alone; accents go (canonical decomposition without nonspacing marks); letters become lower case, each by itself; and
/// punctuation stands alone.
struct BERTNormalizer: Hashable, Sendable {
  let cleanText: Bool
  let separateChinese: Bool
  let stripAccents: Bool
  let lowercase: Bool

  init(_ configuration: TokenizerConfiguration) {
    cleanText = configuration.cleanText
    separateChinese = configuration.separateChinese
    stripAccents = configuration.stripAccents ?? configuration.lowercase
    lowercase = configuration.lowercase
  }

  /// Calls `body` with the UTF-8 bytes of each unit of the text, in order.
  func forEachUnit(_ text: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
    if text.allSatisfy({ $0 < 0x80 }) {
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: text.count) { forEachASCIIUnit(text, $0, body) }
    } else {
      var unit: [UInt8] = []
      for scalar in String(decoding: text, as: UTF8.self).unicodeScalars { add(scalar, to: &unit, body) }
      flush(&unit, body)
    }
  }

  private func forEachASCIIUnit(
    _ text: UnsafeBufferPointer<UInt8>, _ unit: UnsafeMutableBufferPointer<UInt8>,
    _ body: (UnsafeBufferPointer<UInt8>) -> Void
  ) {
    var count = 0
    for byte in text {
      switch asciiClasses[Int(byte)] {
      case .letter:
        unit[count] = lowercase && byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
        count += 1
      case .control where cleanText: break
      case .control:
        unit[count] = byte
        count += 1
      case .space:
        if count > 0 { body(UnsafeBufferPointer(rebasing: unit[..<count])) }
        count = 0
      case .punctuation:
        if count > 0 { body(UnsafeBufferPointer(rebasing: unit[..<count])) }
        unit[0] = byte
        body(UnsafeBufferPointer(rebasing: unit[..<1]))
        count = 0
      }
    }
    if count > 0 { body(UnsafeBufferPointer(rebasing: unit[..<count])) }
  }

  private func flush(_ unit: inout [UInt8], _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
    if !unit.isEmpty { unit.withUnsafeBufferPointer(body) }
    unit.removeAll(keepingCapacity: true)
  }

  private func add(
    _ scalar: Unicode.Scalar, to unit: inout [UInt8], _ body: (UnsafeBufferPointer<UInt8>) -> Void
  ) {
    if cleanText && isRemoved(scalar) { return }
    let isAlone = separateChinese && isChinese(scalar)
    if isAlone { flush(&unit, body) }
    // U+11938 had no decomposition yet in the reference's tables.
    if stripAccents, scalar.value >= 0xC0, scalar.value != 0x11938 {
      for part in String(scalar).decomposedStringWithCanonicalMapping.unicodeScalars
      where category(part) != .nonspacingMark {
        addLowered(part, to: &unit, body)
      }
    } else {
      addLowered(scalar, to: &unit, body)
    }
    if isAlone { flush(&unit, body) }
  }

  private func addLowered(
    _ scalar: Unicode.Scalar, to unit: inout [UInt8], _ body: (UnsafeBufferPointer<UInt8>) -> Void
  ) {
    guard lowercase else { return split(scalar, into: &unit, body) }
    for lowered in scalar.properties.lowercaseMapping.unicodeScalars { split(lowered, into: &unit, body) }
  }

  private func split(
    _ scalar: Unicode.Scalar, into unit: inout [UInt8], _ body: (UnsafeBufferPointer<UInt8>) -> Void
  ) {
    if scalar.properties.isWhitespace { return flush(&unit, body) }
    let bytes = UTF8.encode(scalar) ?? Unicode.UTF8.encodedReplacementCharacter
    guard isPunctuation(scalar) else { return unit.append(contentsOf: bytes) }
    flush(&unit, body)
    unit.append(contentsOf: bytes)
    flush(&unit, body)
  }
}

/// The general category in Unicode 8.0, whose tables the reference has: later characters are not assigned.
private func category(_ scalar: Unicode.Scalar) -> Unicode.GeneralCategory {
  guard let age = scalar.properties.age, (age.major, age.minor) <= (8, 0) else { return .unassigned }
  // What has changed since.
  return switch scalar.value {
  case 0x166D, 0x111C9: .otherPunctuation
  case 0x1734, 0x1171E: .nonspacingMark
  case 0x1885, 0x1886: .otherLetter
  case 0xA9BD: .spacingMark
  default: scalar.properties.generalCategory
  }
}

private enum ASCIIClass { case letter, control, space, punctuation }

private let asciiClasses: [ASCIIClass] = (0..<128).map { byte in
  let scalar = Unicode.Scalar(UInt8(byte))
  if byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { return .space }
  if isRemoved(scalar) { return .control }
  return isPunctuation(scalar) ? .punctuation : .letter
}

/// NUL, U+FFFD and characters that are neither white space nor seen.
private func isRemoved(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar {
  case "\t", "\n", "\r": return false
  case "\0", "\u{FFFD}": return true
  default: break
  }
  return switch category(scalar) {
  case .control, .format, .privateUse, .surrogate: true
  default: false
  }
}

private func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.value {
  case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: return true
  case ..<0x80: return false
  default: break
  }
  return switch category(scalar) {
  case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
    .finalPunctuation, .otherPunctuation:
    true
  default: false
  }
}

/// The blocks of ideographs that BERT's normalizer names.
private func isChinese(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.value {
  case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0x20000...0x2A6DF, 0x2A700...0x2B73F, 0x2B740...0x2B81F, 0x2B920...0x2CEAF,
    0xF900...0xFAFF, 0x2F800...0x2FA1F:
    true
  default: false
  }
}
