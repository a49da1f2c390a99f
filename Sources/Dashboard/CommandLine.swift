import RunModel
import TerminalCanvas
import Themes
import TrainingEvents

/// A line that is being typed after `:`.
struct CommandLine: Hashable, Sendable {
  private static let limit = 200

  private(set) var text = ""
  /// Whether what is shown is searched for the text, rather than a command typed.
  private(set) var isSearch = false
  /// Why the line was not taken.
  var problem: String?
  /// What the Tab key turns over: the text it began with, and how many times it was pressed.
  private var completing: (stem: String, turn: Int)?

  init() {}

  /// A line for a search, with what is searched for now.
  init(searching text: String) {
    self.text = text
    isSearch = true
  }

  /// What stands before the text.
  var prompt: String { isSearch ? "/" : ":" }

  mutating func type(_ character: Character) {
    guard text.count < Self.limit else { return }
    change(text + String(character))
  }

  mutating func deleteLast() { change(String(text.dropLast())) }

  mutating func clear() { change("") }

  private mutating func change(_ new: String) {
    text = new
    problem = nil
    completing = nil
  }

  /// Puts the next candidate into the line.
  mutating func complete(_ by: Int) {
    guard !isSearch else { return }
    let stem = completing?.stem ?? text
    let candidates = CommandParser.candidates(for: stem)
    guard !candidates.isEmpty else { return }
    let turn = (completing.map { $0.turn + by } ?? (by > 0 ? 0 : -1))
    let place = ((turn % candidates.count) + candidates.count) % candidates.count
    text = CommandParser.replaced(stem, with: candidates[place])
    problem = nil
    completing = candidates.count == 1 ? nil : (stem, turn)
  }

  /// What could stand where the line ends now.
  var candidates: [String] { isSearch ? [] : CommandParser.candidates(for: completing?.stem ?? text) }

  static func == (left: Self, right: Self) -> Bool {
    left.text == right.text && left.problem == right.problem && left.isSearch == right.isSearch
  }

  func hash(into hasher: inout Hasher) { hasher.combine(text) }
}

/// What a line asks for.
enum CommandRequest: Hashable, Sendable {
  case send(TrainingCommand)
  case perform(DashboardCommand)
  case stop(StopMode?)
  case theme(String)
  case glyphs(GlyphSet)
  case smooth(Int)
}

/// Why a line cannot be done, as a sentence.
struct CommandProblem: Error, Hashable { var sentence: String }

/// Reads lines, and says what could follow.
enum CommandParser {
  /// Every command: how it is written and what it does.
  static let usages: [(usage: String, meaning: String)] = [
    ("lr 3e-4", "Set the peak learning rate"), ("weight B 0.5", "Set the weight of a task's loss"),
    ("checkpoint", "Write a checkpoint now"), ("eval", "Evaluate on dev now"),
    ("pause", "Pause between two steps"), ("resume", "Go on"),
    ("stop [save|epoch|now]", "Stop: write a checkpoint first, after this epoch, or at once; alone it asks"),
    ("theme NAME", "Another theme"), ("glyphs NAME", "braille, blocks or ascii"),
    ("smooth N", "How much curves are smoothed, from 0"), ("page NAME", "Another page, by name or number"),
    ("export", "Write view, chart and series to files"), ("copy", "Copy the figures to the clipboard"),
    ("help", "Show keys and signs"), ("detach", "Take the shell back; the run goes on"),
    ("quit", "The same as the key q"),
  ]
  private static let words = usages.map { String($0.usage.prefix { $0 != " " }) }
  private static let stops: [(word: String, mode: StopMode)] = [
    ("save", .saveAndStop), ("epoch", .finishEpoch), ("now", .stopNow),
  ]

  static func request(_ line: String) throws(CommandProblem) -> CommandRequest? {
    let parts = line.split(separator: " ").map(String.init)
    guard let word = parts.first else { return nil }
    let rest = Array(parts.dropFirst())
    switch word {
    case "lr": return .send(.setLearningRate(try number(rest, usage: "lr 3e-4")))
    case "weight": return try weight(rest)
    case "quit", "q":
      guard rest.isEmpty else { throw CommandProblem(sentence: "\(word) stands alone, without \"\(rest[0])\".") }
      return .perform(.stop)
    case "stop":
      guard let choice = rest.first else { return .stop(nil) }
      guard let stop = stops.first(where: { $0.word == choice }) else {
        throw CommandProblem(sentence: "Say stop save, stop epoch or stop now, not stop \(choice).")
      }
      return .stop(stop.mode)
    case "theme":
      guard let name = rest.first else { throw CommandProblem(sentence: "Name a theme; Tab shows them.") }
      return .theme(name)
    case "glyphs":
      guard let set = rest.first.flatMap({ GlyphSet(rawValue: $0) }) else {
        throw CommandProblem(sentence: "Glyphs are braille, blocks or ascii.")
      }
      return .glyphs(set)
    case "smooth":
      let level = try number(rest, usage: "smooth 2")
      guard RunState.smoothingLevels.contains(Int(min(max(level, -1), 99))) else {
        throw CommandProblem(sentence: "Smoothing goes from 0, none, to \(RunState.smoothingLevels.upperBound).")
      }
      return .smooth(Int(level))
    default: return try plain(word, rest)
    }
  }

  private static func plain(_ word: String, _ rest: [String]) throws(CommandProblem) -> CommandRequest {
    let request: CommandRequest
    switch word {
    case "checkpoint": request = .send(.checkpoint)
    case "eval", "evaluate": request = .send(.evaluate)
    case "pause": request = .send(.pause)
    case "resume": request = .send(.resume)
    case "export": request = .perform(.export)
    case "copy": request = .perform(.copy)
    case "help": request = .perform(.help)
    case "detach": request = .perform(.detach)
    case "page":
      let page = rest.first.flatMap { name in
        Page.allCases.first { $0.title == name || String($0.rawValue) == name }
      }
      guard let page else {
        throw CommandProblem(
          sentence: "Pages are " + Page.allCases.map(\.title).joined(separator: ", ") + ".")
      }
      return .perform(page.command)
    default: throw CommandProblem(sentence: "There is no command \"\(word)\"; Tab shows them all.")
    }
    guard rest.isEmpty else { throw CommandProblem(sentence: "\(word) stands alone, without \"\(rest[0])\".") }
    return request
  }

  private static func weight(_ rest: [String]) throws(CommandProblem) -> CommandRequest {
    let usage = "weight A 0.5"
    guard let name = rest.first, let task = ModelTask(rawValue: name.uppercased()) else {
      throw CommandProblem(sentence: "Name task A or B, as in \(usage).")
    }
    return .send(.setLossWeight(task, try number(Array(rest.dropFirst()), usage: usage)))
  }

  /// The one number that follows, from 0 up.
  private static func number(_ rest: [String], usage: String) throws(CommandProblem) -> Double {
    guard let text = rest.first else { throw CommandProblem(sentence: "A number is missing, as in \(usage).") }
    guard rest.count == 1, let value = Double(text), value.isFinite, value >= 0 else {
      throw CommandProblem(
        sentence: "\"\(rest.joined(separator: " "))\" is no number from 0 up; write it as in \(usage).")
    }
    return value
  }

  /// Whole words that could stand in place of the line's last one.
  static func candidates(for line: String) -> [String] {
    let parts = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    guard parts.count > 1 else { return words.filter { $0.hasPrefix(line) } }
    guard parts.count == 2 else { return [] }
    let choices: [String] =
      switch parts[0] {
      case "weight": ModelTask.allCases.map(\.rawValue)
      case "stop": stops.map(\.word)
      case "theme": ThemeCatalog.available
      case "glyphs": GlyphSet.allCases.map(\.rawValue)
      case "smooth": RunState.smoothingLevels.map(String.init)
      case "page": Page.allCases.map(\.title)
      default: []
      }
    return choices.filter { $0.lowercased().hasPrefix(parts[1].lowercased()) }
  }

  /// The line with another last word.
  static func replaced(_ line: String, with word: String) -> String {
    guard let space = line.lastIndex(of: " ") else { return word }
    return line[...space] + word
  }
}

extension DashboardModel {
  mutating func handleCommandLine(_ key: Key, _ line: CommandLine, now: Double) -> [DashboardAction] {
    var line = line
    switch key {
    case .character(let character): line.type(character)
    case .backspace, .control("h"):
      if line.text.isEmpty { return closeCommandLine() }
      line.deleteLast()
    case .control("u"): line.clear()
    case .tab: line.complete(1)
    case .backTab: line.complete(-1)
    case .escape, .control("c"):
      if line.isSearch { searchText = "" }
      return closeCommandLine()
    case .enter: return line.isSearch ? closeCommandLine() : take(line, now: now)
    case .control("l"): return [.redraw]
    case .control("z"): return [.suspend]
    default: break
    }
    change(to: line)
    return []
  }

  /// Shows a changed line, and at once what it would do where that can be seen.
  mutating func change(to line: CommandLine) {
    popup = .commandLine(line)
    if line.isSearch {
      searchText = line.text
    } else {
      preview(line)
    }
  }

  /// What the list that is shown is searched for.
  var searchText: String {
    get { shows(.mistakes) ? sentences.filter.text : logFilter }
    set {
      if shows(.mistakes) {
        sentences.filter.text = newValue
      } else {
        logFilter = newValue
        offsets[.log] = nil
      }
    }
  }

  private mutating func closeCommandLine() -> [DashboardAction] {
    popup = nil
    previewedTheme = nil
    return []
  }

  /// A theme whose name stands in the line is shown before it is chosen.
  private mutating func preview(_ line: CommandLine) {
    let parts = line.text.split(separator: " ").map(String.init)
    guard parts.count == 2, parts[0] == "theme", ThemeCatalog.available.contains(parts[1]) else {
      previewedTheme = nil
      return
    }
    previewedTheme = try? ThemeCatalog.theme(named: parts[1])
  }

  private mutating func take(_ line: CommandLine, now: Double) -> [DashboardAction] {
    do throws(CommandProblem) {
      guard let request = try CommandParser.request(line.text) else { return closeCommandLine() }
      let actions = try perform(request, now: now)
      if case .commandLine = popup { popup = nil }
      previewedTheme = nil
      return actions
    } catch {
      var line = line
      line.problem = error.sentence
      popup = .commandLine(line)
      return []
    }
  }

  private mutating func perform(_ request: CommandRequest, now: Double) throws(CommandProblem) -> [DashboardAction] {
    switch request {
    case .send(let command):
      guard run.takesCommands else { throw CommandProblem(sentence: run.nothingToSteer) }
      return ask(command, now: now)
    case .perform(let command):
      popup = nil
      return perform(command, now: now)
    case .stop(let mode):
      popup = nil
      if run.hasEnded { return [.quit] }
      guard run.takesCommands else { throw CommandProblem(sentence: run.nothingToSteer) }
      guard let mode else {
        openStopDialog()
        return []
      }
      return stop(mode, now: now)
    case .theme(let name):
      do {
        theme = try ThemeCatalog.theme(named: name)
        choseTheme = true
      } catch {
        throw CommandProblem(sentence: error.description)
      }
    case .glyphs(let set):
      glyphs = set
      choseGlyphs = true
    case .smooth(let level): smooth(level, now: now)
    }
    return []
  }
}
