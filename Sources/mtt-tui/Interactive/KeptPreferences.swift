import Dashboard
import Glibc
import Paths
import TerminalCanvas

/// The user's choices in `$XDG_CONFIG_HOME/mtt-tui/preferences`. A file that cannot be used is a remark, no more.
struct KeptPreferences {
  private(set) var values: DashboardPreferences
  /// Sentences for the log.
  var remarks: [String] = []
  /// nil where there is no place to keep anything.
  private let folder: String?

  private var path: String? { folder.map { $0 + "/preferences" } }

  init(folder: String? = Self.defaultFolder) {
    self.folder = folder
    values = DashboardPreferences(text: "", file: "", remarks: &remarks)
    guard let path else { return }
    do {
      guard let text = try WholeFile.read(path) else { return }
      values = DashboardPreferences(text: text, file: path, remarks: &remarks)
    } catch {
      remarks.append("\(error)")
    }
  }

  /// The glyphs that were chosen, where they were.
  var glyphs: GlyphSet? { values.glyphs.flatMap { GlyphSet(rawValue: $0) } }

  /// Takes new choices; false where nothing changed.
  mutating func update(_ new: DashboardPreferences) -> Bool {
    guard new != values else { return false }
    values = new
    return true
  }

  /// Writes the choices; returns what went wrong, as a sentence.
  func save() -> String? {
    guard let folder, let path else { return nil }
    do {
      try WholeFile.makeFolder(folder)
      try WholeFile.write(values.text, to: path)
      return nil
    } catch {
      return "The preferences are not kept: \(error)"
    }
  }

  private static var defaultFolder: String? {
    userFolder("XDG_CONFIG_HOME", inHome: ".config").map { $0 + "/mtt-tui" }
  }
}
