/// What a program prints while it trains: `key value`, `key=value`, `key: value`, or a JSON object a line.
enum PlainLines {
  /// Gives each number with the word before it. A line without such a pair gives nothing.
  static func pairs(_ line: UnsafeRawBufferPointer, _ pair: (UnsafeRawBufferPointer, Double) -> Void) {
    var key: Range<Int>?
    var place = 0
    while place < line.count {
      while place < line.count, isSeparator(line[place]) { place += 1 }
      let start = place
      while place < line.count, !isSeparator(line[place]) { place += 1 }
      guard place > start else { break }
      let word = start..<place
      if let value = number(UnsafeRawBufferPointer(rebasing: line[word])) {
        if let name = key { pair(UnsafeRawBufferPointer(rebasing: line[name]), value) }
        key = nil
      } else {
        key = word
      }
    }
  }

  /// A number, also before a percent sign, or before `/` and how many there are.
  private static func number(_ word: UnsafeRawBufferPointer) -> Double? {
    if let value = NumberBytes.value(word) { return value }
    if word.last == UInt8(ascii: "%") { return NumberBytes.value(UnsafeRawBufferPointer(rebasing: word.dropLast())) }
    guard let slash = word.firstIndex(of: UInt8(ascii: "/")),
      NumberBytes.value(UnsafeRawBufferPointer(rebasing: word[(slash + 1)...])) != nil
    else { return nil }
    return NumberBytes.value(UnsafeRawBufferPointer(rebasing: word[..<slash]))
  }

  private static func isSeparator(_ byte: UInt8) -> Bool {
    byte <= 32 || [44, 58, 59, 61, 40, 41, 91, 93, 124].contains(byte)  // , : ; = ( ) [ ] |
  }
}
