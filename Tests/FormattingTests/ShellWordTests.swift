import Formatting
import Testing

@Suite struct ShellWordTests {
  @Test(arguments: [
    ("runs/first-2_a.b+c", "runs/first-2_a.b+c"), ("my runs/a", "'my runs/a'"), ("it's", #"'it'\''s'"#), ("", "''"),
    ("$HOME", "'$HOME'"), ("日", "'日'"),
  ])
  func wordsAreQuotedWhereTheyMustBe(_ word: String, _ quoted: String) { #expect(ShellWord.quoted(word) == quoted) }
}
