"""How well few sentences are learnt: models trained on 30, 53 and 100 sentences beside a logistic regression.

Draws small training sets from the train split, as many sentences of each class as go, trains on them without any dev
data, and judges both on the sentences of the held-out split that have one of the classes. The regression is what
scikit-learn's TfidfVectorizer and LogisticRegression make with their defaults: single words, L2, C = 1. Options after
`--` go to `mtt-tui train`.

  python Benchmarks/small_data.py --data DIR [--classes 8] [--sizes 30,53,100] [--seeds 1,2,3] [-- --epochs 40]
"""
import argparse
import collections
import json
import os
import pathlib
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time

import numpy

ROOT = pathlib.Path(__file__).resolve().parent.parent


def read(folder):
    """Sentences of a split as (words, tags, class)."""
    parts = [(pathlib.Path(folder) / name).read_text().splitlines() for name in ("seq.in", "seq.out", "label")]
    return list(zip(*([line.strip() for line in part] for part in parts)))


def write(folder, sentences):
    folder.mkdir(parents=True)
    for name, part in zip(("seq.in", "seq.out", "label"), zip(*sentences)):
        (folder / name).write_text("".join(line + "\n" for line in part))


def draw(sentences, size, seed):
    """So many sentences, as many of each class as of another or one more."""
    chance = random.Random(seed)
    by_class = collections.defaultdict(list)
    for sentence in sentences:
        by_class[sentence[2]].append(sentence)
    names = sorted(by_class)
    chance.shuffle(names)
    for name in names:
        chance.shuffle(by_class[name])
    order = [by_class[name][turn] for turn in range(size) for name in names if turn < len(by_class[name])]
    return order[:size]


class TfIdf:
    """Counts times smoothed inverse document frequency, rows of length 1: scikit-learn's defaults."""

    def __init__(self, texts):
        documents = [set(self.words(text)) for text in texts]
        frequency = collections.Counter(word for document in documents for word in document)
        self.columns = {word: column for column, word in enumerate(sorted(frequency))}
        counts = numpy.array([frequency[word] for word in sorted(frequency)])
        self.weights = numpy.log((1 + len(texts)) / (1 + counts)) + 1

    @staticmethod
    def words(text):
        return re.findall(r"(?u)\b\w\w+\b", text.lower())

    def rows(self, texts):
        rows = numpy.zeros((len(texts), len(self.columns)))
        for row, text in enumerate(texts):
            for word in self.words(text):
                if word in self.columns:
                    rows[row, self.columns[word]] += 1
        rows *= self.weights
        return rows / numpy.maximum(numpy.linalg.norm(rows, axis=1, keepdims=True), 1e-12)


def regression(rows, classes, count, steps=2_000):
    """Weights and biases that minimise the sum of cross-entropies + half the weights' squared norm: an accelerated
    descent, whose step is safe for rows of length 1."""
    weights, biases = numpy.zeros((rows.shape[1], count)), numpy.zeros(count)
    targets = numpy.eye(count)[classes]
    rate = 1 / (1 + len(rows))
    ahead, before = (weights, biases), (weights, biases)
    for step in range(1, steps + 1):
        logits = rows @ ahead[0] + ahead[1]
        shares = numpy.exp(logits - logits.max(axis=1, keepdims=True))
        difference = shares / shares.sum(axis=1, keepdims=True) - targets
        now = (ahead[0] - rate * (rows.T @ difference + ahead[0]), ahead[1] - rate * difference.sum(axis=0))
        push = (step - 1) / (step + 2)
        ahead = tuple(new + push * (new - old) for new, old in zip(now, before))
        before = now
    return before


def accuracy_of_regression(train, held_out):
    names = sorted({sentence[2] for sentence in train})
    encoder = TfIdf([sentence[0] for sentence in train])
    rows = encoder.rows([sentence[0] for sentence in train])
    weights, biases = regression(rows, [names.index(sentence[2]) for sentence in train], len(names))
    found = (encoder.rows([sentence[0] for sentence in held_out]) @ weights + biases).argmax(axis=1)
    return 100 * statistics.mean(names[place] == sentence[2] for place, sentence in zip(found, held_out))


def called(*command):
    """Standard output of a command; its errors end the measurement."""
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\nended with {result.returncode}:\n{result.stderr or result.stdout}")
    return result.stdout


def measure(options, train, held_out, folder, seed):
    """Accuracy, entity F1, seconds of training and MB of the run's folder."""
    write(folder / "data/train", train)
    write(folder / "data/test", held_out)
    begin = time.monotonic()
    called(
        options.program, "--no-ui", "--train", folder / "data/train", "--run-dir", folder / "run", "--seed", str(seed),
        *options.train)
    seconds = time.monotonic() - begin
    report = json.loads(called(
        options.program, "evaluate", folder / "run", "--data", folder / "data/test", "--log-format", "json"))
    size = sum(path.stat().st_size for path in (folder / "run").rglob("*") if path.is_file() and not path.is_symlink())
    f1 = report["entity_f1"]
    return 100 * report["accuracy_a"], float("nan") if f1 is None else 100 * f1, seconds, size / 1e6


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--data", type=os.path.abspath, required=True, help="folder with train, dev and test")
    add("--split", default="dev", help="the split that both are judged on")
    add("--classes", type=int, default=8, help="classes to draw from, at most")
    add("--sizes", default="30,53,100")
    add("--seeds", default="1,2,3")
    add("--program", default=str(ROOT / ".build/release/mtt-tui"), help="the release build")
    add("train", nargs="*", help="options of mtt-tui train, after --")
    options = parser.parse_args()
    everything = read(f"{options.data}/train")
    print(f"{'sentences':>9}{'regression':>12}{'AccA':>8}{'entity F1':>11}{'seconds':>9}{'folder MB':>11}", flush=True)
    for size in map(int, options.sizes.split(",")):
        rows = []
        for seed in map(int, options.seeds.split(",")):
            names = sorted({sentence[2] for sentence in everything})
            chosen = set(random.Random(seed).sample(names, min(options.classes, len(names))))
            train = draw([sentence for sentence in everything if sentence[2] in chosen], size, seed)
            held_out = [sentence for sentence in read(f"{options.data}/{options.split}") if sentence[2] in chosen]
            with tempfile.TemporaryDirectory() as folder:
                figures = measure(options, train, held_out, pathlib.Path(folder), seed)
            rows.append((accuracy_of_regression(train, held_out), *figures))
        means = [statistics.mean(column) for column in zip(*rows)]
        print(f"{size:9}{means[0]:12.1f}{means[1]:8.1f}{means[2]:11.1f}{means[3]:9.1f}{means[4]:11.1f}", flush=True)


if __name__ == "__main__":
    main()
