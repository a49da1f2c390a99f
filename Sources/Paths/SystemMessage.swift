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
    code == EEXIST ? "\(path): is there already; name another" : "\(path): cannot be written: \(text(code))"
  }
}
