/// Numbers the keys of JSON objects. Most objects have the keys of the one before them in the same order: those are
/// compared with the bytes that come, not looked up.
struct JSONKeyTable {
  private let bytes: UnsafeBufferPointer<UInt8>
  private(set) var names: StringTable
  /// Whether a key that is not in `names` gets a number.
  private let isOpen: Bool
  /// Where the last key of each place in an object is written, and its number.
  private var last: [(text: Range<Int>, number: Int32?)] = []
  private var name: [UInt8] = []

  /// - Parameter known: the keys that have numbers; nil to number all by first appearance.
  init(_ bytes: UnsafeBufferPointer<UInt8>, known: StringTable? = nil) {
    self.bytes = bytes
    names = known ?? StringTable()
    isOpen = known == nil
  }

  /// Reads the key that comes next.
  ///
  /// - Parameter place: how many keys of the same object came before it.
  /// - Returns: its number; nil if it has none.
  @inline(__always)
  mutating func read(_ cursor: inout JSONCursor, place: Int) throws(JSONProblem) -> Int32? {
    if place < last.count, cursor.take(last[place].text) { return last[place].number }
    return try lookUp(&cursor, place)
  }

  private mutating func lookUp(_ cursor: inout JSONCursor, _ place: Int) throws(JSONProblem) -> Int32? {
    name.removeAll(keepingCapacity: true)
    _ = cursor.peek()
    let start = cursor.position
    try cursor.readString(into: &name)
    let key = (text: start..<cursor.position, number: number())
    if place < last.count { last[place] = key } else { last.append(key) }
    return key.number
  }

  private mutating func number() -> Int32? {
    isOpen ? name.withUnsafeBufferPointer { names.intern($0) } : name.withUnsafeBufferPointer { names.find($0) }
  }
}
