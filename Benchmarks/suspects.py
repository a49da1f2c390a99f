"""How many planted label errors the suspects hold: the list of train sentences that training believed least.

Gives some train sentences a wrong class and as many others a wrong entity type, trains, and looks for them among as
many suspects of each task as were planted. What else the list holds is not all wrong: the data have errors of their own.
Options after `--` go to `mtt-tui train`.

  python Benchmarks/suspects.py --data DIR [--share 0.02] [--seeds 1,2,3] [-- --epochs 12]
"""
import argparse
import json
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
FILES = ("seq.in", "seq.out", "label")


def read(folder):
    """Sentences of a split as [words, tags, class]."""
    parts = [(folder / name).read_text().splitlines() for name in FILES]
    return [list(sentence) for sentence in zip(*([line.strip() for line in part] for part in parts))]


def write(folder, sentences):
    folder.mkdir(parents=True)
    for name, part in zip(FILES, zip(*sentences)):
        (folder / name).write_text("".join(line + "\n" for line in part))


def entity_types(tags):
    return sorted({tag[2:] for tag in tags.split() if tag != "O"})


def plant(sentences, share, seed):
    """Changes labels in place; returns the numbers, from 1, of sentences with a wrong class and with a wrong tag."""
    chance = random.Random(seed)
    classes = sorted({sentence[2] for sentence in sentences})
    types = sorted({name for sentence in sentences for name in entity_types(sentence[1])})
    count = round(share * len(sentences))
    order = list(range(len(sentences)))
    chance.shuffle(order)
    wrong_class = order[:count]
    for place in wrong_class:
        sentences[place][2] = chance.choice([name for name in classes if name != sentences[place][2]])
    wrong_tags = [place for place in order[count:] if entity_types(sentences[place][1])][:count]
    for place in wrong_tags:
        old = chance.choice(entity_types(sentences[place][1]))
        new = chance.choice([name for name in types if name != old])
        sentences[place][1] = " ".join(
            tag[:2] + new if tag[2:] == old else tag for tag in sentences[place][1].split())
    return [{place + 1 for place in places} for places in (wrong_class, wrong_tags)]


def found(suspects, margin, planted):
    """The share of planted errors among as many suspects of a task."""
    own = sorted((row for row in suspects["sentences"] if row.get(margin) is not None), key=lambda row: row[margin])
    first = {row["number"] for row in own[:len(planted)]}
    return len(first & planted) / len(planted)


def measure(options, seed, folder):
    sentences = read(options.data / "train")
    planted = plant(sentences, options.share, seed)
    write(folder / "train", sentences)
    write(folder / "dev", read(options.data / "dev"))
    begin = time.monotonic()
    result = subprocess.run(
        [options.program, "--no-ui", "--data", folder, "--run-dir", folder / "run", "--seed", str(seed),
         *options.train], capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(result.stderr or result.stdout)
    seconds = time.monotonic() - begin
    suspects = json.loads((folder / "run/mistakes/suspects.json").read_text())
    shares = [found(suspects, margin, own) for margin, own in zip(("classMargin", "tagMargin"), planted)]
    return [len(planted[0]), *shares, seconds]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--data", type=pathlib.Path, required=True, help="folder with train and dev")
    add("--share", type=float, default=0.02, help="of the train sentences that get a wrong label of each task")
    add("--seeds", default="1,2,3")
    add("--program", default=str(ROOT / ".build/release/mtt-tui"), help="the release build")
    add("train", nargs="*", help="options of mtt-tui train, after --")
    options = parser.parse_args()
    options.data = options.data.resolve()
    print(f"{'seed':>6}{'planted':>9}{'classes':>9}{'tags':>7}{'seconds':>9}", flush=True)
    rows = []
    for seed in map(int, options.seeds.split(",")):
        with tempfile.TemporaryDirectory() as folder:
            rows.append(measure(options, seed, pathlib.Path(folder)))
        print(f"{seed:6}{rows[-1][0]:9}{rows[-1][1]:9.3f}{rows[-1][2]:7.3f}{rows[-1][3]:9.1f}", flush=True)
    means = [statistics.mean(column) for column in zip(*rows)]
    print(f"{'mean':>6}{means[0]:9.0f}{means[1]:9.3f}{means[2]:7.3f}{means[3]:9.1f}")


if __name__ == "__main__":
    main()
