import Glibc

/// A terminal's compiled description (terminfo), changed in how many colours it takes and how they are asked for.
///
/// ncurses sends only the colours that a description has, and Debian's base system has none with exact colours. So the
/// terminal's own is read and everything but its colours kept.
struct TerminalDescription {
  /// The name the changed description goes by.
  static let name = "mtt-tui-colours"

  private static let (canChangeColors, colors, pairs, foreground, background) = (27, 13, 14, 359, 360)

  private var booleans: [UInt8]
  private var numbers: [Int32]
  private var offsets: [Int16]
  private var strings: [UInt8]
  private var hasExactColors = false

  /// Reads a compiled description, with numbers of two or of four bytes; nil where it is none.
  init?(_ bytes: [UInt8]) {
    var reader = Reader(bytes: bytes)
    guard let magic = reader.short(), magic == 0o432 || magic == 0o1036,
      let sizes = reader.shorts(5), sizes.allSatisfy({ $0 >= 0 }),
      reader.bytes(sizes[0]) != nil, let booleans = reader.bytes(sizes[1])
    else { return nil }
    if (sizes[0] + sizes[1]) % 2 == 1 { _ = reader.bytes(1) }
    let isWide = magic == 0o1036
    guard let numbers = reader.numbers(sizes[2], isWide: isWide), let offsets = reader.shorts(sizes[3]),
      let strings = reader.bytes(sizes[4])
    else { return nil }
    self.booleans = booleans
    self.numbers = numbers
    self.offsets = offsets.map { Int16($0) }
    self.strings = strings
  }

  /// Lets the terminal show colours of a depth, asked for as xterm and all its kin understand.
  mutating func setColors(_ depth: ColorDepth) {
    let (count, limit): (Int32, Int32)
    switch depth {
    case .none: return
    case .ansi8: (count, limit) = (8, 64)
    case .ansi16: (count, limit) = (16, 256)
    case .indexed256: (count, limit) = (256, 0x10000)
    case .direct: (count, limit) = (0x100_0000, 0x10000)
    }
    while numbers.count <= Self.pairs { numbers.append(-1) }
    while offsets.count <= Self.background { offsets.append(-1) }
    if Self.canChangeColors < booleans.count { booleans[Self.canChangeColors] = 0 }
    numbers[Self.colors] = count
    numbers[Self.pairs] = limit
    setString(Self.foreground, Self.sequence(depth, normal: 3, bright: 9))
    setString(Self.background, Self.sequence(depth, normal: 4, bright: 10))
    hasExactColors = depth == .direct
  }

  /// The sequence that asks for colour %p1: ANSI's own by one number, those beyond by 38 and 48.
  private static func sequence(_ depth: ColorDepth, normal: Int, bright: Int) -> String {
    let rest =
      switch depth {
      case .direct: "\(normal)8;2;%p1%{65536}%/%d;%p1%{256}%/%{255}%&%d;%p1%{255}%&%d"
      case .indexed256: "%?%p1%{16}%<%t\(bright)%p1%{8}%-%d%e\(normal)8;5;%p1%d%;"
      default: "\(bright)%p1%{8}%-%d"
      }
    return "\u{1B}[%?%p1%{8}%<%t\(normal)%p1%d%e\(rest)%;m"
  }

  private mutating func setString(_ index: Int, _ text: String) {
    offsets[index] = Int16(clamping: strings.count)
    strings += Array(text.utf8) + [0]
  }

  /// The description in the compiled form with numbers of four bytes; what extends the standard is left out.
  var bytes: [UInt8] {
    let names = Array("\(Self.name)|colours set by mtt-tui\0".utf8)
    func short(_ value: Int) -> [UInt8] { [UInt8(truncatingIfNeeded: value), UInt8(truncatingIfNeeded: value >> 8)] }
    var bytes = short(0o1036)
    for size in [names.count, booleans.count, numbers.count, offsets.count, strings.count] { bytes += short(size) }
    bytes += names + booleans
    if bytes.count % 2 == 1 { bytes.append(0) }
    for number in numbers { bytes += short(Int(number)) + short(Int(number) >> 16) }
    for offset in offsets { bytes += short(Int(offset)) }
    bytes += strings
    guard hasExactColors else { return bytes }
    // One extended flag, RGB: colours are not numbers in a table.
    if bytes.count % 2 == 1 { bytes.append(0) }
    for size in [1, 0, 0, 1, 4] { bytes += short(size) }
    return bytes + [1, 0] + short(0) + Array("RGB\0".utf8)
  }

  /// The value of TERMINFO that hands this description to ncurses.
  var variable: String {
    let digits = Array("0123456789abcdef".utf8)
    return "hex:" + String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  /// A terminal type's compiled description, from where ncurses looks for it.
  static func load(_ type: String) -> TerminalDescription? {
    guard let first = type.utf8.first, !type.contains("/") else { return nil }
    func value(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
    var folders = [value("TERMINFO"), value("HOME").map { $0 + "/.terminfo" }].compactMap { $0 }
    folders += value("TERMINFO_DIRS")?.split(separator: ":").map(String.init) ?? []
    folders += ["/etc", "/lib", "/usr/share", "/usr/lib", "/usr/local/share"].map { $0 + "/terminfo" }
    let letters = [String(type.prefix(1)), String(first, radix: 16)]
    for folder in folders {
      for letter in letters {
        if let bytes = read("\(folder)/\(letter)/\(type)") { return TerminalDescription(bytes) }
      }
    }
    return nil
  }

  private static func read(_ path: String) -> [UInt8]? {
    guard let file = fopen(path, "rb") else { return nil }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 15)
    let count = fread(&bytes, 1, bytes.count, file)
    return count > 0 ? Array(bytes[..<count]) : nil
  }

  /// Takes little-endian values off the front.
  private struct Reader {
    let bytes: [UInt8]
    private var place = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func bytes(_ count: Int) -> [UInt8]? {
      guard count >= 0, place + count <= bytes.count else { return nil }
      defer { place += count }
      return Array(bytes[place..<(place + count)])
    }

    mutating func short() -> Int? {
      bytes(2).map { Int(Int16(truncatingIfNeeded: Int($0[0]) | Int($0[1]) << 8)) }
    }

    mutating func shorts(_ count: Int) -> [Int]? {
      var values: [Int] = []
      for _ in 0..<count {
        guard let value = short() else { return nil }
        values.append(value)
      }
      return values
    }

    mutating func numbers(_ count: Int, isWide: Bool) -> [Int32]? {
      guard isWide else { return shorts(count)?.map { Int32($0) } }
      var values: [Int32] = []
      for _ in 0..<count {
        guard let four = bytes(4) else { return nil }
        let bits = UInt32(four[0]) | UInt32(four[1]) << 8 | UInt32(four[2]) << 16 | UInt32(four[3]) << 24
        values.append(Int32(bitPattern: bits))
      }
      return values
    }
  }
}
