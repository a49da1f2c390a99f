/// A word of a command line.
public enum ShellWord {
  /// The word as it can be typed in a shell: in quotes where it has more than plain characters.
  public static func quoted(_ word: String) -> String {
    let isPlain = word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "/._-+,:@%".contains($0)) }
    return isPlain && !word.isEmpty ? word : "'" + word.replacing("'", with: "'\\''") + "'"
  }
}
