@testable import TextData

private func reading(
  columns: String? = nil, words: String? = nil, tags: String? = nil, sentenceClass: String? = nil
) -> ReadingOptions {
  var reading = ReadingOptions()
  reading.columns = columns.flatMap { ColumnRoles($0) }
  (reading.words, reading.tags, reading.sentenceClass) = (words, tags, sentenceClass)
  return reading
}

private let plus = """
  # global.columns = ID FORM UPOS NER SLOT
  # sent_id = 1
  1\tHer\tPRON\tO\tO
  2-3\tto the\t_\t_\t_
  2\tto\tADP\tO\tO
  3\tthe\tDET\tO\tB-place
  4\tTuvalu\tPROPN\tB-LOC\tI-place

  1\thi\tINTJ\tO\tO

  """

/// Columns as corpora of intents and slots, and of Universal Dependencies, have them.
let columnSamples: [FormSample] = [
  FormSample(
    "columns: the class alone on each sentence's last line (Stack-Propagation, GL-GIN)", "atis.txt",
    "i O\nwant O\nboston B-fromloc.city_name\natis_flight\n\nground O\nin O\ndenver B-city_name\n"
      + "atis_ground_service#atis_city\n",
    [
      "atis_flight | i/O want/O boston/B-fromloc.city_name",
      "atis_ground_service#atis_city | ground/O in/O denver/B-city_name",
    ],
    remarks: [
      "atis.txt: each sentence's last line, of one column, is its class.",
      "atis.txt:9: 1 sentence with several classes joined by #, read as one class each.",
    ]),
  FormSample(
    "columns: numbered words with intent and slots in columns and comments (xSID)", "de.valid.conll",
    "# text: Wecker um 7\n# intent: alarm/set_alarm\n1\tWecker\talarm/set_alarm\tO\n2\tum\talarm/set_alarm\tB-datetime\n"
      + "3\t7\talarm/set_alarm\tI-datetime\n\n# text: Regen ?\n# intent: weather/find\n1\tRegen\tweather/find\tB-weather\n"
      + "2\t?\tweather/find\tO\n",
    ["alarm/set_alarm | Wecker/O um/B-datetime 7/I-datetime", "weather/find | Regen/B-weather ?/O"],
    remarks: [
      "de.valid.conll: column 1 counts the words; words are read from column 2, tags from column 4.",
      "de.valid.conll: not read: column 3.",
    ]),
  FormSample(
    "columns: MaChAmp's joint form, sentence tasks as comments", "joint.conll",
    "# intent = play\nplay\tO\njazz\tB-genre\n\n# intent = stop\nstop\tO\n",
    ["play | play/O jazz/B-genre", "stop | stop/O"]),
  FormSample(
    "CoNLL-U Plus: the columns' own names", "uner.conllup", plus,
    ["? | Her/O to/O the/O Tuvalu/B-LOC", "? | hi/O"],
    remarks: [
      "uner.conllup: column 1 counts the words; words are read from column 2, tags from column 4.",
      "uner.conllup: not read: column 3, column 5, lines of ranges and empty nodes (1-2, 1.1) (once, on line 4), "
        + "comment \"global.columns\" (once, on line 1), comment \"sent_id\" (once, on line 2).",
    ]),
  FormSample(
    "CoNLL-U Plus: another column by its name", "uner.conllup", plus,
    ["? | Her/O to/O the/B-place Tuvalu/I-place", "? | hi/O"],
    remarks: [
      "uner.conllup: column 1 counts the words; words are read from column 2, tags from column 5.",
      "uner.conllup: not read: column 3, column 4, lines of ranges and empty nodes (1-2, 1.1) (once, on line 4), "
        + "comment \"global.columns\" (once, on line 1), comment \"sent_id\" (once, on line 2).",
    ], reading: reading(tags: "SLOT")),
  FormSample(
    "columns: two columns of tags and the class by number", "four.conll",
    "fly\tO\tB-VP\ttravel\nRome\tB-city\tB-NP\ttravel\n\nhi\tO\tO\t_\n",
    ["travel | fly/O Rome/B-city", "? | hi/O"],
    remarks: ["four.conll: not read: column 3."], reading: reading(columns: "word=1,tag=2,class=4")),
  FormSample(
    "columns: numbered words, the columns by number", "numbered.conll", "1 fly O X\n2 Rome B-city Y\n\n1 hi O X\n",
    ["? | fly/O Rome/B-city", "? | hi/O"], remarks: ["numbered.conll: not read: column 4."],
    reading: reading(columns: "word=2,tag=3")),
  FormSample(
    "TSV: class, spans, text, locale, tokens (Facebook's task-oriented dialogues)", "train-en.tsv",
    "alarm/set\t8:13:what,14:21:when\tset the alarm at 7 pm\ten\t{}\nweather/find\t\tis it hot ?\ten\t{}\n"
      + "weather/find\t7:11:city\tfür in Köln\tde\t{}\n",
    [
      "alarm/set | set/O the/O alarm/B-what at/B-when 7/I-when pm/I-when", "weather/find | is/O it/O hot/O ?/O",
      "weather/find | für/O in/O Köln/B-city",
    ],
    remarks: [
      "train-en.tsv: not read: column 4 (3 times, first on line 1), column 5 (3 times, first on line 1)."
    ]),
  FormSample(
    "TSV: number, class, spans, text and a tree without the words outside slots (MTOP)", "mtop.txt",
    "0\tIN:GET_MESSAGE\t4:12:SL:CONTACT\tHas Angelika called ?\tx\t[IN:GET_MESSAGE [SL:CONTACT Angelika ] ]\n"
      + "1\tIN:GET_TIME\t\twhat time is it\tx\t[IN:GET_TIME ]\n",
    ["GET_MESSAGE | Has/O Angelika/B-CONTACT called/O ?/O", "GET_TIME | what/O time/O is/O it/O"],
    remarks: [
      "mtop.txt: not read: column 1 (2 times, first on line 1), column 5 (2 times, first on line 1), "
        + "column 6 (2 times, first on line 1)."
    ]),
]
