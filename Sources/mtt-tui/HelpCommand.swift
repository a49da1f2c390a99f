import ArgumentParser
import Dashboard
import Formatting
import HelpTopics

/// `mtt-tui help TOPIC`: the manual's texts, and each command's help.
struct HelpCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "help",
    abstract: "Explain a topic or a command.",
    discussion: """
      TOPICS:
      \(topics)

      EXAMPLES:
        mtt-tui help data
        mtt-tui help train
      """)

  @Argument(
    help: ArgumentHelp("A topic or a command.", valueName: "topic"),
    completion: .list(HelpTopic.all.map(\.name)))
  var names: [String] = []

  func run() throws {
    guard let name = names.first else {
      return try Failures.output(MTTTUI.helpMessage() + "\n")
    }
    if let topic = HelpTopic.named(name) {
      try Failures.output(Self.text(of: topic))
    } else if let command = MTTTUI.configuration.subcommands.first(where: { $0.configuration.commandName == name }) {
      try Failures.output(MTTTUI.helpMessage(for: command) + "\n")
    } else {
      throw ValidationError(
        "There is no topic or command '\(name)'. Topics are " + HelpTopic.all.map(\.name).joined(separator: ", ") + ".")
    }
  }

  /// A line on each topic, for the help.
  private static let topics = labelledRows(HelpTopic.all.map { ($0.name, $0.summary) })

  /// A topic's text with the tables that the program itself goes by.
  private static func text(of topic: HelpTopic) -> String {
    topic.text
      .replacing("{keys}", with: KeyReference.keys)
      .replacing("{commands}", with: KeyReference.commands)
      .replacing("{signs}", with: KeyReference.signs)
      .replacing("{comparison keys}", with: KeyReference.comparisonKeys)
  }
}
