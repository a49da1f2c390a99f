import Foundation
import Testing

/// Paths are bytes: folders and files whose names are no UTF-8, through every command.
@Suite struct PathBytesTests {
  /// Runs a line of the shell, in which `$M` is the program, and `$D`, `$R` and `$E` are paths that are no UTF-8.
  private func shell(_ line: String, in folder: Folder) throws -> Program.Result {
    let names = #"D=$(printf 'caf\351'); R=$(printf 'runs/\377\376 x'); E=$(printf 'out\303'); "#
    return try Program.shell(names + line, in: folder)
  }

  @Test func everyCommandTakesThem() throws {
    let folder = try Folder()
    try folder.writeCorpus()
    let tiny = Program.tiny.joined(separator: " ")
    let lines = [
      #"mv corpus "$D""#,
      #""$M" --no-ui --data "$D" --epochs 1 --run-dir "$R" "# + tiny,
      #"test -f "$R/run.json" && test -f "$R/checkpoints/last/model.safetensors""#,
      #""$M" --no-ui --resume "$R" --epochs 2"#,
      #""$M" evaluate "$R" --data "$D" --split dev --errors "$E.txt" && test -f "$E.txt""#,
      #""$M" predict "$R" "fly to Oslo""#,
      #""$M" view "$R" && "$M" view "$R" "$R" --once"#,
      #""$M" runs"#,
      #""$M" export "$R" --format onnx "$E" && test -f "$E/model.onnx""#,
      #""$M" export "$R" --format csv "$E.csv" && test -f "$E.csv""#,
      #""$M" import any "$D" "$E.corpus" && test -f "$E.corpus/train/seq.in""#,
      #"cd "$D" && "$M" --no-ui --data . --epochs 1 --run-dir here "# + tiny + " && test -d here/checkpoints",
    ]
    for line in lines {
      let result = try shell(line, in: folder)
      #expect(result.exitCode == 0, "\(line)\n\(result.errors)")
    }
  }

  @Test func peopleCanReadThem() throws {
    let folder = try Folder()
    try folder.writeCorpus()
    let missing = try shell(#""$M" --no-ui --data "$D""#, in: folder)
    #expect(missing.exitCode == 66)
    #expect(missing.errors.contains(#"caf\xE9"#), "\(missing.errors)")
    let run = try shell(
      #""$M" --no-ui --data corpus --epochs 3 --run-dir "$R" "# + Program.tiny.joined(separator: " "), in: folder)
    #expect(run.exitCode == 0, "\(run.errors)")
    // The words can be typed as they stand.
    let listed = try shell(#""$M" runs"#, in: folder)
    #expect(listed.output.contains(#"$'runs/\xFF\xFE x'"#), "\(listed.output)")
    let log = try shell(#"grep -c 'checkpoint .*\\xFF' "$R/log.txt""#, in: folder)
    #expect(log.exitCode == 0, "\(log.output)")
  }
}
