import FolderSupport
import TextData
import TrainingEvents

@testable import Training

/// A data set of a few sentences in the folder form.
enum TinyData {
  static let classes = ["Play", "Weather", "Book"]

  /// Writes `rows` sentences to train and dev of a folder; the same for every call.
  static func write(to folder: TemporaryFolder, rows: Int = 24, dev: Bool = true, change: String = "") {
    for split in dev ? ["train", "dev"] : ["train"] {
      folder.makeFolder(split)
      var words: [String] = []
      var tags: [String] = []
      var labels: [String] = []
      for row in 0..<rows {
        let name = "name\(row % 5)"
        switch row % 3 {
        case 0:
          words.append("play \(name) now please")
          tags.append("O B-artist O O")
        case 1:
          words.append("weather in new \(name)\(change)")
          tags.append("O O B-city I-city")
        default:
          words.append("book \(name)")
          tags.append("O B-place")
        }
        labels.append(classes[row % 3])
      }
      folder.write(Array((words.joined(separator: "\n") + "\n").utf8), to: "\(split)/seq.in")
      folder.write(Array((tags.joined(separator: "\n") + "\n").utf8), to: "\(split)/seq.out")
      folder.write(Array((labels.joined(separator: "\n") + "\n").utf8), to: "\(split)/label")
    }
  }

  static func configuration(data: TemporaryFolder, run: String) -> RunConfiguration {
    var configuration = RunConfiguration()
    configuration.source = .folder(data.path)
    configuration.maxLength = 16
    configuration.hidden = 8
    configuration.layers = 1
    configuration.heads = 2
    configuration.intermediate = 16
    configuration.epochs = 3
    configuration.batchSize = 4
    configuration.threads = 1
    configuration.runDirectory = run
    return configuration
  }
}
