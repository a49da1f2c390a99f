@testable import TextData

/// Texts with their labels inside or beside them.
let markupSamples: [FormSample] = [
  FormSample(
    "Rasa YAML", "nlu.yml",
    """
    version: "3.1"
    nlu:
    - intent: faq/hours
      examples: |
        - when do you [open](action:opening)?
        - [tomorrow]{"entity": "time", "value": "2024-01-02", "role": "start"} at [nine](time) [sic]
    - synonym: nine
      examples: |
        - 9
    - intent: bye
      examples:
      - text: |
          see you [soon](time)
        metadata: {sentiment: neutral}
    - regex: zip
      examples: |
        - \\d{5}
    responses:
      utter_hi:
      - text: "Hi"
    """,
    [
      "faq/hours | when/O do/O you/O open/B-action ?/O",
      "faq/hours | tomorrow/B-time.start at/O nine/B-time [/O sic/O ]/O", "bye | see/O you/O soon/B-time",
    ],
    remarks: [
      "nlu.yml: not read: section \"synonym\" (once, on line 7), section \"regex\" (once, on line 15), key "
        + "\"responses\" (once, on line 18)."
    ]),
  FormSample(
    "Rasa YAML: what follows blocks", "nlu.yml",
    """
    nlu:
    - examples: |
        - one

        two
      intent: a
    - lookup: z
      examples: |+
        - no
    - intent: b
      examples: | # a comment
        - three
    - intent: c
      examples: |-
           - four
            - [five](x)
    - synonym: e
    """,
    ["a | one/O", "b | three/O", "c | four/O", "c | five/B-x"],
    remarks: [
      "nlu.yml: not read: lines that are no examples (- …) (once, on line 5), section \"lookup\" (once, on line 7), "
        + "section \"synonym\" (once, on line 17)."
    ]),
  FormSample(
    "Rasa Markdown", "nlu.md",
    """
    <!-- a comment
    of two lines -->
    ## intent:search
    - show [chinese](cuisine:Chinese) places <!-- said in
    - a test --><!-- twice -->
    - <!-- none -->
    - [beer] please, <!-- so far -->hello]

    ##intent:bye
    * ciao

    ## synonym:Chinese
    - chines
    """,
    [
      "search | show/O chinese/B-cuisine places/O", "search | [/O beer/O ]/O please/O ,/O hello/O ]/O", "bye | ciao/O",
    ],
    remarks: ["nlu.md: not read: section \"synonym\" (once, on line 12)."]),
  FormSample(
    "a folder of Rasa's files", "data",
    "", ["greet | hey/O", "bye | bye/O"],
    more: [
      "data/a.yml": "nlu:\n- intent: greet\n  examples: |\n    - hey\n",
      "data/b.yml": "nlu:\n- intent: bye\n  examples: |\n    - bye\n",
      "data/stories.yml": "stories:\n- story: x\n",
    ]),
  FormSample(
    "brat", "corpus", "", ["? | Ann/B-Person lives/O in/O Zürich/B-City ./O", "? | Hi/O"],
    remarks: [
      "corpus/a.ann: not read: spans in several pieces (once, on line 3), lines of kind \"R\" (once, on line 4)."
    ],
    more: [
      "corpus/a.txt": "Ann lives in Zürich.\n",
      "corpus/a.ann":
        "T1\tPerson 0 3\tAnn\nT2\tCity 13 19\tZürich\nT3\tX 0 3;4 9\tAnn lives\nR1\tlives Arg1:T1 Arg2:T2\n",
      "corpus/b.txt": "Hi", "corpus/b.ann": "",
    ]),
  FormSample(
    "labels in brackets, the class before a tab", "slurp.txt",
    "alarm_set\twake me at [time : five am] [date : this week]\nplay\tplay [jazz] now\n",
    [
      "alarm_set | wake/O me/O at/O five/B-time am/I-time this/B-date week/I-date",
      "play | play/O [/O jazz/O ]/O now/O",
    ]),
  FormSample(
    "MASSIVE: labels in brackets in JSONL", "en-US.jsonl",
    #"{"id": "0", "partition": "train", "intent": "alarm_set", "utt": "at five", "annot_utt": "at [time : five]"}"#,
    ["alarm_set | at/O five/B-time"],
    remarks: [
      "en-US.jsonl: not read: key \"id\" (once, on line 1), key \"partition\" (once, on line 1), key \"utt\" (once, on line 1)."
    ]),
  FormSample(
    "trees with nested slots", "weather_train.tsv",
    "domain\tutterance\tsemantic_parse\nweather\tRain in Rome today\t[IN:GET_WEATHER Rain in [SL:LOCATION [IN:GET_LOCATION "
      + "[SL:NAME Rome ] ] ] [SL:DATE today ] ]\n",
    ["GET_WEATHER | Rain/O in/O Rome/B-LOCATION today/B-DATE"],
    remarks: [
      "weather_train.tsv: not read: lines without a tree ([IN: …]) (once, on line 1), intents and slots inside others "
        + "(2 times, first on line 2)."
    ]),
  FormSample(
    "fastText", "cooking.train",
    "__label__baking how do i bake bread?\nwhat  is roux __label__sauce\n__label__tea\nno idea\n",
    ["baking | how do i bake bread?", "sauce | what is roux", "? | no idea"],
    remarks: [
      "cooking.train:3: 1 line without words skipped.", "cooking.train:4: 1 sentence without a class.",
    ]),
  FormSample(
    "plain tags: equal neighbours are one entity", "plain.conll", "in\tO\nNew\tLOC\nYork\tLOC\nAnn\tPER\n",
    ["? | in/O New/B-LOC York/I-LOC Ann/B-PER"],
    reading: {
      var reading = ReadingOptions()
      reading.plainTags = .bio
      return reading
    }()),
  FormSample(
    "plain tags: each word by itself", "pos.jsonl",
    #"{"tokens": ["big", "red", "cars"], "tags": ["ADJ", "ADJ", "NOUN"]}"#,
    ["? | big/B-ADJ red/B-ADJ cars/B-NOUN"],
    reading: {
      var reading = ReadingOptions()
      reading.plainTags = .words
      return reading
    }()),
]
