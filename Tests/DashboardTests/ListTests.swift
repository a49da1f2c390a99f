import RunModel
import TerminalCanvas
import Testing
import Themes
import TrainingEvents

@testable import Dashboard

/// Keys act on what is shown: lists scroll within what there is, and nothing out of sight moves.
@Suite struct ListTests {
  private func model(epochs: Int = 3, width: Int = 120, height: Int = 40) throws -> DashboardModel {
    var model = DashboardModel(theme: try ThemeCatalog.theme(named: ThemeCatalog.defaultName), glyphs: .braille)
    var run = SampleRun()
    run.stepsPerEpoch = 20
    run.epochs = 200
    for event in run.events(through: 20 * epochs) { model.apply(event, now: 0) }
    model.resize(width: width, height: height)
    return model
  }

  private func press(_ model: inout DashboardModel, _ keys: Key...) {
    for key in keys { _ = model.handle(.key(key), now: 1) }
  }

  private func screen(_ model: DashboardModel) -> String {
    var model = model
    var canvas = Canvas(width: model.size.width, height: model.size.height)
    model.draw(into: &canvas, now: 1)
    return canvas.plainRows().joined(separator: "\n")
  }

  /// The focus decides which list the arrows move.
  @Test func theFocusDecides() throws {
    var model = try model(epochs: 60)
    press(&model, .up)
    #expect(model.offset(of: .log) == 1 && model.offset(of: .epochs) == 0)
    press(&model, .tab, .tab, .tab, .tab)
    #expect(model.focus == .epochs)
    press(&model, .up, .up)
    #expect(model.offset(of: .epochs) == 2 && model.offset(of: .log) == 1)
    #expect(screen(model).contains("Epochs, 2 back"))
    press(&model, .enter)
    for _ in 0..<200 { press(&model, .pageUp) }
    #expect(screen(model).contains(" 0 "), "the first epoch")
    press(&model, .tab, .enter)
    model.apply(
      .epochCompleted(
        EpochRecord(
          epoch: 60, step: 1220, averageLoss: 1, averageLosses: PerTask(1, 1), counts: MetricCounts(), seconds: 1)),
      now: 1)
    #expect(model.offset(of: .epochs) > 2, "what is read stays in its place")
  }

  /// Past the end there is nothing, and one press comes back.
  @Test func tablesEndWhereTheirLastRowIsShown() throws {
    var model = try model(width: 80, height: 24)
    press(&model, .character("2"), .tab, .tab)
    #expect(model.focus == .confusions(.sentence))
    press(&model, .tab)
    #expect(model.focus == .labels(.words))
    for _ in 0..<9 { press(&model, .pageDown) }
    let end = model.offset(of: .labels(.words))
    #expect(end == 14 - ClassesPage.rows(in: try #require(model.layoutNow[.labels(.words)])))
    #expect(screen(model).contains("-14 of 14"))
    press(&model, .up)
    #expect(model.offset(of: .labels(.words)) == end - 1)
    #expect(model.offset(of: .labels(.sentence)) == 0)
    for _ in 0..<9 { press(&model, .pageUp) }
    #expect(model.offset(of: .labels(.words)) == 0)
  }

  /// On pages without curves the keys of the curves do nothing, and Esc takes no unseen cursor away.
  @Test(arguments: ["2", "3", "4", "5", "6"] as [Character])
  func curvesOutOfSightStayAsTheyAre(page: Character) throws {
    var model = try model()
    press(&model, .character("+"), .left)
    let chart = model.chart
    press(&model, .character(page))
    press(&model, .left, .right, .home, .end, .character("+"), .character("-"), .character("0"), .character("f"))
    press(&model, .character(","), .character("."), .character("l"), .character("x"), .escape)
    #expect(model.chart == chart)
  }

  /// Keys that arrive together meet the page that the first of them has chosen.
  @Test func keysThatComeTogether() throws {
    var model = try model()
    press(&model, .character("4"), .tab, .enter)
    #expect(model.maximized == .cores)
    #expect(screen(model).contains("Cores"))
  }

  /// At every size and page the panels fill the screen without overlapping.
  @Test func panelsDoNotOverlap() throws {
    for scene in Scene.allCases where scene != .long {
      let model = try scene.model()
      for (width, height) in [(60, 16), (80, 24), (100, 31), (120, 40), (141, 33), (200, 60), (300, 90)] {
        let layout = ScreenLayout(model, width: width, height: height)
        var taken = [Int](repeating: 0, count: width * height)
        for rect in layout.placements.map(\.rect) + [layout.header, layout.keyLine] {
          for y in rect.y..<rect.bottom {
            for x in rect.x..<rect.right {
              taken[y * width + x] += 1
            }
          }
        }
        #expect(taken.allSatisfy { $0 == 1 }, "\(scene) \(width)x\(height)")
      }
    }
  }

  @Test func worstLabelsComeFirstOnAKey() throws {
    var model = try model(width: 160, height: 50)
    press(&model, .character("2"), .character("o"))
    func rows(_ model: DashboardModel) -> [Double] {
      screen(model).split(separator: "\n").dropFirst(3).prefix(14).compactMap { line in
        let right = line.suffix(80).split(separator: " ").compactMap { Double($0) }
        return right.count >= 3 ? right[2] : nil
      }
    }
    let worst = rows(model)
    #expect(worst.count == 14 && worst == worst.sorted())
    #expect(screen(model).contains("worst F1 first"))
    press(&model, .character("o"), .character("o"))
    #expect(rows(model) != worst)
  }

  // MARK: - The log

  @Test func longLinesAreReadWholeOnTheLogsPage() throws {
    var model = try model(epochs: 60, width: 80, height: 24)
    let words = (0..<60).map { "word\($0)" }.joined(separator: " ")
    model.apply(.log(LogLine(level: .error, text: words, time: 0, step: 7)), now: 0)
    press(&model, .character("5"))
    for number in 0..<60 { #expect(screen(model).contains("word\(number)"), "\(number)") }
    for _ in 0..<300 { press(&model, .up) }
    #expect(screen(model).contains("dev epoch 0:") && !screen(model).contains("word0"))
    press(&model, .down)
    #expect(model.offset(of: .log) == model.largestOffset(of: .log) - 1)
  }

  @Test func linesHaveTheirTimeOfDay() throws {
    var model = try model()
    model.apply(.log(LogLine(level: .info, text: "late", time: 1_700_000_000, step: 7)), now: 0)
    model.secondsFromGMT = 3600
    #expect(screen(model).contains("23:13:20"))
  }

  /// An alert counts as read when it has been in sight, not before.
  @Test func alertsAreReadWhenTheyAreSeen() throws {
    var model = try model(epochs: 60)
    press(&model, .character("5"), .up, .up, .up)
    model.apply(.alert(LogLine(level: .error, text: "The disk is full.", time: 0, step: 7)), now: 0)
    #expect(model.run.unreadAlerts == 1, "the page is scrolled back")
    for _ in 0..<9 { press(&model, .down) }
    #expect(model.run.unreadAlerts == 0)
    press(&model, .character("/"))
    for letter in "nothing" { press(&model, .character(letter)) }
    press(&model, .enter)
    model.apply(.alert(LogLine(level: .error, text: "The disk is full.", time: 0, step: 8)), now: 0)
    #expect(model.run.unreadAlerts == 1, "another text is searched for")
    press(&model, .character("1"), .character("a"))
    #expect(model.run.unreadAlerts == 0 && screen(model).contains("The disk is full."))
  }

  @Test func theLogIsSearched() throws {
    var model = try model()
    press(&model, .character("5"), .character("/"))
    for letter in "dev EPOCH 2" { press(&model, .character(letter)) }
    let found = screen(model)
    #expect(found.contains("dev epoch 2:") && !found.contains("dev epoch 1:"))
    press(&model, .enter)
    #expect(model.popup == nil && screen(model).contains("Log, with \"dev EPOCH 2\""))
    press(&model, .escape)
    #expect(screen(model).contains("dev epoch 1:"))
  }
}
