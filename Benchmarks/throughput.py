"""Sentences a second of a trained model: mtt-tui's evaluate and predict beside onnxruntime on the exported graph, in turn.

mtt-tui is timed from start to end: loading, tokenizing, decoding and writing JSON lines through a pipe. onnxruntime is
given what is best for it: the tokens ready as tensors, sorted by length into batches of 32, and nothing is decoded.

  pip install numpy onnxruntime
  mtt-tui export RUN --format onnx GRAPH
  python Benchmarks/throughput.py RUN GRAPH --data corpora/snips [--sentences 100000] [--rounds 3]
"""
import argparse
import itertools
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np
import onnxruntime

ROOT = pathlib.Path(__file__).resolve().parent.parent
BATCH = 32
#  n-grams of a token, where the graph takes them: SNIPS' mean
NGRAMS = 8


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("run", help="run, checkpoint or model folder")
    add("graph", help="its export for ONNX")
    add("--data", type=pathlib.Path, required=True, help="folder with train/{seq.in,seq.out,label}")
    add("--sentences", type=int, default=100_000, help="train's, again and again")
    add("--rounds", type=int, default=3)
    add("--threads", type=int, default=len(os.sched_getaffinity(0)))
    add("--program", default=str(ROOT / ".build/release/mtt-tui"))
    return parser.parse_args()


def write_corpus(options, folder):
    """A folder whose test split has so many sentences."""
    for split in ("train", "dev", "test"):
        (folder / split).mkdir(parents=True)
    for name in ("seq.in", "seq.out", "label"):
        lines = (options.data / "train" / name).read_text("utf-8").splitlines()
        for split in ("train", "dev"):
            (folder / split / name).write_text("\n".join(lines) + "\n", "utf-8")
        many = itertools.islice(itertools.cycle(lines), options.sentences)
        (folder / "test" / name).write_text("\n".join(many) + "\n", "utf-8")


def batches(options, folder):
    """Inputs of the graph, padded to each batch's longest sentence."""
    random = np.random.default_rng(1)
    vocabulary = len(pathlib.Path(options.graph, "vocab.txt").read_text("utf-8").split("\n")) - 1
    lengths = sorted(len(line.split()) + 1 for line in (folder / "test" / "seq.in").open(encoding="utf-8"))
    for first in range(0, len(lengths), BATCH):
        part = np.array(lengths[first:first + BATCH])
        shape = (len(part), part.max())
        mask = (np.arange(shape[1])[None] < part[:, None]).astype(np.int64)
        count = int(np.prod(shape))
        yield {
            "input_ids": random.integers(5, vocabulary, shape) * mask,
            "attention_mask": mask,
            "ngram_starts": np.arange(count + 1, dtype=np.int64) * NGRAMS,
            "ngrams": random.integers(0, 100, count * NGRAMS),
        }


def timed(work):
    start = time.monotonic()
    work()
    return time.monotonic() - start


def called(command, **files):
    result = subprocess.run(command, stderr=subprocess.PIPE, **files)
    if result.returncode != 0:
        sys.exit(f"{' '.join(command)}\nended with {result.returncode}:\n{result.stderr.decode()}")


def predict(options, folder):
    with (folder / "test" / "seq.in").open("rb") as source:
        cat = subprocess.Popen(["cat"], stdin=source, stdout=subprocess.PIPE)
        with (folder / "answers").open("wb") as answers:
            called([options.program, "predict", options.run, "--pre-split", "--threads", str(options.threads)],
                   stdin=cat.stdout, stdout=answers)
        cat.wait()


def main():
    options = arguments()
    folder = pathlib.Path(tempfile.mkdtemp())
    write_corpus(options, folder)
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = options.threads
    session = onnxruntime.InferenceSession(
        str(pathlib.Path(options.graph, "model.onnx")), settings, providers=["CPUExecutionProvider"])
    names = {given.name for given in session.get_inputs()}
    prepared = [{name: value for name, value in batch.items() if name in names} for batch in batches(options, folder)]
    evaluate = [options.program, "evaluate", options.run, "--data", str(folder), "--split", "test",
                "--threads", str(options.threads)]
    contenders = {
        "onnxruntime, tensors to logits": lambda: [session.run(None, batch) for batch in prepared],
        "mtt-tui evaluate, files to figures": lambda: called(evaluate, stdout=subprocess.DEVNULL),
        "mtt-tui predict, pipe to JSON": lambda: predict(options, folder),
    }
    seconds = {name: [] for name in contenders}
    for _ in range(options.rounds):
        for name, work in contenders.items():
            seconds[name].append(timed(work))
    shutil.rmtree(folder)
    print(f"{options.sentences} sentences, {options.threads} threads, medians of {options.rounds} rounds in turn")
    reference = statistics.median(seconds["onnxruntime, tensors to logits"])
    for name, all_seconds in seconds.items():
        median = statistics.median(all_seconds)
        print(f"{name:36}{options.sentences / median:10,.0f} a second{reference / median:8.2f}×")


if __name__ == "__main__":
    main()
