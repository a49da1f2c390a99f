/// A text of `mtt-tui help`: plain, at most 80 columns wide.
public struct HelpTopic: Sendable {
  /// The word that asks for it.
  public let name: String
  /// What it is about, in a line.
  public let summary: String
  public let text: String

  /// Reads a topic's file, whose first line is `name: summary`.
  init(_ bytes: [UInt8]) {
    let file = String(decoding: bytes, as: UTF8.self)
    let end = file.firstIndex(of: "\n") ?? file.endIndex
    let parts = file[..<end].split(separator: ":", maxSplits: 1)
    name = parts.first.map(String.init) ?? ""
    summary = parts.dropFirst().first.map { String($0.drop { $0 == " " }) } ?? ""
    text = file
  }

  public static func named(_ name: String) -> HelpTopic? { all.first { $0.name == name } }

  /// Every topic, in the order of a newcomer's needs: embedded resources have no list of their own, and a test compares
  /// this one with the folder `topics`.
  public static let all: [HelpTopic] = [
    PackageResources.data_txt, PackageResources.runs_txt, PackageResources.keys_txt, PackageResources.models_txt,
    PackageResources.compare_txt, PackageResources.presets_txt, PackageResources.encoders_txt,
    PackageResources.config_txt, PackageResources.formats_txt, PackageResources.files_txt,
    PackageResources.machines_txt, PackageResources.terminal_txt, PackageResources.exit_codes_txt,
    PackageResources.troubleshooting_txt,
  ].map { HelpTopic($0) }
}
