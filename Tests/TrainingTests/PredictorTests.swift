import Glibc
import MultiTaskTransformer
import Testing
import TextData

@testable import Training

@Suite struct PredictorTests {
  private func predictor() async throws -> Predictor {
    Predictor(try TrainedModel(await SampleRun.folder.value, threads: 1))
  }

  @Test func tellsClassEntitiesAndWhereTheyAre() async throws {
    let predictor = try await predictor()
    // Letters of more than one byte and more than one scalar before the entity: offsets count scalars.
    let text = "weather  in new name1"
    let answer = try #require(try predictor.predict([predictor.split(text)]).first)
    #expect(answer.sentenceClass == "Weather" && answer.classProbability > 0.5)
    #expect(abs(answer.classProbabilities.reduce(0, +) - 1) < 1e-9 && answer.classProbabilities.count == 3)
    #expect(answer.tags == ["O", "O", "B-city", "I-city"])
    let entity = try #require(answer.entities.first)
    #expect(answer.entities.count == 1 && entity.type == "city" && entity.text == "new name1")
    #expect(entity.words == 2..<4 && entity.characters == 12..<21)
    #expect(entity.confidence > 0.3 && entity.confidence <= 1)
    #expect(abs(entity.confidence - answer.tagProbabilities[2] * answer.tagProbabilities[3]) < 1e-12)
  }

  @Test func offsetsCountScalars() async throws {
    let predictor = try await predictor()
    let plain = "play name0 now please"
    let answer = try #require(try predictor.predict([predictor.split("e\u{301}👩‍👩‍👧 " + plain)]).first)
    let scalars = Array(answer.text.unicodeScalars)
    for entity in answer.entities {
      let found = String(String.UnicodeScalarView(scalars[entity.characters]))
      #expect(found == entity.text && found == answer.words[entity.words].joined(separator: " "))
    }
    #expect(answer.words.count == 5)
  }

  /// An answer does not depend on what is asked beside it.
  @Test func manyAreAnsweredAsEachAlone() async throws {
    let predictor = try await predictor()
    let texts = (0..<100).map {
      ["play name\($0 % 5) now please", "book name\($0 % 7)", "", "weather in new name2"][$0 % 4]
    }
    let all = try predictor.predict(texts.map { predictor.split($0) })
    #expect(all.map(\.text) == texts)
    for (text, answer) in zip(texts, all).prefix(8) {
      let alone = try #require(try predictor.predict([predictor.split(text)]).first)
      #expect(alone.sentenceClass == answer.sentenceClass && alone.tags == answer.tags)
      #expect(abs(alone.classProbability - answer.classProbability) < 1e-5)
    }
    #expect(all[2].sentenceClass == nil && all[2].entities.isEmpty && all[2].words.isEmpty)
  }

  /// Sentences are read by several threads, in the order of the texts.
  @Test func threadsAnswerAlike() async throws {
    let one = try await predictor()
    let three = Predictor(try TrainedModel(await SampleRun.folder.value, threads: 3))
    let texts = (0..<203).map { ["play name\($0 % 5) now please", "book name\($0 % 7)", ""][$0 % 3] }
    let answers = try one.predict(texts.map { one.split($0) })
    #expect(try three.predict(texts.map { three.split($0) }) == answers)
    #expect(
      try three.predict(texts.map { three.split($0) }) { "\($0.text): \($0.tags)" }
        == answers.map { "\($0.text): \($0.tags)" })
  }

  @Test func longSentencesSayWhatWasNotRead() async throws {
    let predictor = try await predictor()
    let text = Array(repeating: "play", count: 500).joined(separator: " ")
    let answer = try #require(try predictor.predict([predictor.split(text)]).first)
    #expect(answer.words.count == 500 && answer.cutWords == 486 && answer.tags.count == 500)
    #expect(answer.tags.suffix(486).allSatisfy { $0 == "O" })
  }

  @Test func punctuationIsSplitUnlessTrainHadTheWord() async throws {
    let predictor = try await predictor()
    func words(_ text: String, preSplit: Bool = false) -> [String] {
      predictor.split(text, preSplit: preSplit).words.map { String($0) }
    }
    #expect(words("play, \"name0\"!") == ["play", ",", "\"", "name0", "\"", "!"])
    #expect(words("play, now!", preSplit: true) == ["play,", "now!"])
    #expect(splitIntoWords("yahoo! (yahoo!)") { $0 == "yahoo!" }.map(String.init) == ["yahoo!", "(", "yahoo!", ")"])
    #expect(splitIntoWords("at 7:30 p.m., I'd").map(String.init) == ["at", "7:30", "p.m.", ",", "I'd"])
  }

  /// A conditional random field's marginals against the sum over every sequence.
  @Test func marginalsAreThoseOfAllSequences() async throws {
    let predictor = try await predictor()
    let model = predictor.model
    let words = ["play", "name0", "now"]
    let split = model.encoding.encode([words], with: model.encoding.makeTokenizer())
    let batch = collate(split, rows: [0 as Int32], padTo: nil)
    let answers = model.model.answers(batch)
    let tokens = split.wordPositions(of: 0)
    let marginals = model.model.tagProbabilities(answers, tokens: tokens)
    let tags = model.tags.count
    func tensor(_ suffix: String) throws -> [Float] {
      try #require(model.model.parameters().first { $0.name.hasSuffix(suffix) }).values
    }
    let names = model.model.parameters().map(\.name).filter { $0.contains("transitions") }
    #expect(names.count == 3)
    let (steps, start, end) = (
      try tensor("crf.transitions"), try tensor("crf.start_transitions"), try tensor("crf.end_transitions")
    )
    let allowed = try #require(RunPreparation.tagConstraints(model.tags))
    var sums = [Double](repeating: 0, count: marginals.count)
    var total = 0.0
    for code in 0..<tags * tags * tags {
      let path = [code / tags / tags, code / tags % tags, code % tags]
      guard allowed.allowsFirst(path[0]), allowed.allows(path[1], after: path[0]),
        allowed.allows(path[2], after: path[1])
      else { continue }
      var score = Double(
        start[path[0]] + end[path[2]] + steps[path[0] * tags + path[1]] + steps[path[1] * tags + path[2]])
      for (word, tag) in path.enumerated() { score += Double(answers.tagLogits[Int(tokens[word]) * tags + tag]) }
      let weight = exponential(score)
      total += weight
      for (word, tag) in path.enumerated() { sums[word * tags + tag] += weight }
    }
    for (marginal, sum) in zip(marginals, sums) { #expect(abs(marginal - sum / total) < 1e-6) }
  }

  private func exponential(_ value: Double) -> Double { Glibc.exp(value) }
}
