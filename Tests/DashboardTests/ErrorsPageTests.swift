import Foundation
import RunModel
import TerminalCanvas
import Testing
import TrainingEvents

@testable import Dashboard

/// The page of wrong dev sentences.
@Suite struct ErrorsPageTests {
  private func model(width: Int = 160, height: Int = 50, page: Bool = true) throws -> DashboardModel {
    var model = try Scene.running.model()
    model.resize(width: width, height: height)
    if page { press(&model, .character("6")) }
    return model
  }

  /// With everything read that the page asks for.
  private func loaded(width: Int = 160, height: Int = 50) throws -> DashboardModel {
    var model = try model(width: width, height: height)
    load(&model)
    return model
  }

  private func load(_ model: inout DashboardModel) {
    let run = SampleRun()
    while case .mistakes(let step)? = model.askForSentences() {
      model.take(run.mistakes(step / run.stepsPerEpoch - 1), ofStep: step)
    }
  }

  @discardableResult
  private func press(_ model: inout DashboardModel, _ keys: Key...) -> [DashboardAction] {
    keys.flatMap { model.handle(.key($0), now: 1) }
  }

  private func type(_ model: inout DashboardModel, _ text: String) {
    for character in text { press(&model, .character(character)) }
  }

  private func screen(_ model: DashboardModel) -> String {
    var model = model
    var canvas = Canvas(width: model.size.width, height: model.size.height)
    model.draw(into: &canvas, now: 1)
    return canvas.plainRows().joined(separator: "\n")
  }

  private func numbers(_ model: DashboardModel) -> [Int] { model.mistakes.shown.map(\.number) }

  // MARK: - What is read

  /// Nothing is read for a page that is not shown; then the newest evaluation's first.
  @Test func theNewestIsReadFirstAndOnlyForThePage() throws {
    var model = try model(page: false)
    #expect(model.wantedMistakes == nil)
    press(&model, .character("6"))
    #expect(screen(model).contains("reading"))
    var asked: [Int] = []
    while let step = model.wantedMistakes {
      model.noteAsked(forMistakesOf: step)
      asked.append(step)
    }
    #expect(asked == [6, 5, 4, 3, 2, 1].map { $0 * 409 })
  }

  @Test func whatCannotBeReadIsSaidAndAskedForAgainOnTheNextVisit() throws {
    var model = try model()
    let step = try #require(model.wantedMistakes)
    model.noteAsked(forMistakesOf: step)
    model.take(nil, ofStep: step, problem: "The file is damaged.")
    #expect(screen(model).contains("The file is damaged."))
    #expect(model.wantedMistakes != step)
    press(&model, .character("1"), .character("6"))
    #expect(model.wantedMistakes == step)
    model.take(nil, ofStep: step)
    #expect(screen(model).contains("not in the run's folder"))
  }

  @Test func anEvaluationMadeAgainIsReadAgain() throws {
    var model = try loaded()
    #expect(model.mistakes.found?.epoch == 5)
    model.apply(.evaluated(SampleRun().evaluation(5)), now: 2)
    #expect(model.wantedMistakes == 6 * 409 && model.mistakes.found?.epoch == 5)
    var again = SampleRun().mistakes(5)
    again.sentences.removeLast()
    model.noteAsked(forMistakesOf: 6 * 409)
    model.take(again, ofStep: 6 * 409)
    #expect(model.mistakes.found == again && model.wantedMistakes == nil)
    #expect(model.mistakes.history(ofSentence: 412).map(\.epoch) == [0, 1, 2, 3, 4, 5])
    // One of an earlier step, of a run that was taken up before.
    model.apply(.evaluated(SampleRun().evaluation(3)), now: 2)
    #expect(model.mistakes.found == nil && screen(model).contains("reading"))
  }

  @Test func theSelectedSentenceStaysSelected() throws {
    var model = try loaded()
    press(&model, .down)
    let number = try #require(model.mistakes.selected?.number)
    var next = SampleRun().mistakes(6)
    next.step = 7 * 409
    next.sentences = SampleRun().mistakes(0).sentences.reversed()
    model.apply(.evaluated(SampleRun().evaluation(6)), now: 2)
    model.take(next, ofStep: next.step)
    #expect(model.mistakes.found == next && model.mistakes.selected?.number == number)
  }

  // MARK: - What is shown

  @Test func goldStandsBesidePredicted() throws {
    var model = try loaded()
    let first = screen(model)
    #expect(first.contains("Errors, dev, epoch 5: 5 of 700 sentences"))
    #expect(first.contains("class gold       AddToPlaylist <1%"))
    #expect(first.contains("class predicted  PlayMusic 99%"))
    #expect(first.contains("B-playlist"))
    press(&model, .down)
    let second = screen(model)
    #expect(second.contains("class right      PlayMusic 91%"))
    let rows = second.split(separator: "\n").map(String.init)
    let gold = try #require(rows.first { $0.contains(" gold ") && $0.contains("B-object_name") })
    let predicted = try #require(rows.first { $0.contains(" predicted ") && $0.contains("B-artist") })
    #expect(gold.firstRange(of: "B-object_name")?.lowerBound == predicted.firstRange(of: "B-artist")?.lowerBound)
    #expect(second.contains("epoch 5  wrong: PlayMusic 91%, 3 words"))
  }

  @Test func theVerdictsOfAHistoryStandBelowEachOther() throws {
    var model = try loaded()
    var later = SampleRun().mistakes(5)
    (later.epoch, later.step) = (10, 11 * 409)
    model.apply(.evaluated(SampleRun().evaluation(10)), now: 2)
    model.take(later, ofStep: later.step)
    press(&model, .down)
    let rows = screen(model).split(separator: "\n").filter { $0.contains("  wrong: ") }
    #expect(rows.contains { $0.contains("epoch 10  wrong: ") } && rows.contains { $0.contains("epoch 5   wrong: ") })
  }

  /// Where an evaluation kept only its surest mistakes, a sentence that is not among them may be right or wrong.
  @Test func aHistoryKnowsWhatItDoesNotKnow() throws {
    var model = try loaded()
    var last = SampleRun().mistakes(5)
    last.sentences = SampleRun().mistakes(0).sentences
    model.take(last, ofStep: last.step)
    let verdicts = model.mistakes.history(ofSentence: 241).map(\.verdict)
    #expect(verdicts == [.wrong, .unknown, .unknown, .unknown, .unknown, .wrong])
    var whole = SampleRun().mistakes(4)
    whole.wrong = whole.sentences.count
    model.take(whole, ofStep: whole.step)
    #expect(model.mistakes.history(ofSentence: 241).map(\.verdict)[4] == .right)
  }

  @Test func theOrderChanges() throws {
    var model = try loaded()
    model.take(SampleRun().mistakes(0), ofStep: 6 * 409)
    #expect(numbers(model) == [412, 17, 699, 3, 88, 240, 241])
    press(&model, .character("o"))
    #expect(model.mistakes.shown.map(\.loss) == model.mistakes.shown.map(\.loss).sorted(by: >))
    press(&model, .character("o"))
    #expect(numbers(model).first == 699 && screen(model).contains("longest first"))
    press(&model, .character("o"))
    #expect(numbers(model) == [412, 17, 699, 3, 88, 240, 241])
  }

  @Test(
    arguments: [
      ("robin", [17]), ("THE song", [17]), ("class:weather", [699, 3, 88]), ("type:poi", [3]), ("class:play four", []),
      ("class:weather four", [699, 3]), ("北京", [699]),
    ] as [(String, [Int])])
  func itIsSearched(text: String, found: [Int]) throws {
    var model = try loaded()
    model.take(SampleRun().mistakes(0), ofStep: 6 * 409)
    type(&model, "/" + text)
    #expect(numbers(model) == found)
    press(&model, .enter)
    #expect(numbers(model) == found && model.popup == nil && model.logFilter.isEmpty)
    press(&model, .escape)
    #expect(numbers(model).count == 7)
  }

  @Test func tasksAreFiltered() throws {
    var model = try loaded()
    model.take(SampleRun().mistakes(0), ofStep: 6 * 409)
    press(&model, .character("w"))
    #expect(numbers(model) == [412, 3, 88, 240, 241])
    press(&model, .character("w"))
    #expect(numbers(model) == [17, 699, 3])
    press(&model, .character("w"))
    #expect(numbers(model).count == 7 && model.logLevel == .info)
  }

  /// The confusions of page 2 lead to their sentences.
  @Test(arguments: [(Key.tab, 1, [412]), (.backTab, 0, [3])] as [(Key, Int, [Int])])
  func aConfusionLeadsToItsSentences(focus: Key, row: Int, found: [Int]) throws {
    var model = try loaded()
    model.take(SampleRun().mistakes(0), ofStep: 6 * 409)
    var evaluation = SampleRun().evaluation(5)
    evaluation.breakdowns[.sentence]?.confusions = [
      Confusion(gold: "x", predicted: "y", count: 3),
      Confusion(gold: "AddToPlaylist", predicted: "PlayMusic", count: 2),
    ]
    evaluation.breakdowns[.words]?.confusions = [Confusion(gold: "geographic_poi", predicted: "O", count: 1)]
    model.apply(.evaluated(evaluation), now: 1)
    load(&model)
    model.take(SampleRun().mistakes(2), ofStep: 6 * 409)
    press(&model, .character("2"), focus)
    if model.focus == .labels(.sentence) { press(&model, .tab) }
    for _ in 0..<row { press(&model, .down) }
    press(&model, .enter)
    #expect(model.page == .errors && numbers(model) == found && model.maximized == nil)
    #expect(screen(model).contains(row == 1 ? "AddToPlaylist → PlayMusic" : "geographic_poi → O"))
    press(&model, .escape)
    #expect(numbers(model).count == 5)
  }

  /// Whatever the size, and however the selection got there.
  @Test(arguments: [[60, 16], [80, 24], [120, 40], [200, 60]]) func theSelectedRowIsInSight(size: [Int]) throws {
    var model = try loaded(width: size[0], height: size[1])
    var many = SampleRun().mistakes(0)
    many.sentences = (1...300).map { number in
      var mistake = many.sentences[number % 7]
      mistake.number = number
      return mistake
    }
    model.take(many, ofStep: 6 * 409)
    func selectedIsShown() -> Bool {
      let number = model.mistakes.selected?.number ?? 0
      return screen(model).contains(" \(number) ") && screen(model).contains("Sentence \(number) of dev")
    }
    for key in [Key.down, .pageDown, .pageDown, .down, .pageDown, .up, .pageUp, .up] {
      press(&model, key)
      #expect(selectedIsShown(), "\(key)")
    }
    for _ in 0..<200 { press(&model, .pageDown) }
    #expect(model.mistakes.selected?.number == 300 && selectedIsShown())
    model.resize(width: size[0], height: 16)
    #expect(selectedIsShown())
  }

  @Test func aClickSelects() throws {
    var model = try loaded()
    model.take(SampleRun().mistakes(0), ofStep: 6 * 409)
    let row = try #require(model.regions(now: 1).first { $0.target == .row(.mistakes, 4) }?.rect)
    _ = model.handle(.mouse(MouseEvent(action: .press, x: row.x + 9, y: row.y)), now: 1)
    #expect(model.mistakes.selected?.number == 88 && model.focus == .mistakes)
    _ = model.handle(.mouse(MouseEvent(action: .wheelUp, x: row.x + 9, y: row.y)), now: 1)
    #expect(model.mistakes.selected?.number == 17)
  }

  // MARK: - Suspects

  /// With the suspects of the last epoch read, as the page asks for them.
  private func suspects(width: Int = 160, height: Int = 50) throws -> DashboardModel {
    var model = try loaded(width: width, height: height)
    #expect(model.wantedSuspects == nil)
    press(&model, .character("s"))
    let step = try #require(model.wantedSuspects)
    #expect(step == model.run.epochs.last?.step && model.wantedMistakes == nil)
    #expect(screen(model).contains("reading"))
    model.noteAsked(forSuspectsOf: step)
    #expect(model.wantedSuspects == nil)
    model.take(suspects: SampleRun().suspects(5), ofStep: step)
    return model
  }

  @Test func suspectsAreASecondList() throws {
    var model = try suspects()
    let first = screen(model)
    #expect(first.contains("Suspects, train, epoch 5: margin below 0 in 143 of 13,084 sentences"))
    #expect(first.contains("Sentence 412 of train") && first.contains("-3.2") && !first.contains("over the epochs"))
    let row = try #require(first.split(separator: "\n").first { $0.contains("class believed") })
    #expect(row.contains("PlayMusic") && row.contains("margin -3.2"))
    #expect(model.sentences.shown.map(\.number) == [412, 17, 3])
    press(&model, .down)
    #expect(screen(model).contains("least believed tag  margin -2.0"))
    // Each list has its own filter; a task's suspects stand by its margins.
    press(&model, .character("w"))
    #expect(model.sentences.shown.map(\.number) == [412, 3])
    press(&model, .character("w"))
    #expect(model.sentences.shown.map(\.number) == [17, 3] && screen(model).contains("wrong tags"))
    press(&model, .escape)
    #expect(model.sentences.shown.count == 3)
    press(&model, .character("s"))
    #expect(screen(model).contains("Errors, dev, epoch 5") && numbers(model).count == 5)
    #expect(model.mistakes.filter.isEmpty && model.wantedMistakes == nil)
  }

  /// Suspects have no loss to stand by.
  @Test func suspectsStandByMarginOrLength() throws {
    var model = try suspects()
    press(&model, .character("o"))
    #expect(model.sentences.shown.map(\.number) == [3, 412, 17] && screen(model).contains("longest first"))
    press(&model, .character("o"))
    #expect(model.sentences.shown.map(\.number) == [412, 17, 3])
  }

  @Test func newSuspectsAreReadAfterEachEpoch() throws {
    var model = try suspects()
    var next = try #require(model.run.epochs.last)
    (next.epoch, next.step) = (6, 7 * 409)
    model.apply(.epochCompleted(next), now: 2)
    #expect(model.wantedSuspects == 7 * 409 && model.suspects.found?.epoch == 5)
    model.noteAsked(forSuspectsOf: 7 * 409)
    model.take(suspects: nil, ofStep: 7 * 409)
    #expect(screen(model).contains("No suspects are in the run's folder"))
    // A run that was taken up before: what stands behind is no longer so.
    model.take(suspects: SampleRun().suspects(6), ofStep: 7 * 409)
    next.step = 3 * 409
    model.apply(.epochCompleted(next), now: 3)
    #expect(model.suspects.found == nil && model.wantedSuspects == 3 * 409)
  }

  /// A confusion leads to wrong dev sentences, whichever list was shown.
  @Test func confusionsLeadToErrors() throws {
    var model = try suspects()
    press(&model, .character("2"), .backTab, .enter)
    #expect(model.page == .errors && !model.showsSuspects)
  }

  @Test func markedSuspectsHaveAFileOfTheirOwn() throws {
    var model = try suspects()
    press(&model, .character(" "), .character("s"), .character(" "))
    let files = model.exports(width: 80, height: 24, now: 1).suffix(2)
    #expect(files.map(\.name) == ["marked-step-2633.jsonl", "suspects-step-2633.jsonl"])
    let text = try #require(files.last?.text)
    let row = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    #expect(row["train_sentence"] as? Int == 412 && row["dev_sentence"] == nil && row["margin"] as? Double == -3.2)
    #expect(row["intent"] as? String == "AddToPlaylist" && row["believed_intent"] as? String == "PlayMusic")
  }

  // MARK: - Marks

  @Test func spaceMarksHereAndPausesElsewhere() throws {
    var model = try loaded()
    #expect(press(&model, .character(" ")) == [])
    #expect(model.mistakes.markCount == 1 && model.mistakes.selected?.number == 17, "the next one is selected")
    #expect(press(&model, .character("p")) == [.send(.pause)])
    press(&model, .up, .character(" "))
    #expect(model.mistakes.markCount == 0)
    press(&model, .character("1"))
    #expect(press(&model, .character(" ")) == [.send(.pause)])
  }

  /// Marks outlive the evaluation; their file has the gold labels under the keys that training reads.
  @Test func marksAreExported() throws {
    var model = try loaded()
    model.take(SampleRun().mistakes(0), ofStep: 6 * 409)
    press(&model, .down, .down, .character(" "), .character(" "))
    model.take(SampleRun().mistakes(5), ofStep: 6 * 409)
    #expect(model.mistakes.markCount == 2)
    let file = try #require(model.exports(width: 80, height: 24, now: 1).last)
    #expect(file.name == "marked-step-2633.jsonl")
    let rows = try file.text.split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    #expect(rows.map { $0["dev_sentence"] as? Int } == [3, 699])
    #expect(rows.map { $0["intent"] as? String } == ["BookRestaurant", "GetWeather"])
    #expect((rows[0]["tokens"] as? [String])?.count == 13 && (rows[0]["tags"] as? [String])?[12] == "B-geographic_poi")
    #expect((rows[0]["predicted_tags"] as? [String])?[12] == "O")
    #expect(rows[0]["predicted_intent"] as? String == "GetWeather")
  }
}
