/// Machines by name, each with a number of processes: `a,b:2,c`.
public struct HostList: Hashable, Sendable {
  public struct Host: Hashable, Sendable {
    public var name: String
    public var processes: Int
  }

  /// In the order of ranks; no name twice.
  public private(set) var hosts: [Host] = []

  private static let mostProcesses = 100_000

  public var names: [String] { hosts.map(\.name) }
  public var processCount: Int { hosts.reduce(0) { $0 + $1.processes } }

  /// Reads names divided by commas, each with `:N` behind it where it is to have N processes.
  ///
  /// Throws a sentence for anything else, and for a single process.
  public init(_ text: String) throws(DistributedError) {
    for entry in text.split(separator: ",", omittingEmptySubsequences: false) {
      let parts = entry.split(separator: ":", omittingEmptySubsequences: false)
      let name = String(parts[0])
      // A dash in front would be an option to the program that reaches the machine.
      guard parts.count <= 2, !name.isEmpty, !name.hasPrefix("-"), name.allSatisfy(Self.isPlain) else {
        throw DistributedError(
          description: "'\(entry)' is no machine: give names or IPv4 addresses divided by commas, with ':2' behind one"
            + " that is to have two processes, such as a,b,c:2.")
      }
      guard parts.count == 1 || Int(parts[1]).map({ 1...Self.mostProcesses ~= $0 }) ?? false else {
        throw DistributedError(
          description: "'\(entry)' asks for '\(parts[1])' processes: give a number from 1 to \(Self.mostProcesses).")
      }
      let processes = parts.count == 1 ? 1 : Int(parts[1]) ?? 1
      if let known = hosts.firstIndex(where: { $0.name == name }) {
        hosts[known].processes += processes
      } else {
        hosts.append(Host(name: name, processes: processes))
      }
    }
    guard processCount > 1 else {
      throw DistributedError(
        description: "'\(text)' is one process: name several machines, or several processes of one, such as a,b or a:2."
      )
    }
  }

  private static func isPlain(_ character: Character) -> Bool {
    character.isASCII && (character.isLetter || character.isNumber || "-._".contains(character))
  }
}
