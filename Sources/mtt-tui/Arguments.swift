import Paths

/// The words of the command line, the program's name among them; paths in them may be any bytes.
enum Arguments {
  static let all: [String] = (0..<Int(CommandLine.argc)).compactMap { index in
    CommandLine.unsafeArgv[index].map { PathText.text(cString: $0) }
  }
}
