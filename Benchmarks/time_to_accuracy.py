"""Seconds from start to an entity F1 on dev: mtt-tui against a PyTorch script of the same recipe, in turn.

Both read the same folder, whose words are lower-cased first. mtt-tui's time is all of it; the script's is loading and
training without its evaluations, of which it makes several an epoch. It takes the options below and prints "epoch loss
seconds seconds {name: ((class, F1, exact), …)}" lines with its seconds of training so far; the best F1 of a line counts.

  python Benchmarks/time_to_accuracy.py --data DIR --reference SCRIPT [--f1 93] [--rounds 3] [--isa avx2]
"""
import argparse
import ast
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from compare import LIMITS

ROOT = pathlib.Path(__file__).resolve().parent.parent
RECIPE = "--input wc --conv full --dec crf --swap 0.3 --ngdrop 0.3 --buckets 20000".split()


def lower_cased(source, folder):
    for split in ("train", "dev", "test"):
        (folder / split).mkdir(parents=True)
        for name in ("seq.in", "seq.out", "label"):
            text = (source / split / name).read_text("utf-8")
            (folder / split / name).write_text(text.lower() if name == "seq.in" else text, "utf-8")


def started(command, folder, environment):
    return subprocess.Popen(
        [str(part) for part in command], cwd=folder, env=environment, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True)


def entity_f1(folder):
    """The best so far that the run has written."""
    try:
        lines = (folder / "run" / "metrics.jsonl").read_text("utf-8").splitlines()
    except FileNotFoundError:
        return 0
    records = [json.loads(line) for line in lines if '"type":"evaluation"' in line and line.endswith("}")]
    return max((100 * record["entityF1"] for record in records if record.get("entityF1") is not None), default=0)


def ours(options, data, folder, environment):
    start = time.monotonic()
    process = started(
        [options.binary, "--no-ui", *options.train, "--threads", options.threads, "--data", data, "--run-dir", "run"],
        folder, environment)
    # A line follows each evaluation.
    for _ in process.stdout:
        if entity_f1(folder) >= options.f1:
            return time.monotonic() - start, process
    return None, process


def reference(options, data, folder, environment):
    start = time.monotonic()
    process = started(
        [options.python, "-u", options.reference, *RECIPE, "--threads", options.threads, "--ep", options.epochs,
         "--data", data], folder, environment)
    before = None
    for line in process.stdout:
        if not line[:1].isdigit() or "{" not in line:
            continue
        trained = float(line.split()[2])
        # The first epochs are not evaluated: all but training is loading.
        before = time.monotonic() - start - trained if before is None else before
        figures = ast.literal_eval(line[line.index("{"):])
        best = max((found[0][1] for found in figures.values()), default=0)
        if (best if best > 1 else 100 * best) >= options.f1:
            return before + trained, process
    return None, process


def measured(contender, options, data, environment):
    folder = pathlib.Path(tempfile.mkdtemp())
    seconds, process = contender(options, data, folder, environment)
    process.kill()
    process.wait()
    shutil.rmtree(folder, ignore_errors=True)
    return seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--data", type=pathlib.Path, required=True, help="folder with train, dev and test of seq.in, seq.out, label")
    add("--reference", type=os.path.abspath, required=True, help="the PyTorch script")
    add("--f1", type=float, default=93)
    add("--epochs", type=int, default=12, help="the script's schedule")
    add("--rounds", type=int, default=3)
    add("--threads", type=int, default=len(os.sched_getaffinity(0)))
    add("--isa", choices=["avx2"], help="hold both sides to this instruction set")
    add("--python", default=sys.executable, help="interpreter that has PyTorch")
    add("--binary", default=str(ROOT / ".build/release/mtt-tui"), help="the release build")
    add("train", nargs="*", default=["--preset", "standard"], help="options of mtt-tui train, after --")
    options = parser.parse_args()
    environment = dict(os.environ, **(LIMITS if options.isa == "avx2" else {}))
    data = pathlib.Path(tempfile.mkdtemp())
    lower_cased(options.data, data)
    seconds = {ours: [], reference: []}
    for _ in range(options.rounds):
        for contender, found in seconds.items():
            found.append(measured(contender, options, data, environment))
    shutil.rmtree(data)
    print(f"seconds to an entity F1 of {options.f1:g} on dev, {options.threads} threads, "
          f"{options.isa or 'all instructions'}, in turn")
    for name, contender in (("mtt-tui", ours), ("PyTorch", reference)):
        print(f"{name:10}", ", ".join("not reached" if value is None else f"{value:.1f}" for value in seconds[contender]))
    if all(None not in found for found in seconds.values()):
        print(f"ratio of medians {statistics.median(seconds[reference]) / statistics.median(seconds[ours]):.2f}")


if __name__ == "__main__":
    main()
