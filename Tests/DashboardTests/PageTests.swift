import RunModel
import TerminalCanvas
import Testing
import Themes
import TrainingEvents

@testable import Dashboard

/// Pages, focus, the command line, choices that are kept, and exports.
@Suite struct PageTests {
  private func model(_ scene: Scene = .running) throws -> DashboardModel {
    var model = try scene.model()
    model.resize(width: 160, height: 50)
    return model
  }

  @discardableResult
  private func draw(_ model: DashboardModel) -> String {
    var model = model
    var canvas = Canvas(width: 160, height: 50)
    model.draw(into: &canvas, now: 1)
    return canvas.plainRows().joined(separator: "\n")
  }

  @discardableResult
  private func press(_ model: inout DashboardModel, _ keys: Key...) -> [DashboardAction] {
    keys.flatMap { model.handle(.key($0), now: 1) }
  }

  private func command(_ model: inout DashboardModel, _ line: String) -> [DashboardAction] {
    (":" + line).flatMap { model.handle(.key(.character($0)), now: 1) } + model.handle(.key(.enter), now: 1)
  }

  /// In every size that has room for the panel's figures, and anew with each epoch.
  @Test(arguments: [[80, 24], [120, 40], [160, 50]]) func frozenPartsAreNamed(size: [Int]) throws {
    func screen(steps: Int, unfreezeEvery: Int?) throws -> String {
      var sample = SampleRun()
      sample.unfreezeEvery = unfreezeEvery
      var model = DashboardModel(theme: try ThemeCatalog.theme(named: ThemeCatalog.defaultName), glyphs: .braille)
      for event in sample.events(through: steps) { model.apply(event, now: 1) }
      var canvas = Canvas(width: size[0], height: size[1])
      model.draw(into: &canvas, now: 1)
      return canvas.plainRows().filter { !$0.contains(":") }.joined(separator: "\n")
    }
    #expect(try screen(steps: 100, unfreezeEvery: 1).contains(/frozen +encoder/))
    #expect(try screen(steps: 409 + 100, unfreezeEvery: 1).contains(/frozen +embeddings, layer\.0/))
    #expect(try !screen(steps: 4 * 409, unfreezeEvery: 1).contains("frozen"))
    #expect(try !screen(steps: 100, unfreezeEvery: nil).contains("frozen"))
  }

  /// Where several processes train the run, the machine page has a line for each and marks the one that is waited for.
  @Test func ranksAreOnTheMachinePage() throws {
    var model = try model()
    press(&model, .character("4"))
    #expect(!draw(model).contains("Ranks"))
    let ranks = [
      RankSample.Rank(host: "alpha", waiting: 0.4, secondsAStep: 0.02, residentBytes: 300 << 20),
      RankSample.Rank(host: "beta", waiting: 0, secondsAStep: 0.05, residentBytes: 0),
    ]
    model.apply(.ranksMeasured(RankSample(step: 9, ranks: ranks)), now: 1)
    let screen = draw(model)
    #expect(screen.contains(/0 alpha +20\.0 +40% +\d\d\dMB/))
    #expect(screen.contains(/1 beta +50\.0 +0% +– +slowest/))
    #expect(screen.contains("Tokens a second"))
  }

  /// Bars are of what the run may have, which in a container is not what the machine has.
  @Test func aContainersLimitsAreOnTheMachinePage() throws {
    var model = try model()
    press(&model, .character("4"))
    var sample = MachineSample(
      cores: [0.5, 0.5, 0.1, 0.1], residentBytes: 1_000_000_000, totalBytes: 64_000_000_000,
      availableBytes: 60_000_000_000, threads: 3, processCores: 1.5, temperature: nil)
    model.apply(sample)
    #expect(draw(model).contains(/machine +\S* +4.00GB of 64.0GB/) && draw(model).contains("1.50 cores"))
    sample.limits = MachineSample.Limits(processors: 2, memory: 2_000_000_000, memoryInUse: 1_900_000_000)
    model.apply(sample)
    let screen = draw(model)
    #expect(screen.contains(/limit +\S* +1.90GB of 2.00GB/) && screen.contains("1.50 of 2 cores"))
    #expect(!screen.contains("64.0GB"))
    func bar(_ label: String, _ figure: String) throws -> Int {
      let row = try #require(screen.split(separator: "\n").first { $0.contains(label) && $0.contains(figure) })
      return row.count { $0 == "█" }
    }
    #expect(try abs(bar("this run ", "1.00GB") * 19 - bar("limit ", "1.90GB") * 10) < 30, "half of the limit")
  }

  @Test func numbersChoosePages() throws {
    var model = try model()
    for (key, text) in [
      ("2", "A: classes"), ("3", "Gradient on the encoder"), ("4", "Memory and threads"), ("5", "Log"), ("6", "Errors"),
      ("1", "Loss"),
    ] as [(Character, String)] {
      press(&model, .character(key))
      #expect(draw(model).contains(text), "\(key)")
    }
  }

  @Test func tabFocusesAndEnterShowsOnePanelAlone() throws {
    var model = try model()
    press(&model, .tab)
    #expect(model.focus == .loss)
    press(&model, .tab, .enter)
    let alone = draw(model)
    #expect(alone.contains(" Log ") && !alone.contains(" Loss "))
    press(&model, .enter)
    #expect(draw(model).contains(" Loss "))
    press(&model, .backTab, .escape)
    #expect(model.focus == nil)
  }

  @Test func linesSteerTheRun() throws {
    var model = try model()
    #expect(command(&model, "lr 3e-4") == [.send(.setLearningRate(3e-4))])
    #expect(command(&model, "weight b 0.5") == [.send(.setLossWeight(.words, 0.5))])
    #expect(command(&model, "checkpoint") == [.send(.checkpoint)])
    #expect(command(&model, "eval") == [.send(.evaluate)])
    #expect(command(&model, "stop epoch") == [.send(.stop(.finishEpoch))])
    #expect(command(&model, "theme paper") == [])
    #expect(model.theme.name == "paper")
    #expect(command(&model, "page balance") == [] && model.page == .balance)
    #expect(command(&model, "stop") == [] && model.popup == .stop(StopDialog(marked: .stop(.saveAndStop))))
  }

  @Test(arguments: [
    "lr", "lr fast", "lr -1", "lr nan", "lr 1 2", "weight C 1", "weight A", "stop never", "theme nosuch", "glyphs x",
    "smooth 9", "page 9", "checkpoint now", "nonsense",
  ])
  func aWrongLineIsSaidInPlace(_ line: String) throws {
    var model = try model()
    #expect(command(&model, line) == [])
    guard case .commandLine(let open) = model.popup, let problem = open.problem else {
      Issue.record("\(line) was taken")
      return
    }
    #expect(problem.hasSuffix("."))
    #expect(draw(model).contains(problem.prefix(20)))
    press(&model, .escape)
    #expect(model.popup == nil)
  }

  @Test func tabCompletesAndThemesAreTriedLive() throws {
    var model = try model()
    for character in ":th" { press(&model, .character(character)) }
    press(&model, .tab)
    #expect(model.popup == .commandLine(line("theme")))
    for character in " pa" { press(&model, .character(character)) }
    press(&model, .tab)
    #expect(model.popup == .commandLine(line("theme paper")))
    #expect(model.previewedTheme?.name == "paper" && model.theme.name != "paper")
    press(&model, .escape)
    #expect(model.previewedTheme == nil && model.theme.name != "paper")
  }

  private func line(_ text: String) -> CommandLine {
    var line = CommandLine()
    for character in text { line.type(character) }
    return line
  }

  @Test func nothingIsSteeredOnceTheRunHasEnded() throws {
    var model = try model(.finished)
    #expect(command(&model, "lr 1e-3") == [])
    #expect(model.popup != nil)
  }

  @Test func alertsStayUntilTheyAreRead() throws {
    var model = try model(.cursor)
    #expect(draw(model).contains("! 1"))
    press(&model, .character("a"))
    #expect(model.page == .log && model.run.unreadAlerts == 0)
    #expect(!draw(model).contains(" ! 1 "))
  }

  @Test func theLogCanBeFiltered() throws {
    var model = try model(.journal)
    #expect(draw(model).contains("checkpoint step-"))
    press(&model, .character("w"))
    let filtered = draw(model)
    #expect(filtered.contains("The loss is nan") && !filtered.contains("checkpoint step-"))
  }

  @Test func choicesAreKeptAndTakenUpAgain() throws {
    var model = try model()
    press(&model, .character("l"), .character("x"), .character("]"), .character("g"), .character("v"), .character("3"))
    var remarks: [String] = []
    let kept = DashboardPreferences(text: model.preferences.text, file: "preferences", remarks: &remarks)
    #expect(remarks == [] && kept == model.preferences)
    #expect(kept.theme == nil, "no theme was chosen")
    var next = DashboardModel(theme: model.theme, glyphs: .blocks)
    next.adopt(kept)
    #expect(next.preferences == model.preferences)
    #expect(next.chart.scale == .linear && next.chart.unit == .epoch && next.run.smoothing == 3)
  }

  @Test func aBrokenPreferenceIsARemark() {
    var remarks: [String] = []
    let read = DashboardPreferences(
      text: "theme = paper\nwhat\n= 3\nsmoothing = x\n\u{0}\u{1}", file: "p", remarks: &remarks)
    #expect(read.theme == "paper")
    #expect(remarks == ["p, line 2: \"what\" is no preference; it is left out."])
    var model = DashboardModel(theme: Theme(name: "x"), glyphs: .ascii)
    model.adopt(read)
    #expect(model.run.smoothing == RunState.usualSmoothing)
  }

  @Test func exportsTellWhatIsShown() throws {
    let model = try model(.cursor)
    let files = model.exports(width: 160, height: 50, now: 1)
    #expect(files.map { $0.name.suffix(4) } == [".txt", ".svg", ".svg", ".csv", ".csv"])
    #expect(files[0].text.contains("Loss") && files[0].text.split(separator: "\n").count == 50)
    for picture in files[1...2] {
      #expect(picture.text.hasPrefix("<svg ") && picture.text.hasSuffix("</svg>\n"))
      #expect(picture.text.filter { $0 == "<" }.count == picture.text.filter { $0 == ">" }.count)
    }
    let rows = files[3].text.split(separator: "\n")
    #expect(rows.count == 2634)
    #expect(rows.allSatisfy { $0.filter { $0 == "," }.count == 10 })
    #expect(files[4].text.split(separator: "\n").count == 7)
  }

  @Test func figuresGoToTheClipboard() throws {
    var model = try model()
    guard case .copy(let text)? = press(&model, .character("y")).first else {
      Issue.record("nothing was copied")
      return
    }
    #expect(text.contains("step 2633 of 4090") && text.contains("best dev"))
  }

  @Test func theBalanceIsToldInWords() throws {
    var run = RunState()
    func verdict(_ a: Double, _ b: Double, _ cosine: Double?) -> String {
      for _ in 0..<5 {
        run.apply(
          .gradientsSampled(
            GradientSample(
              step: run.balance.samples.count, weights: PerTask(1, 1), norms: PerTask(a, b), cosine: cosine,
              seconds: 0)), now: 0)
      }
      var model = DashboardModel(theme: Theme(name: "x"), glyphs: .braille)
      model.run = run
      model.page = .balance
      return draw(model)
    }
    #expect(verdict(1, 1, 0.5).contains("help each other"))
    #expect(verdict(1, 1, 0.5).contains("▄ ▄"), "without colours, a gap says where A ends and B begins")
    #expect(verdict(1, 1, -0.5).contains("pull against each other"))
    #expect(verdict(1, 20, 0).contains("B drowns A"))
    #expect(verdict(20, 1, nil).contains("A drowns B"))
  }
}
