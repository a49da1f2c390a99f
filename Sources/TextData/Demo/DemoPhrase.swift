/// A phrase with choices: words, `{kind}` for an entity value, `<name>` for a phrase of that name, `(a|b c|)` for one
/// of several.
indirect enum DemoPhrase: Sendable {
  case word(String)
  case slot(Int)
  case choice([[DemoPhrase]])

  /// Parses `text`; a name that is not known is a mistake in this module's own templates.
  static func parse(_ text: String, macros: [String: [DemoPhrase]]) -> [DemoPhrase] {
    var scanner = Scanner(rest: Substring(text), macros: macros)
    return scanner.sequence()
  }

  private struct Scanner {
    var rest: Substring
    let macros: [String: [DemoPhrase]]

    mutating func sequence() -> [DemoPhrase] {
      var phrases: [DemoPhrase] = []
      while let next = rest.first, next != ")", next != "|" {
        switch next {
        case " ": rest.removeFirst()
        case "(": phrases.append(choice())
        case "{": phrases.append(slot())
        case "<": phrases += macro()
        default: phrases.append(word())
        }
      }
      return phrases
    }

    private mutating func choice() -> DemoPhrase {
      var branches: [[DemoPhrase]] = []
      repeat {
        rest.removeFirst()
        branches.append(sequence())
      } while rest.first == "|"
      precondition(rest.first == ")", "A choice of the demo corpus is not closed.")
      rest.removeFirst()
      return .choice(branches)
    }

    private mutating func slot() -> DemoPhrase {
      let name = name(until: "}")
      guard let index = DemoValues.types.firstIndex(where: { $0.kind == name }) else {
        preconditionFailure("The demo corpus has no values called \(name).")
      }
      return .slot(index)
    }

    private mutating func macro() -> [DemoPhrase] {
      let name = name(until: ">")
      guard let phrases = macros[name] else {
        preconditionFailure("The demo corpus has no phrase called \(name).")
      }
      return phrases
    }

    private mutating func name(until end: Character) -> String {
      rest.removeFirst()
      let name = rest.prefix { $0 != end }
      rest = rest.dropFirst(name.count + 1)
      return String(name)
    }

    private mutating func word() -> DemoPhrase {
      let word = rest.prefix { !" (){}<>|".contains($0) }
      rest = rest.dropFirst(word.count)
      return .word(String(word))
    }
  }
}
