"""What many sentences cost: loading time and memory of a large data set, in bytes a token.

Generates a folder of sentences, trains on it for some steps, and again on a tenth of them; the difference of the two
over the difference in tokens is what a token costs: of the process's own memory while it trains, and of its peak, in
which the mapped files count while they are read. Linux only. The folder is removed afterwards.

  python Benchmarks/big_data.py [--sentences 10000000] [--program PATH]

With --forms, each form that a single file may have instead: the processor seconds until a file of so many MB is read
and encoded, MB a second of one core, and how far the peak of the resident size is above the file and the encoded data
(8 bytes a word and 32 a sentence).

  python Benchmarks/big_data.py --forms all [--megabytes 200]
"""
import argparse
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
TEMPLATES = [
    ("Play", "play {song} by {artist} on {service} please"),
    ("Play", "i would like to hear {song}"),
    ("Book", "book a table for {number} at {place} in {city} tomorrow evening"),
    ("Weather", "will it rain in {city} at {number} o'clock"),
    ("Weather", "what is the weather like near {place}"),
    ("List", "add {song} from {artist} to my list for {city}"),
    ("Rate", "rate the book {song} {number} out of five stars"),
]


def values(random_source):
    """Values of each type, one to three words each: 30,000 different words in all."""
    words = ["".join(random_source.choices("abcdefghijklmnopqrstuvwxyz", k=random_source.randint(3, 9)))
             for _ in range(30_000)]
    types = {}
    for index, (name, count) in enumerate(
            [("song", 8_000), ("artist", 6_000), ("service", 50), ("place", 4_000), ("city", 3_000), ("number", 500)]):
        types[name] = [random_source.sample(words, random_source.randint(1, 1 + index % 3)) for _ in range(count)]
    return types


def sentences_of(count, random_source):
    """Sentences as (words, tags, class), without end where `count` is None."""
    types = values(random_source)
    parts = [(label, text.split()) for label, text in TEMPLATES]
    while count is None or count > 0:
        count = None if count is None else count - 1
        label, template = parts[int(random_source.random() * len(parts))]
        line, marks = [], []
        for part in template:
            if part[0] == "{":
                name = part[1:-1]
                choices = types[name]
                value = choices[int(random_source.random() * len(choices))]
                line += value
                marks += ["B-" + name] + ["I-" + name] * (len(value) - 1)
            else:
                line.append(part)
                marks.append("O")
        yield line, marks, label


def write(folder, sentences, random_source):
    """Writes the folder form and returns the number of words."""
    count = 0
    folder.mkdir(parents=True)
    with (open(folder / "seq.in", "w") as text, open(folder / "seq.out", "w") as tags,
          open(folder / "label", "w") as labels):
        for line, marks, label in sentences_of(sentences, random_source):
            count += len(line)
            text.write(" ".join(line) + "\n")
            tags.write(" ".join(marks) + "\n")
            labels.write(label + "\n")
    return count


def spans(words, tags):
    """Entities as (first word, words, type)."""
    found = []
    for place, tag in enumerate(tags):
        if tag[0] == "B":
            found.append([place, 1, tag[2:]])
        elif tag[0] == "I":
            found[-1][1] += 1
    return found


def characters(words, tags):
    """Entities as (first character, end, type)."""
    starts = [0]
    for word in words:
        starts.append(starts[-1] + len(word) + 1)
    return [(starts[first], starts[first + count] - 1, name) for first, count, name in spans(words, tags)]


def marked(words, tags, begin, end):
    """The text with each entity between what `begin` and `end` make of its type."""
    pieces = list(words)
    for first, count, name in spans(words, tags):
        pieces[first] = begin(name) + pieces[first]
        pieces[first + count - 1] += end(name)
    return " ".join(pieces)


def span_object(words, tags, label):
    return json.dumps({"text": " ".join(words), "intent": label, "entities": [
        {"start": start, "end": end, "label": name} for start, end, name in characters(words, tags)]})


def word_spans(words, tags, label):
    return json.dumps({"tokens": words, "label": label, "entities": [
        {"type": name, "start": first, "end": first + count} for first, count, name in spans(words, tags)]})


def paragraph(words, tags, label):
    """spaCy 2's form; its tags would be BILUO, which cost the same."""
    return json.dumps({"id": 0, "paragraphs": [{"raw": " ".join(words), "sentences": [{"tokens": [
        {"id": number, "orth": word, "tag": "NN", "ner": tag} for number, (word, tag) in enumerate(zip(words, tags))],
        "brackets": []}]}]})


def columns(words, tags, label):
    return f"# label: {label}\n" + "".join(f"{word}\t{tag}\n" for word, tag in zip(words, tags)) + "\n"


def numbered(words, tags, label):
    return f"# intent = {label}\n" + "".join(
        f"{number}\t{word}\t_\t{tag}\n" for number, (word, tag) in enumerate(zip(words, tags), 1)) + "\n"


def class_last(words, tags, label):
    return "".join(f"{word} {tag}\n" for word, tag in zip(words, tags)) + f"{label}\n\n"


# Name: ending, what comes before, a sentence, what is between two, what comes after.
FORMS = {
    "columns": (".conll", "", columns, "", ""),
    "columns-numbered": (".conllu", "", numbered, "", ""),
    "class-last": (".txt", "", class_last, "", ""),
    "jsonl-tokens": (
        ".jsonl", "", lambda w, t, c: json.dumps({"tokens": w, "ner_tags": t, "label": c}), "\n", "\n"),
    "jsonl-spans": (".jsonl", "", span_object, "\n", "\n"),
    "json-array": (".json", "[\n", span_object, ",\n", "\n]\n"),
    "json-words": (".json", "[\n", word_spans, ",\n", "\n]\n"),
    "json-pairs": (
        ".json", "{\"train\": [\n", lambda w, t, c: json.dumps([" ".join(w), c]), ",\n", "\n]}\n"),
    "json-paragraphs": (".json", "[\n", paragraph, ",\n", "\n]\n"),
    "fasttext": (".txt", "", lambda w, t, c: f"__label__{c} {' '.join(w)}", "\n", "\n"),
    "csv-sentences": (".csv", "text,intent\n", lambda w, t, c: f"\"{' '.join(w)}\",{c}", "\n", "\n"),
    "csv-words": (
        ".csv", "word,tag\n", lambda w, t, c: "".join(f"{word},{tag}\n" for word, tag in zip(w, t)) + ",\n", "", ""),
    "rasa-yaml": (
        ".yml", "version: \"3.1\"\nnlu:\n",
        lambda w, t, c: marked(w, t, lambda name: "[", lambda name: f"]({name})"), "\n", "\n"),
    "brackets": (
        ".tsv", "", lambda w, t, c: c + "\t" + marked(w, t, lambda name: f"[{name} : ", lambda name: "]"), "\n", "\n"),
    "trees": (
        ".txt", "",
        lambda w, t, c: f"[IN:{c.upper()} " + marked(w, t, lambda name: f"[SL:{name.upper()} ", lambda name: " ]")
        + " ]", "\n", "\n"),
}


def write_form(path, name, megabytes):
    """Writes a file of a form; returns its words and sentences."""
    _, head, sentence, between, foot = FORMS[name]
    chance = random.Random(1)
    words = count = size = 0
    by_class = {}
    with open(path, "w") as file:
        file.write(head)
        for line, marks, label in sentences_of(None, chance):
            text = sentence(line, marks, label)
            size += len(text) + 1
            words += len(line)
            count += 1
            if name == "rasa-yaml":
                by_class.setdefault(label, []).append(text)
            else:
                file.write((between if count > 1 else "") + text)
            if size > megabytes * 1e6:
                break
        for label, texts in by_class.items():
            file.write(f"- intent: {label}\n  examples: |\n" + "".join(f"    - {text}\n" for text in texts))
        file.write(foot)
    return words, count


def read_form(program, path, folder):
    """Loads a file for training; returns processor seconds until it is encoded, and the peak of the resident size."""
    command = [program, "--no-ui", "--train", str(path), "--run-dir", str(folder / "run"), "--threads", "1",
               "--hidden", "16", "--layers", "1", "--heads", "2", "--intermediate", "16", "--ngram-buckets", "0"]
    with open(folder / "messages", "w") as messages:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=messages, stderr=messages)
    while not (folder / "run/run.json").exists():
        if process.poll() is not None:
            raise SystemExit(f"{path.name}: " + (folder / "messages").read_text())
        time.sleep(0.02)
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    seconds = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    peak = 1024 * int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1])
    process.kill()
    process.wait()
    shutil.rmtree(folder / "run")
    return seconds, peak


def measure_forms(options, folder):
    names = list(FORMS) if options.forms == "all" else options.forms.split(",")
    print(f"{'form':18}{'MB':>7}{'words':>13}{'CPU s':>8}{'MB/s':>8}{'peak MB':>9}{'beyond MB':>11}")
    for name in names:
        path = folder / ("data" + FORMS[name][0])
        words, count = write_form(path, name, options.megabytes)
        size = path.stat().st_size
        seconds, peak = read_form(options.program, path, folder)
        beyond = peak - size - 8 * words - 32 * count
        print(f"{name:18}{size / 1e6:7.0f}{words:13,}{seconds:8.1f}{size / 1e6 / seconds:8.0f}{peak / 1e6:9.0f}"
              f"{beyond / 1e6:11.0f}", flush=True)
        path.unlink()


def train(program, data, run):
    """Trains until steps are on disk; returns seconds until then, own memory then, and the peak of the resident size."""
    command = [program, "--no-ui", "--data", str(data), "--run-dir", str(run)]
    start = time.monotonic()
    with open(run.parent / "messages", "w") as messages:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=messages, stderr=messages)
    metrics = run / "metrics.jsonl"
    while not (metrics.exists() and metrics.read_bytes().count(b'"type":"step"') >= 50):
        if process.poll() is not None:
            raise SystemExit((run.parent / "messages").read_text())
        time.sleep(0.2)
    seconds = time.monotonic() - start
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    own = 1024 * int(next(line for line in status.splitlines() if line.startswith("RssAnon")).split()[1])
    process.send_signal(signal.SIGTERM)
    _, _, usage = os.wait4(process.pid, 0)
    return seconds, own, usage.ru_maxrss * 1024


def main():
    parser = argparse.ArgumentParser(description="Memory and loading time of a large data set.")
    parser.add_argument("--sentences", type=int, default=10_000_000)
    parser.add_argument("--program", default=str(ROOT / ".build/release/mtt-tui"))
    parser.add_argument("--forms", help="all, or some of " + ", ".join(FORMS))
    parser.add_argument("--megabytes", type=int, default=200, help="of each form's file")
    options = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp())
    if options.forms:
        try:
            return measure_forms(options, folder)
        finally:
            shutil.rmtree(folder)
    sentences = options.sentences
    if shutil.disk_usage(folder).free < 400 * sentences:
        sentences //= 10
        print(f"Too little room for {options.sentences:,} sentences: {sentences:,} instead.")
    try:
        peaks = []
        for name, count in (("small", sentences // 10), ("large", sentences)):
            words = write(folder / name / "train", count, random.Random(1))
            size = sum(file.stat().st_size for file in (folder / name / "train").iterdir())
            seconds, own, peak = train(options.program, folder / name, folder / name / "run")
            peaks.append((words, own, peak))
            print(f"{count:>12,} sentences, {words:,} words, {size / 1e6:,.0f} MB of text: 50 steps done after "
                  f"{seconds:.1f} s, own memory {own / 1e6:,.0f} MB, peak resident size {peak / 1e6:,.0f} MB")
            shutil.rmtree(folder / name)
        (few, *low), (many, *high) = peaks
        for name, less, more in zip(("own memory", "peak"), low, high):
            print(f"{name}: {(more - less) / (many - few):.1f} bytes a word")
    finally:
        shutil.rmtree(folder)


main()
