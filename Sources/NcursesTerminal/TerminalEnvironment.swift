import Glibc
public import TerminalCanvas

/// What the environment says about the terminal: a value, so that every rule drawn from it can be tested.
public struct TerminalEnvironment: Hashable, Sendable {
  /// TERM.
  public var type: String
  /// COLORTERM.
  public var colorTerm: String
  /// NO_COLOR, which counts only when it is not empty.
  public var noColor: Bool
  /// COLORFGBG: the numbers of the terminal's own two colours, the background last.
  public var ownColors = ""
  /// The first set of LC_ALL, LC_CTYPE and LANG; empty for none.
  public var locale: String
  /// The colours that were asked for, whatever the rest says; nil for none.
  public var forcedColors: ColorDepth?

  /// Whether the terminal is one of those known to show progress by OSC 9;4: for others it is a notification.
  public var showsProgress: Bool

  public init(
    type: String, colorTerm: String = "", noColor: Bool = false, locale: String = "", showsProgress: Bool = false
  ) {
    self.showsProgress = showsProgress
    self.type = type
    self.colorTerm = colorTerm
    self.noColor = noColor
    self.locale = locale
  }

  /// This process's.
  public static var current: Self {
    func value(_ name: String) -> String { getenv(name).map { String(cString: $0) } ?? "" }
    var environment = Self(
      type: value("TERM"), colorTerm: value("COLORTERM"), noColor: !value("NO_COLOR").isEmpty,
      locale: ["LC_ALL", "LC_CTYPE", "LANG"].lazy.map(value).first { !$0.isEmpty } ?? "",
      showsProgress: value("TMUX").isEmpty
        && (!value("WT_SESSION").isEmpty || !value("ConEmuANSI").isEmpty
          || ["ghostty", "WezTerm", "vscode"].contains(value("TERM_PROGRAM"))
          || (Int(value("VTE_VERSION")) ?? 0) >= 7900)
    )
    environment.ownColors = value("COLORFGBG")
    return environment
  }

  /// The terminal's background as the environment gives it: what counts until the terminal itself answers.
  public var background: Color? {
    guard let last = ownColors.split(separator: ";").last, let number = Int(last), (0..<16).contains(number) else {
      return nil
    }
    return ColorDepth.usual[number]
  }

  /// Whether the terminal says that it shows 24-bit colours, by COLORTERM, which SSH leaves behind, or by its type.
  public var hasTrueColor: Bool {
    if type.hasPrefix("screen") { return false }  // GNU screen passes COLORTERM on and may have none
    return colorTerm == "truecolor" || colorTerm == "24bit" || type.hasSuffix("-direct")
      || ["xterm-kitty", "xterm-ghostty", "alacritty", "foot", "wezterm", "contour"].contains { type.hasPrefix($0) }
  }

  /// The types to try in turn: where a terminal's own is unknown here, as on the far side of SSH, what it is kin to.
  var typeCandidates: [String] {
    let kin = [
      "xterm-256color": [
        "xterm", "alacritty", "foot", "wezterm", "contour", "konsole", "vte", "gnome", "mlterm", "mintty", "kitty",
        "ghostty", "rio", "st", "stterm", "iterm", "Eterm", "terminator", "putty", "ms-terminal", "rxvt",
      ],
      "screen-256color": ["tmux", "screen"],
      "linux": ["linux-"],
    ]
    let kindred = kin.first { $0.value.contains { type.hasPrefix($0) } }?.key
    return [type] + [kindred].compactMap { $0 }.filter { $0 != type }
  }

  /// How many colours to ask the terminal for, where that is more than its description has.
  var wantedColors: ColorDepth? {
    if let forcedColors { return forcedColors == .none ? nil : forcedColors }
    if type.hasSuffix("-16color") { return .ansi16 }  // its kin has more
    return hasTrueColor && !noColor ? .direct : nil
  }

  /// Whether the locale names a character set other than UTF-8. C, POSIX and none name no set: terminals of today mean
  /// UTF-8 by them.
  var namesOtherCharacterSet: Bool {
    guard let dot = locale.firstIndex(of: ".") else { return false }
    let set = locale[locale.index(after: dot)...].prefix { $0 != "@" }.lowercased().filter { $0 != "-" }
    return set != "utf8"
  }

  /// The finest characters that the terminal is likely to show. The Linux console's font has no braille; who says C
  /// or POSIX wants plain characters, who says nothing has a terminal of today.
  public var glyphs: GlyphSet {
    if namesOtherCharacterSet || isOldType || locale == "C" || locale == "POSIX" { return .ascii }
    return isLinuxConsole ? .blocks : .braille
  }

  /// Whether the terminal takes private modes (mouse, focus, synchronized output) or at least drops them unseen.
  var takesPrivateModes: Bool { !isOldType && !isLinuxConsole }

  private var isLinuxConsole: Bool { type == "linux" || type.hasPrefix("linux-") }

  private var isOldType: Bool {
    ["vt", "ansi", "dumb", "cons25", "sun", "wy"].contains { type.hasPrefix($0) && !type.hasPrefix("vte") }
  }
}

/// Sets this process's locale, so that ncurses writes UTF-8 unless the user's locale names another character set.
func setTerminalLocale(_ environment: TerminalEnvironment) {
  setlocale(LC_ALL, "")
  setlocale(LC_NUMERIC, "C")
  guard !environment.namesOtherCharacterSet, let set = nl_langinfo(Int32(CODESET)), String(cString: set) != "UTF-8"
  else { return }
  if setlocale(LC_CTYPE, "C.UTF-8") == nil { setlocale(LC_CTYPE, "en_US.UTF-8") }
}
