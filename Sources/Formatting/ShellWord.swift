import Paths

/// A word of a command line.
public enum ShellWord {
  /// The word as it can be typed in a shell: in quotes where it has more than plain characters.
  public static func quoted(_ word: String) -> String {
    let isPlain = word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "/._-+,:@%".contains($0)) }
    if PathText.hasBytes(word) {
      // The form in which bash and zsh take any byte.
      let escaped = word.replacing("\\", with: "\\\\").replacing("'", with: "\\'")
      return "$'" + PathText.shown(escaped) + "'"
    }
    return isPlain && !word.isEmpty ? word : "'" + word.replacing("'", with: "'\\''") + "'"
  }
}
