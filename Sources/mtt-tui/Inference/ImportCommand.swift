import ArgumentParser
import Formatting
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
      and validate_<Intent>.json, which become train and dev. Tags of IOB1, IO, IOBES and BILOU become IOB2. What is \
      passed over is counted and said; a mixture of tag schemes in one file is refused, and so are data without any label.

      FORMS:
      \(ImportCommand.forms)

      EXAMPLES:
        mtt-tui import conll train.conll corpora/mine/train
        mtt-tui import any exported corpora/mine
        mtt-tui import csv faq.csv corpora/faq/train --words question --class topic
        mtt-tui import snips-json snips/original corpora/snips
      """)

  /// A line on each form.
  private static let forms = labelledRows(ImportFormat.allCases.map { ($0.rawValue, $0.summary) })

  @Argument(help: ArgumentHelp("What the source is, one of the forms above.", valueName: "form"))
  var form: ImportFormat

  @Argument(
    help: ArgumentHelp("A file (- for standard input), or a folder of splits.", valueName: "src"), completion: .file())
  var source: String

  @Argument(
    help: ArgumentHelp("The folder to write; it may not hold data already.", valueName: "dir"), completion: .directory)
  var destination: String

  @OptionGroup(title: "What the files do not say") var reading: FormOptions

  func run() throws {
    let remarks = try Failures.reporting { () throws(RunFailure) in
      do throws(DataError) {
        return try importData(
          from: source == "-" ? "/dev/stdin" : source, to: destination, format: form, reading: reading.reading)
      } catch {
        throw RunFailure(error)
      }
    }
    for remark in remarks { StandardStreams.writeError("mtt-tui: \(remark)\n") }
  }
}
