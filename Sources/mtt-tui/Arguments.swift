import CProcess
import Paths

/// What the process was started with; paths in it may be any bytes.
enum Arguments {
  /// The words of the command line, the program's name among them.
  static let all = texts(mtt_arguments())

  /// The environment, as `NAME=value`.
  static var environment: [String] { texts(mtt_environment()) }

  /// C's form of a list of strings, ended by a null pointer, as text.
  private static func texts(_ list: UnsafePointer<UnsafeMutablePointer<CChar>?>?) -> [String] {
    guard var next = list else { return [] }
    var texts: [String] = []
    while let word = next.pointee {
      texts.append(PathText.text(cString: word))
      next += 1
    }
    return texts
  }
}
