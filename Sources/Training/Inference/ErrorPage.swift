internal import TrainingEvents

/// Wrong sentences as one page that needs nothing else: no scripts, nothing from elsewhere, light or dark as the reader
/// has it. It is XHTML too, so that other programs can take it apart.
struct ErrorPage: ErrorFormat {
  func head(_ heading: String) -> String {
    """
    <!DOCTYPE html>
    <html xmlns="http://www.w3.org/1999/xhtml" lang="en">
    <head>
    <meta charset="utf-8"/>
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/>
    <meta name="viewport" content="width=device-width, initial-scale=1"/>
    <meta name="color-scheme" content="light dark"/>
    <title>Wrong sentences</title>
    <style>
    \(Self.style)
    </style>
    </head>
    <body>
    <h1>\(Self.escaped(heading))</h1>
    <p class="key">The surest mistakes first. Under each word its gold tag; <span class="wrong">under that what was \
    predicted instead</span>. The share is how sure the model was of its mistake.</p>

    """
  }

  var foot: String { "</body>\n</html>\n" }

  func sentence(_ mistake: Mistake, place: String) -> String {
    var html = "<article id=\"s\(mistake.number)\">\n<h2><b>\(percent(mistake.confidence))</b> sentence "
    html += "\(mistake.number), \(Self.escaped(place))</h2>\n"
    if let gold = mistake.goldClass, let predicted = mistake.predictedClass, let probability = mistake.probability {
      let gold = Self.escaped(gold)
      html +=
        mistake.isClassWrong
        ? "<p>class <b class=\"gold\">\(gold)</b> <span class=\"wrong\">predicted <b>\(Self.escaped(predicted))</b> "
          + "\(percent(probability))</span></p>\n"
        : "<p>class <b>\(gold)</b> right, \(percent(probability))</p>\n"
    }
    html += "<div class=\"words\">"
    for index in mistake.words.indices { html += word(index, of: mistake) }
    return html + "</div>\n</article>\n"
  }

  private func word(_ index: Int, of mistake: Mistake) -> String {
    let word = "<b>\(Self.escaped(mistake.words[index]))</b>"
    guard !mistake.goldTags.isEmpty else { return "<span>\(word)</span> " }
    let gold = mistake.goldTags[index] ?? "-"
    guard mistake.isWrong(word: index) else {
      return "<span\(gold == "O" ? " class=\"o\"" : "")>\(word)<i>\(Self.escaped(gold))</i></span> "
    }
    return "<span class=\"wrong\">\(word)<i class=\"gold\">\(Self.escaped(gold))</i>"
      + "<i>\(Self.escaped(mistake.predictedTags[index]))</i></span> "
  }

  /// Text that stands for itself in an element or an attribute.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      // What neither XML nor a reader has a sign for.
      case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || scalar.value & 0xFFFE == 0xFFFE:
        result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  private static let style = """
    :root { --paper: #fff; --ink: #1c1c20; --quiet: #6a6a74; --line: #dcdce2; --gold: #0b6b3a; --wrong: #b3261e; }
    @media (prefers-color-scheme: dark) {
      :root { --paper: #131316; --ink: #e6e6ea; --quiet: #9a9aa6; --line: #33333a; --gold: #6fd19b; --wrong: #ff8a7a; }
    }
    body { background: var(--paper); color: var(--ink); font: 15px/1.45 system-ui, sans-serif; max-width: 72rem;
      margin: 2rem auto; padding: 0 1rem; }
    h1 { font-size: 1.2rem; } h2 { font-size: 0.9rem; font-weight: normal; color: var(--quiet); margin: 0; }
    h2 b { color: var(--ink); } p { margin: 0.3rem 0; } .key, i { color: var(--quiet); }
    article { border-top: 1px solid var(--line); padding: 0.8rem 0; }
    .words span { display: inline-block; vertical-align: top; margin: 0.3rem 0.7rem 0 0; }
    .words b { display: block; font-weight: normal; } .words i { display: block; font: 0.75rem ui-monospace, monospace; }
    .words .o i { opacity: 0.6; } .wrong, .wrong b, .wrong i { color: var(--wrong); } .words .wrong b { font-weight: 600; }
    .gold, .wrong .gold { color: var(--gold); }
    """
}
