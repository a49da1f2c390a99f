@testable import TextData

/// CSV and TSV as spreadsheets and scripts write them.
let tableSamples: [FormSample] = [
  FormSample(
    "CSV: a sentence a record, with quoted commas, quotation marks and line breaks", "train.csv",
    "text,category\r\n\"Hello, I said \"\"hi\"\".\",greet\r\n\" two\nlines \",other\r\nplain text,greet\r\n",
    ["greet | Hello, I said \"hi\".", "other | two lines", "greet | plain text"]),
  FormSample(
    "CSV: class first, other columns, semicolons", "tickets.csv",
    "id;intent;utterance\n1;refund;give it back\n2;;no idea\n3;refund;\n",
    ["refund | give it back", "? | no idea"],
    remarks: [
      "tickets.csv:4: 1 record without words skipped.", "tickets.csv:3: 1 sentence without a class.",
      "tickets.csv: not read: column \"id\" (once, on line 1).",
    ]),
  FormSample(
    "CSV: classes are numbers with names", "data.csv", "sentence,label\nso good,1\nso bad,0\n",
    ["good | so good", "bad | so bad"], more: ["label.names": "bad\ngood\n"]),
  FormSample(
    "CSV: a word a record without a header", "edgar.csv",
    "-DOCSTART-,O\n,O\nAcme,I-ORG\n\",\",O\n\"\"\"\",O\n,O\nRome,I-LOC\n",
    ["? | Acme/B-ORG ,/O \"/O", "? | Rome/B-LOC"], remarks: ["edgar.csv: tags are IO, converted to IOB2."]),
  FormSample(
    "CSV: a word a record, sentences by two numbers, tags by number", "finer.csv",
    "gold_label,gold_token,doc_idx,sent_idx\n0,in,0,0\n1,Rome,0,0\n0,hi,0,1\n1,Oslo,1,1\n",
    ["? | in/O Rome/B-LOC", "? | hi/O", "? | Oslo/B-LOC"], more: ["gold_label.names": "O\nB-LOC\n"]),
  FormSample(
    "CSV: a word a record, the sentence named at its first word", "kaggle.csv",
    "Sentence #,Word,POS,Tag\nSentence: 1,in,IN,O\n,London,NNP,B-geo\nSentence: 2,Hi,UH,O\n",
    ["? | in/O London/B-geo", "? | Hi/O"], remarks: ["kaggle.csv: not read: column \"POS\" (once, on line 1)."]),
  FormSample(
    "TSV: quotation marks that quote nothing", "reviews.tsv", "text\tlabel\n\"so\" good\tpos\n5\" nail\tneg\n",
    ["pos | \"so\" good", "neg | 5\" nail"]),
  FormSample(
    "TSV without a header, columns by number", "unnamed.tsv", "greet\thello there\nbye\tsee you\n",
    ["greet | hello there", "bye | see you"],
    reading: {
      var reading = ReadingOptions()
      reading.columns = ColumnRoles("text=2,class=1")
      return reading
    }()),
  FormSample(
    "CSV: columns by their names", "own.csv", "Frage,Antwort,Art\nwie spät,drei,zeit\n", ["zeit | wie spät"],
    remarks: ["own.csv: not read: column \"Antwort\" (once, on line 1)."],
    reading: {
      var reading = ReadingOptions()
      (reading.words, reading.sentenceClass) = ("Frage", "Art")
      return reading
    }()),
]
