import FolderSupport
import Foundation
import FoundationXML
import Testing
import TextData
import TrainingEvents

@testable import Training

@Suite struct EvaluatorTests {
  private let folder = TemporaryFolder()

  private func model() async throws -> TrainedModel {
    try TrainedModel(await SampleRun.folder.value, threads: 1)
  }

  private func write(_ lines: [String], to name: String) -> TextData.DataOptions.Source {
    folder.write(Array((lines.joined(separator: "\n") + "\n").utf8), to: name)
    return .folder(folder.path + "/" + name)
  }

  @Test func theReportHasItsFiguresAsFractions() async throws {
    let report = try ModelEvaluator(try await model()).evaluate(.folder(SampleRun.data.path), split: .dev)
    let json = try #require(
      try JSONSerialization.jsonObject(with: try JSONEncoder().encode(report)) as? [String: Any])
    #expect(json["sentences"] as? Int == 24 && json["tokens"] as? Int == 80)
    for key in ["loss", "accuracy_a", "accuracy_b", "entity_precision", "entity_recall", "entity_f1", "exact_match"] {
      let value = try #require(json[key] as? Double)
      #expect((0...1).contains(value) || key == "loss")
    }
    let support = report.classes.reduce(0) { $0 + $1.support }
    #expect(support == 24 && report.classes.map(\.name) == ["Book", "Play", "Weather"])
    #expect(report.entities?.types.map(\.name) == ["artist", "city", "place"])
  }

  @Test func unknownLabelsCountAsWrongAndAreListed() async throws {
    let source = write(
      ["# intent: Play", "play O", "name0 B-artist", "", "# intent: Fly", "play O", "name0 B-plane", ""], to: "x.conll")
    let report = try ModelEvaluator(try await model()).evaluate(source, split: .test)
    #expect(report.unseenClasses == ["Fly"] && report.unseenTags == ["B-plane"])
    #expect(report.counts.total == PerTask(2, 4))
    #expect(report.counts.correct[.sentence] <= 1 && report.counts.correct[.words] <= 3)
    #expect(report.judged == 2 && report.exact <= 1)
    #expect(report.remarks.count == 2 && report.remarks.allSatisfy { $0.contains("counted as wrong") })
    #expect(report.entities?.types.contains { $0.name == "plane" && $0.support == 1 && $0.figures.f1 == 0 } == true)
  }

  @Test func wrongSentencesAreWrittenMostConfidentFirst() async throws {
    let source = write(
      [
        "# intent: Book", "play O", "name0 B-artist", "now O", "please O", "",
        "# intent: Play", "play O", "name0 B-artist", "now O", "please O", "",
        "# intent: Play", "play O", "name1 B-city", "now O", "please B-city", "",
      ], to: "x.conll")
    let path = folder.path + "/wrong.txt"
    let report = try ModelEvaluator(try await model()).evaluate(source, split: .test, errors: path)
    let text = String(decoding: try #require(folder.read("wrong.txt")), as: UTF8.self)
    #expect(report.wrong == 2)
    let sentences = text.components(separatedBy: "\n").filter { $0.hasPrefix("# sentence") }
    #expect(Set(sentences) == ["# sentence 1, line 2", "# sentence 3, line 14"])
    let confidences = text.components(separatedBy: "\n").filter { $0.hasSuffix("sure of a mistake") }
      .compactMap { Double($0.dropFirst(2).prefix { $0 != " " }) }
    #expect(confidences.count == 2 && confidences == confidences.sorted(by: >))
    #expect(text.contains("# class: Book, predicted: Play ("))
    #expect(text.contains("*  please  B-city  O"))
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(!names.contains { $0.contains("tmp") })
  }

  /// A page that stands by itself, in the order of the text; what words say is never markup.
  @Test func wrongSentencesAreAPage() async throws {
    let source = write(
      [
        "# intent: Fly", "play O", "name0 B-artist", "<b>&\"it's O", "", "# intent: Play", "</style><script>x B-city",
        "name1 B-city", "",
      ], to: "x.conll")
    let model = try await model()
    for name in ["wrong.html", "wrong.txt"] {
      _ = try ModelEvaluator(model).evaluate(source, split: .test, errors: folder.path + "/" + name)
    }
    let page = String(decoding: try #require(folder.read("wrong.html")), as: UTF8.self)
    let text = String(decoding: try #require(folder.read("wrong.txt")), as: UTF8.self)
    let parser = XMLParser(data: Data(page.utf8))
    let reader = PageReader()
    parser.delegate = reader
    #expect(parser.parse(), "\(String(describing: parser.parserError))")
    let order = text.matches(of: /# sentence (\d+),/).compactMap { Int($0.1) }
    #expect(order.count == 2 && reader.sentences == order.map { "s\($0)" })
    #expect(reader.words.sorted() == ["play", "name0", "<b>&\"it's", "</style><script>x", "name1"].sorted())
    #expect(!reader.elements.contains("script") && !page.contains("src=") && !page.contains("href="))
    #expect(page.contains("prefers-color-scheme: dark") && page.contains("default-src 'none'"))
  }

  private final class PageReader: NSObject, XMLParserDelegate {
    var elements: Set<String> = []
    var sentences: [String] = []
    var words: [String] = []
    private var path: [String] = []

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
      attributes: [String: String] = [:]
    ) {
      elements.insert(name)
      path.append(name)
      if name == "article", let id = attributes["id"] { sentences.append(id) }
      if path.suffix(3) == ["div", "span", "b"] { words.append("") }
    }

    func parser(_ parser: XMLParser, foundCharacters text: String) {
      if path.suffix(3) == ["div", "span", "b"] { words[words.count - 1] += text }
    }

    func parser(
      _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
    ) { path.removeLast() }
  }

  @Test func aPlaceThatCannotBeWrittenIsToldFirst() async throws {
    let model = try await model()
    for path in [folder.path + "/no/such/place", folder.path] {
      #expect { try ModelEvaluator(model).evaluate(.demo, split: .test, errors: path) } throws: {
        ($0 as? RunFailure)?.exitCode == 73
      }
    }
  }

  @Test func missingAndBrokenDataAreTold() async throws {
    let model = try await model()
    let broken = write(["play O", "name0"], to: "broken.conll")
    let missing = TextData.DataOptions.Source.folder(folder.path + "/nothing")
    for (source, code) in [(missing, Int32(66)), (broken, 65)] {
      #expect { try ModelEvaluator(model).evaluate(source, split: .test) } throws: {
        ($0 as? RunFailure)?.exitCode == code
      }
    }
  }

  /// Rows that are cut keep their gold tags; what is cut is predicted `O`.
  @Test func cutWordsCountAsMissed() async throws {
    let long = (0..<30).map { $0 == 29 ? "name0 B-artist" : "play O" }
    let report = try ModelEvaluator(try await model()).evaluate(write(long, to: "long.conll"), split: .test)
    #expect(report.words == 30 && report.wordsCut == 16 && report.counts.total[.words] == 14)
    #expect(report.entities?.micro.recall == 0 && report.exact == 0)
  }

  @Test func schemesAreConvertedAsInTraining() async throws {
    let model = try await model()
    let rows = [["weather O", "in O", "new B-city", "name1 I-city"], ["book O", "name2 B-place"]]
    let iobes = rows.map { row in
      row.map { $0.hasSuffix("I-city") ? "name1 E-city" : $0.hasSuffix("B-place") ? "name2 S-place" : $0 }
    }
    let iob1 = rows.map { $0.map { $0.replacingOccurrences(of: " B-", with: " I-") } }
    func report(_ rows: [[String]], _ name: String) throws -> EvaluationReport {
      try ModelEvaluator(model).evaluate(write(rows.map { $0 + [""] }.flatMap { $0 }, to: name), split: .test)
    }
    let plain = try report(rows, "a.conll")
    for other in [try report(iobes, "b.conll"), try report(iob1, "c.conll")] {
      #expect(other.entities == plain.entities && other.exact == plain.exact && other.unseenTags.isEmpty)
      #expect(other.remarks.count == 1 && other.remarks[0].contains("converted to IOB2"))
    }
    #expect(plain.entities?.types.map(\.support) == [1, 1])
  }

  /// The parts of a stream hold what loading the whole split holds.
  @Test func manyPartsAreCountedAsOne() async throws {
    let model = try await model()
    let sentence = ["# intent: Play", "play O", "name0 B-artist", ""]
    let few = try ModelEvaluator(model).evaluate(write(sentence, to: "few.conll"), split: .test)
    let many = try ModelEvaluator(model).evaluate(
      write((0..<2500).flatMap { _ in sentence }, to: "many.conll"), split: .test)
    #expect(many.sentences == 2500 && many.words == 5000 && many.counts.total[.sentence] == 2500)
    #expect(abs((many.loss ?? .nan) - (few.loss ?? .nan)) < 1e-5 && many.exactMatch == few.exactMatch)
    #expect(many.entities?.micro == few.entities?.micro)
  }
}
