import Formatting
import TerminalCanvas
import Testing
import Themes
import TrainingEvents

@testable import Dashboard

/// Any size, any order of events, any figures: nothing traps and nothing is drawn outside.
@Suite struct FuzzTests {
  private func checkCells(_ canvas: Canvas, _ glyphs: GlyphSet, _ what: String) {
    var broken = 0
    for y in 0..<canvas.height {
      for x in 0..<canvas.width {
        let cell = canvas[x, y]
        if cell.scalar == 0 {
          let isSecondHalf = x > 0 && CharacterWidth.columns(of: Unicode.Scalar(canvas[x - 1, y].scalar) ?? " ") == 2
          if !isSecondHalf { broken += 1 }
        } else if cell.scalar < 32 || cell.scalar == 127 || (glyphs == .ascii && cell.scalar > 126) {
          broken += 1
        }
        if Int(cell.style) >= canvas.styles.count { broken += 1 }
      }
    }
    #expect(broken == 0, "\(what)")
  }

  /// How many cells look another way, whatever numbers their styles and marks have.
  private func differences(_ one: Canvas, _ other: Canvas) -> Int {
    zip(one.cells, other.cells).count { left, right in
      one.styles[Int(left.style)] != other.styles[Int(right.style)]
        || (left.scalar < Cell.firstCluster
          ? left.scalar != right.scalar : one.scalars(of: left) != other.scalars(of: right))
    }
  }

  @Test(arguments: GlyphSet.allCases)
  func everySize(_ glyphs: GlyphSet) throws {
    var sample = SampleRun()
    var sizes: [(Int, Int)] = []
    for width in [1, 2, 3, 7, 20, 59, 60, 61, 79, 110, 139, 140, 200, 300] {
      for height in [1, 2, 3, 6, 15, 16, 17, 21, 23, 33, 34, 40, 60, 100] { sizes.append((width, height)) }
    }
    for _ in 0..<40 { sizes.append((1 + Int(sample.random() * 300), 1 + Int(sample.random() * 100))) }
    var models = try Scene.allCases.filter { $0 != .long }.map { try $0.model(glyphs: glyphs) }
    // Every panel alone too.
    var alone = try Scene.cursor.model(glyphs: glyphs)
    alone.apply(MachineSample.many(128))
    let panels: [PanelID] =
      [.loss, .accuracy, .progress, .epochs, .accuracyChart, .log, .weights, .gradients, .cosine, .schedule, .cores]
      + [.memory, .ranks, .speed, .mistakes, .mistake, .setup, .configuration]
      + ModelTask.allCases.flatMap { [.labels($0), .confusions($0)] }
    for panel in panels {
      alone.maximized = panel
      models.append(alone)
    }
    for (number, size) in sizes.enumerated() {
      var canvas = Canvas(width: size.0, height: size.1)
      models[number % models.count].draw(into: &canvas, now: Scene.now)
      #expect(canvas.width == size.0 && canvas.height == size.1)
      checkCells(canvas, glyphs, "\(size)")
    }
  }

  @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
  func randomEvents(_ seed: UInt64) throws {
    var random = Random(state: seed)
    var model = DashboardModel(theme: try ThemeCatalog.theme(named: "paper"), glyphs: .braille)
    var canvas = Canvas(width: 160, height: 50)
    let keys = KeyBinding.all.flatMap(\.keys) + [.character("漢"), .function(5), .backspace, .delete, .character("h")]
    for round in 0..<100 {
      model.apply(random.event(), now: random.figure())
      if random.below(3) == 0 { _ = model.handle(.key(keys[random.below(keys.count)]), now: Double(round)) }
      let actions: [MouseEvent.Action] = [.press, .drag, .release, .wheelUp, .wheelDown]
      _ = model.handle(
        .mouse(MouseEvent(action: actions[random.below(5)], x: random.below(200), y: random.below(66))), now: 0)
      if round % 20 == 0 { _ = model.exports(width: 90, height: 30, now: 1) }
      if round % 10 == 0 { canvas.resize(width: 60 + random.below(140), height: 16 + random.below(50)) }
      if random.below(3) == 0, case .mistakes(let step)? = model.askForSentences() {
        model.take(random.below(3) == 0 ? nil : random.mistakes(step), ofStep: step)
      }
      if random.below(5) == 0 { model.apply(MachineSample.many(random.below(200))) }
      model.tick(now: Double(round))
      let now = random.figure()
      var anew = model
      anew.kept = KeptFrame()
      var other = Canvas(width: canvas.width, height: canvas.height)
      anew.draw(into: &other, now: now)
      model.draw(into: &canvas, now: now)
      checkCells(canvas, model.glyphs, "round \(round)")
      #expect(differences(canvas, other) == 0, "round \(round): what was kept of the last frame holds no more")
      #expect(model.regions(now: now) == anew.regions(now: now), "round \(round)")
    }
  }

  /// Events with figures of every kind.
  struct Random {
    var state: UInt64

    mutating func below(_ limit: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % limit
    }

    mutating func figure() -> Double {
      let odd: [Double] = [0, -1, 1e300, -1e300, 1e-300, .nan, .infinity, -.infinity, 1e12, .greatestFiniteMagnitude]
      return below(4) == 0 ? odd[below(odd.count)] : Double(below(100_000)) / 1000
    }

    mutating func integer() -> Int {
      let odd = [0, -1, -1_000_000_000_000, 1_000_000_000_000, 1]
      return below(4) == 0 ? odd[below(odd.count)] : below(5000)
    }

    mutating func counts() -> MetricCounts {
      MetricCounts(correct: PerTask(integer(), integer()), total: PerTask(integer(), integer()))
    }

    mutating func text() -> String {
      ["", "plain", "漢字 and 🧪", "tab\tand \u{1B}[31m", String(repeating: "long ", count: 80)][below(5)]
    }

    mutating func event() -> TrainingEvent {
      switch below(10) {
      case 0: return .runStarted(start())
      case 1, 2: return .stepsCompleted((0..<(1 + below(50))).map { _ in step() })
      case 3: return .evaluated(evaluation())
      case 4:
        return .epochCompleted(
          EpochRecord(
            epoch: integer(), step: integer(), averageLoss: figure(), averageLosses: PerTask(figure(), figure()),
            counts: counts(), seconds: figure()))
      case 5:
        return .checkpointWritten(
          CheckpointRecord(
            step: integer(), path: text(), reason: .epoch, isBest: below(2) == 0, bytes: integer(), seconds: figure()))
      case 6:
        let outcome = below(2) == 0 ? RunOutcome(exitCode: 76, message: text()) : nil
        return .phaseChanged(
          PhaseChange(phase: RunPhase.allCases[below(RunPhase.allCases.count)], step: integer(), outcome: outcome))
      case 7:
        return .parameterChanged(
          ParameterChange(parameter: .weight(.words), old: figure(), new: figure(), step: integer()))
      case 8:
        return .gradientsSampled(
          GradientSample(
            step: integer(), weights: PerTask(figure(), figure()), norms: PerTask(figure(), figure()),
            cosine: below(2) == 0 ? nil : figure(), seconds: figure()))
      default:
        return .alert(LogLine(level: LogLine.Level.allCases[below(3)], text: text(), time: figure(), step: integer()))
      }
    }

    mutating func mistakes(_ step: Int) -> EvaluationMistakes {
      EvaluationMistakes(
        split: .dev, epoch: integer(), step: step, judged: integer(), wrong: integer(),
        sentences: (0..<below(30)).map { _ in mistake() })
    }

    /// Of lists that need not fit together.
    private mutating func mistake() -> Mistake {
      Mistake(
        number: integer(), words: (0..<below(40)).map { _ in text() }, goldClass: below(2) == 0 ? nil : text(),
        predictedClass: below(2) == 0 ? nil : text(), probability: below(2) == 0 ? nil : figure(),
        goldProbability: figure(), goldTags: (0..<below(40)).map { _ in below(3) == 0 ? nil : text() },
        predictedTags: (0..<below(40)).map { _ in text() },
        pairs: (0..<below(3)).map { _ in Mistake.Pair(gold: text(), predicted: text()) }, confidence: figure(),
        loss: figure())
    }

    private mutating func start() -> RunDescription {
      var description = SampleRun().description
      description.name = text()
      description.totalSteps = integer()
      description.stepsPerEpoch = integer()
      description.startStep = integer()
      description.secondsBefore = figure()
      description.configuration.epochs = integer()
      return description
    }

    private mutating func step() -> StepRecord {
      StepRecord(
        step: integer(), epoch: integer(), batch: integer(), batches: integer(), loss: figure(),
        losses: PerTask(figure(), figure()), counts: counts(), learningRate: figure(), gradientNorm: figure(),
        sentences: integer(),
        realTokens: integer(), seconds: figure(), elapsed: figure(), applied: below(2) == 0)
    }

    private mutating func breakdown() -> TaskBreakdown {
      TaskBreakdown(
        labels: (0..<below(50)).map { _ in
          LabelCounts(name: text(), gold: integer(), predicted: integer(), correct: integer())
        }, confusions: (0..<below(9)).map { _ in Confusion(gold: text(), predicted: text(), count: integer()) })
    }

    private mutating func evaluation() -> EvaluationRecord {
      EvaluationRecord(
        split: DataSplit.allCases[below(3)], epoch: integer(), step: integer(), loss: figure(),
        losses: PerTask(figure(), figure()), counts: counts(), exactMatch: figure(), entityPrecision: figure(),
        entityRecall: figure(),
        entityF1: below(2) == 0 ? nil : figure(), seconds: figure(), isBest: below(2) == 0,
        breakdowns: PerTask(below(2) == 0 ? nil : breakdown(), below(2) == 0 ? nil : breakdown()))
    }
  }
}

extension MachineSample {
  /// A machine of so many cores.
  static func many(_ cores: Int) -> MachineSample {
    MachineSample(
      cores: (0..<cores).map { Double($0 % 11) / 10 }, residentBytes: 1 << 29, totalBytes: 1 << 36,
      availableBytes: 1 << 35, threads: cores, processCores: Double(cores) / 2, temperature: nil)
  }
}
