import ArgumentParser

/// `mtt-tui attach`: the dashboard of a run that another process trains.
struct AttachCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "attach",
    abstract: "Watch and steer a run that is being trained, from any terminal.",
    discussion: """
      Shows the run from its first step with the same keys as 'mtt-tui train'. Leaving, by d or by closing the \
      terminal, does not disturb the run. Several terminals may be attached at once. Without a terminal, or with \
      --no-ui, it prints lines. A run that no process trains is shown as 'mtt-tui view' does.

      EXAMPLES:
        mtt-tui attach runs/first
        mtt-tui runs               which runs there are, and which are live
      """)

  @Argument(help: ArgumentHelp("The run's folder.", valueName: "run"), completion: .directory)
  var run: String

  @OptionGroup(title: "Display") var display: DisplayOptions

  @MainActor
  func run() async throws {
    try display.checkTogether()
    try await RunViewer(path: run, display: display).run(wantsLive: true)
  }
}
