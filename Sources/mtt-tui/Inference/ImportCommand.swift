import ArgumentParser
import TextData
import Training

/// `mtt-tui import`: other forms of labelled sentences turned into the folder form.
struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Convert labelled sentences to folders of seq.in, seq.out and label.",
    discussion: """
      The source is one file, which becomes one split's folder, or a folder with train, dev (or valid) and test files, \
      which becomes a folder of splits. Of snips-json a folder holds files named as published: train_<Intent>_full.json \
      and validate_<Intent>.json, which become train and dev. Tags of IOB1, IOBES and BILOU become IOB2. Nothing is \
      guessed: a mixture of labelled and unlabelled sentences, of tag schemes or of file forms is refused.

      EXAMPLES:
        mtt-tui import conll train.conll corpora/mine/train
        mtt-tui import jsonl exported corpora/mine
        mtt-tui import snips-json snips/original corpora/snips
      """)

  enum Form: String, CaseIterable, ExpressibleByArgument {
    case snips = "snips-json"
    case conll, jsonl

    var format: ImportFormat {
      switch self {
      case .snips: .snips
      case .conll: .columns
      case .jsonl: .jsonLines
      }
    }
  }

  @Argument(help: ArgumentHelp("snips-json, conll or jsonl.", valueName: "form"))
  var form: Form

  @Argument(help: ArgumentHelp("A file, or a folder of splits.", valueName: "src"), completion: .file())
  var source: String

  @Argument(
    help: ArgumentHelp("The folder to write; it may not hold data already.", valueName: "dir"), completion: .directory)
  var destination: String

  func run() throws {
    let remarks = try Failures.told { () throws(RunFailure) in
      do throws(DataError) {
        return try importData(from: source, to: destination, format: form.format)
      } catch {
        throw RunFailure(error)
      }
    }
    for remark in remarks { StandardStreams.writeError("mtt-tui: \(remark)\n") }
  }
}
