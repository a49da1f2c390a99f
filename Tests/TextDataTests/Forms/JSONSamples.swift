@testable import TextData

/// JSON as annotation tools and scripts write it.
let jsonSamples: [FormSample] = [
  FormSample(
    "doccano: spans as arrays, first row without any", "admin.jsonl",
    """
    {"id": 1, "text": "Good morning, Ann.", "label": [], "Comments": []}
    {"id": 2, "text": "EU rejects German call", "label": [[0, 2, "ORG"], [11, 17, "MISC"]], "Comments": []}
    """,
    ["? | Good/O morning/O ,/O Ann/O ./O", "? | EU/B-ORG rejects/O German/B-MISC call/O"],
    remarks: ["admin.jsonl: not read: key \"id\" (2 times, first on line 1)."]),
  FormSample(
    "doccano: joint export of spans and a class", "all.jsonl",
    """
    {"id": 5, "text": "fly to New York", "entities": [[7, 15, "city"]], "cats": ["travel"]}
    {"id": 6, "text": "hello", "entities": [], "cats": ["greet"]}
    """,
    ["travel | fly/O to/O New/B-city York/I-city", "greet | hello/O"],
    remarks: ["all.jsonl: not read: key \"id\" (2 times, first on line 1)."]),
  FormSample(
    "doccano: entities with relations", "relations.jsonl",
    """
    {"text": "Ann works at Acme", "entities": [{"id": 0, "label": "PER", "start_offset": 0, "end_offset": 3}, {"id": 1, \
    "label": "ORG", "start_offset": 13, "end_offset": 17}], "relations": [{"from_id": 0, "to_id": 1, "type": "at"}]}
    """,
    ["? | Ann/B-PER works/O at/O Acme/B-ORG"],
    remarks: ["relations.jsonl: not read: key \"relations\" (once, on line 1)."]),
  FormSample(
    "doccano: annotations of several users by number", "old.json",
    """
    [{"text": "Ann slept", "annotations": [{"label": 7, "start_offset": 0, "end_offset": 3, "user": 2},
      {"label": 8, "start_offset": 4, "end_offset": 9, "user": 3}], "meta": {}}]
    """,
    ["? | Ann/B-7 slept/O"],
    remarks: [
      "old.json:1: labels are numbers without names (annotations.names beside the file would name them).",
      "old.json: not read: spans of other users than a text's first (once, on line 1).",
    ]),
  FormSample(
    "doccano: a class as a list", "class.jsonl",
    """
    {"text": "so good", "label": ["positive"]}
    {"text": "so bad", "label": ["negative"]}
    """,
    ["positive | so good", "negative | so bad"]),
  FormSample(
    "Label Studio", "project-1.json",
    """
    [{"id": 1, "data": {"text": "Ann flew to Oslo"}, "annotations": [
       {"id": 9, "was_cancelled": true, "result": []},
       {"id": 10, "was_cancelled": false, "result": [
         {"from_name": "label", "to_name": "text", "type": "labels",
          "value": {"start": 12, "end": 16, "text": "Oslo", "labels": ["city"]}},
         {"from_name": "intent", "to_name": "text", "type": "choices", "value": {"choices": ["travel"]}},
         {"type": "relation", "from_id": "a", "to_id": "b", "direction": "right"}]}]},
     {"id": 2, "data": {"text": "hello"}, "annotations": [{"result": [
         {"from_name": "intent", "to_name": "text", "type": "choices", "value": {"choices": ["greet"]}}]}]}]
    """,
    ["travel | Ann/O flew/O to/O Oslo/B-city", "greet | hello/O"],
    remarks: [
      "project-1.json: not read: results that are no spans or choices (once, on line 1), cancelled or further "
        + "annotations of a text (once, on line 1), key \"id\" (2 times, first on line 1)."
    ]),
  FormSample(
    "Label Studio before 1.0", "completions.json",
    """
    [{"completions": [{"result": [{"type": "labels", "value": {"start": 0, "end": 3, "text": "Ann", "labels": ["PER"]}}]}],
      "data": {"content": "Ann sleeps", "meta": 3}}]
    """,
    ["? | Ann/B-PER sleeps/O"]),
  FormSample(
    "Label Studio: JSON_MIN", "min.json",
    """
    [{"text": "Ann sleeps", "id": 1, "label": [{"start": 0, "end": 3, "text": "Ann", "labels": ["PER"]}]}]
    """,
    ["? | Ann/B-PER sleeps/O"], remarks: ["min.json: not read: key \"id\" (once, on line 1)."]),
  FormSample(
    "Prodigy: spans with its own tokens", "ner.jsonl",
    """
    {"text": "Dr.Who ate 4x1kg rice", "tokens": [{"text": "Dr.", "start": 0, "end": 3, "id": 0}, {"text": "Who", "start": 3, \
    "end": 6, "id": 1}, {"text": "ate", "start": 7, "end": 10, "id": 2}, {"text": "4x", "start": 11, "end": 13, "id": 3}, \
    {"text": "1kg", "start": 13, "end": 16, "id": 4}, {"text": "rice", "start": 17, "end": 21, "id": 5}], "spans": [{"start": \
    13, "end": 16, "token_start": 4, "token_end": 4, "label": "WEIGHT"}], "answer": "accept"}
    {"text": "no", "spans": [{"start": 0, "end": 2, "label": "X"}], "answer": "reject"}
    """,
    ["? | Dr./O Who/O ate/O 4x/O 1kg/B-WEIGHT rice/O"],
    remarks: ["ner.jsonl: not read: objects whose \"answer\" is \"reject\" (once, on line 2)."]),
  FormSample(
    "Prodigy: a class by accepted options", "choice.jsonl",
    """
    {"text": "buy now", "options": [{"id": "SPAM"}, {"id": "HAM"}], "accept": ["SPAM"], "answer": "accept"}
    {"text": "see you", "options": [{"id": "SPAM"}, {"id": "HAM"}], "accept": ["HAM"], "answer": "accept"}
    """,
    ["SPAM | buy now", "HAM | see you"],
    remarks: ["choice.jsonl: not read: key \"options\" (2 times, first on line 1)."]),
  FormSample(
    "spaCy: pairs of a text and its entities", "train.json",
    """
    [["Uber blew through $1 million", {"entities": [[0, 4, "ORG"]]}],
     ["Hi there", {"entities": [], "cats": {"GREET": 1.0, "OTHER": 0.0}}]]
    """,
    ["? | Uber/B-ORG blew/O through/O $1/O million/O", "GREET | Hi/O there/O"]),
  FormSample(
    "pairs inside an object, beside a list of classes", "annotations.json",
    #"{"classes": ["CITY"], "annotations": [["in Oslo\r\n", {"entities": [[3, 7, "CITY"]]}], null]}"#,
    ["? | in/O Oslo/B-CITY"]),
  FormSample(
    "Rasa's JSON", "nlu.json",
    """
    {"rasa_nlu_data": {"common_examples": [
      {"text": "chinese in the north", "intent": "search",
       "entities": [{"start": 0, "end": 7, "value": "chinese", "entity": "cuisine"}]},
      {"text": "bye", "intent": "goodbye"}],
     "entity_synonyms": [{"value": "chinese", "synonyms": ["Chines"]}], "regex_features": []}}
    """,
    ["search | chinese/B-cuisine in/O the/O north/O", "goodbye | bye/O"]),
  FormSample(
    "Braun's corpora: places count words", "AskUbuntuCorpus.json",
    """
    {"name": "AskUbuntu", "sentences": [
      {"text": "How to upgrade Ubuntu 14.04 LTS?", "intent": "Upgrade", "training": true,
       "entities": [{"text": "14.04 LTS", "entity": "Version", "stop": 7, "start": 4}]}], "lang": "en"}
    """,
    ["Upgrade | How/O to/O upgrade/O Ubuntu/O 14.04/B-Version LTS/I-Version ?/O"],
    remarks: ["AskUbuntuCorpus.json: not read: key \"training\" (once, on line 2)."]),
  FormSample(
    "restaurant8k: no start is 0, no labels is no entity", "train_0.json",
    """
    [{"userInput": {"text": "8 pm for 2"}, "labels": [{"slot": "time", "valueSpan": {"endIndex": 4}},
       {"slot": "people", "valueSpan": {"startIndex": 9, "endIndex": 10}}]},
     {"userInput": {"text": "yes"}, "context": {"requestedSlots": ["time"]}}]
    """,
    ["? | 8/B-time pm/I-time for/O 2/B-people", "? | yes/O"],
    remarks: ["train_0.json: not read: key \"context\" (once, on line 3)."]),
  FormSample(
    "slots by type", "nlupp.json",
    """
    [{"text": "at 5 in Rome", "intents": ["book"], "slots": {"time": {"text": "5", "span": [3, 4]},
      "city": {"text": "Rome", "span": [8, 12]}}}]
    """,
    ["book | at/O 5/B-time in/O Rome/B-city"]),
  FormSample(
    "documents of sentences, the last word included", "dygie.jsonl",
    """
    {"doc_key": "d", "sentences": [["Ann", "slept", "."], ["In", "New", "York", "."]], "ner": [[[0, 0, "PER"]], [[4, 5, \
    "LOC"]]]}
    """,
    ["? | Ann/B-PER slept/O ./O", "? | In/O New/B-LOC York/I-LOC ./O"],
    remarks: ["dygie.jsonl: not read: key \"doc_key\" (once, on line 1)."]),
  FormSample(
    "spaCy 2: paragraphs of sentences of tokens, BILUO tags", "train.json",
    """
    [{"id": 0, "paragraphs": [{"raw": "Ann went to New York. Hi!", "sentences": [
      {"tokens": [{"id": 0, "orth": "Ann", "tag": "NNP", "ner": "U-PER"}, {"id": 1, "orth": "went", "ner": "O"},
        {"id": 2, "orth": "to", "ner": "O"}, {"id": 3, "orth": "New", "ner": "B-LOC"}, {"id": 4, "orth": "York", "ner": \
    "L-LOC"}, {"id": 5, "orth": ".", "ner": "-"}], "brackets": []}, {"tokens": [{"orth": "Hi", "ner": "O"}, {"orth": "!"}]}],
      "cats": [{"label": "NEWS", "value": 1.0}]}]}]
    """,
    ["? | Ann/B-PER went/O to/O New/B-LOC York/I-LOC ./?", "? | Hi/O !/?"],
    remarks: [
      "train.json: tags are BILOU, converted to IOB2.",
      "train.json: not read: \"cats\" of paragraphs (once, on line 1), key \"id\" (once, on line 1).",
    ]),
  FormSample(
    "SpERT: spans count words, the end is behind the last one", "conll04_train.json",
    """
    [{"tokens": ["Ann", "flew", "to", "New", "York"], "entities": [{"type": "Peop", "start": 0, "end": 1}, {"type": "Loc",
      "start": 3, "end": 5}], "relations": [{"type": "Live_In", "head": 0, "tail": 1}], "orig_id": 7},
     {"tokens": ["Hi", "", "Bob"], "entities": [{"type": "Peop", "start": 2, "end": 3}, {"type": "Peop", "start": 2,
      "end": 9}]}]
    """,
    ["? | Ann/B-Peop flew/O to/O New/B-Loc York/I-Loc", "? | Hi/O Bob/B-Peop"],
    remarks: [
      "conll04_train.json: spans count words from 0: the end of one is the word behind it.",
      "conll04_train.json:3: 1 empty word left out.",
      "conll04_train.json: not read: spans without a place (once, on line 3), key \"relations\" (once, on line 1), "
        + "key \"orig_id\" (once, on line 1).",
    ]),
  FormSample(
    "GLiNER: spans count words, the end is the last one", "pilener.json",
    """
    [{"tokenized_text": ["in", "New", "York"], "ner": [[1, 2, "city"]]}, {"tokenized_text": ["to", "Rome"], "ner": [[1, 1, \
    "city"]], "label": "go"}]
    """,
    ["? | in/O New/B-city York/I-city", "go | to/O Rome/B-city"],
    remarks: [
      "pilener.json: spans count words from 0: the end of one is its last word (there are some that end where they begin)."
    ]),
  FormSample(
    "spans with the numbers of their words and characters", "tokens.jsonl",
    """
    {"tokens": ["to", "New", "York"], "spans": [{"start": 3, "end": 11, "token_start": 1, "token_end": 2, "label": "city"}]}
    """,
    ["? | to/O New/B-city York/I-city"]),
  FormSample(
    "CLINC150: pairs of a text and its class, a list a split", "data_full.json",
    """
    {"oos_train": [["who won the game", "oos"]], "val": [["my balance", "balance"]], "train": [["pay my bill", "pay_bill"],
      ["how much do i have", "balance"]], "oos_val": [["what is love", "oos"]]}
    """,
    ["oos | who won the game", "pay_bill | pay my bill", "balance | how much do i have"],
    remarks: [
      "data_full.json: train is read from \"oos_train\" and \"train\"; of other splits are \"val\" and \"oos_val\"."
    ]),
  FormSample(
    "white space at ends, overlaps, what is beyond the text, borders inside words", "odd.jsonl",
    """
    {"text": "see New York-based Ann ", "spans": [{"start": 3, "end": 12, "label": "LOC"}, {"start": 8, "end": 12, "label": \
    "X"}, {"start": 19, "end": 40, "label": "PER"}, {"start": 3, "end": 4, "label": "Y"}, {"label": "Z", "text": "Ann"}]}
    """,
    ["? | see/O New/B-LOC York/I-LOC -based/O Ann/B-PER"],
    remarks: [
      "odd.jsonl:1: 1 word split where a span begins or ends inside.",
      "odd.jsonl:1: 2 spans with white space at an end: trimmed.", "odd.jsonl:1: 1 span beyond the text: cut to it.",
      "odd.jsonl:1: 1 span left out that overlap a longer one.", "odd.jsonl:1: 1 span left out that cover no word.",
      "odd.jsonl: not read: spans without a place (once, on line 1).",
    ]),
  FormSample(
    "offsets by code points, deduced from the spans' own text", "points.jsonl",
    #"{"text": "😀 I love Rome", "entities": [{"start": 9, "end": 13, "text": "Rome", "label": "city"}]}"#,
    ["? | 😀/O I/O love/O Rome/B-city"]),
  FormSample(
    "offsets by UTF-16, deduced from word borders", "tweets.jsonl",
    #"{"text": "\ud83d\ude00 I love Rome", "label": [[10, 14, "city"]]}"#, ["? | 😀/O I/O love/O Rome/B-city"],
    remarks: [
      "tweets.jsonl:1: offsets count UTF-16 units, as JavaScript does: 1 of 1 span behind emoji and the like fit so."
    ]),
  FormSample(
    "Chinese: each character a word", "travel.jsonl", #"{"text": "我去北京。OK", "entities": [[2, 4, "city"]]}"#,
    ["? | 我/O 去/O 北/B-city 京/I-city 。/O OK/O"]),
  FormSample(
    "an array of tokens and tags on several lines", "ner.json",
    """
    [
      {"tokens": ["EU", "rejects"], "ner_tags": ["B-ORG", "O"]},
      {"tokens": ["Ann"], "ner_tags": ["B-PER"]}
    ]
    """,
    ["? | EU/B-ORG rejects/O", "? | Ann/B-PER"]),
  FormSample(
    "integer labels with names", "data.json",
    #"{"version": "1", "data": [{"tokens": ["EU", "wins"], "ner_tags": [1, 0], "label": 1}]}"#,
    ["sport | EU/B-ORG wins/O"],
    more: ["ner_tags.names": "O\nB-ORG\n", "label.names": "news\nsport\n"]),
  FormSample(
    "keys at will", "own.jsonl", #"{"Word": ["in", "Rome"], "Tag": ["O", "B-city"], "Act": "ask", "tokens": [1]}"#,
    ["ask | in/O Rome/B-city"], remarks: ["own.jsonl: not read: key \"tokens\" (once, on line 1)."],
    reading: {
      var reading = ReadingOptions()
      (reading.words, reading.tags, reading.sentenceClass) = ("Word", "Tag", "Act")
      return reading
    }()),
  FormSample(
    "SNIPS's own JSON", "train_Book_full.json",
    #"{"Book": [{"data": [{"text": "a table at "}, {"text": "Blue Inn", "entity": "name"}, {"text": "!"}]}]}"#,
    ["Book | a/O table/O at/O Blue/B-name Inn/I-name !/O"]),
]
