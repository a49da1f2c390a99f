"""What many sentences cost: loading time and memory of a large data set, in bytes a token.

Generates a folder of sentences, trains on it for some steps, and again on a tenth of them; the difference of the two
over the difference in tokens is what a token costs: of the process's own memory while it trains, and of its peak, in
which the mapped files count while they are read. Linux only. The folder is removed afterwards.

  python Benchmarks/big_data.py [--sentences 10000000] [--program PATH]
"""
import argparse
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


def write(folder, sentences, random_source):
    """Writes the folder form and returns the number of words."""
    types = values(random_source)
    parts = [(label, text.split()) for label, text in TEMPLATES]
    count = 0
    folder.mkdir(parents=True)
    with (open(folder / "seq.in", "w") as text, open(folder / "seq.out", "w") as tags,
          open(folder / "label", "w") as labels):
        for _ in range(sentences):
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
            count += len(line)
            text.write(" ".join(line) + "\n")
            tags.write(" ".join(marks) + "\n")
            labels.write(label + "\n")
    return count


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
    options = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp())
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
