public import Glibc

/// What the system says of a call that failed.
public enum SystemMessage {
  /// The system's words for an error number, such as "No space left on device".
  public static func text(_ code: Int32 = errno) -> String {
    guard let text = strerror(code) else { return "error \(code)" }
    return String(cString: text)
  }

  /// Why a file or a folder cannot be read, as a sentence without its full stop.
  public static func reading(_ path: String, code: Int32 = errno) -> String {
    "\(path): cannot be read: \(text(code))"
  }

  /// Why a file or a folder cannot be written, as a sentence without its full stop.
  public static func writing(_ path: String, code: Int32 = errno) -> String {
    "\(path): cannot be written: " + (code == EEXIST ? "a file of this name is there already" : text(code))
  }
}
