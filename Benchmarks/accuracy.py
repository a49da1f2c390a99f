"""How good models get: trains with several seeds and evaluates each one's best checkpoint, means and all.

The epoch is chosen on dev; test is read once, after training. Options after `--` go to `mtt-tui train`.

  python Benchmarks/accuracy.py --data DIR [--seeds 1,2,3] [--split test] [-- --preset accurate --lowercase]
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
FIGURES = ("accuracy_a", "entity_f1", "exact_match", "accuracy_b")


def called(*command):
    """Standard output of a command; its errors end the measurement."""
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"{' '.join(command)}\nended with {result.returncode}:\n{result.stderr or result.stdout}")
    return result.stdout


def measure(options, seed, folder):
    """Seconds of training and dev, and the figures of each split."""
    run = f"{folder}/{seed}"
    begin = time.monotonic()
    called(options.program, "--no-ui", "--data", options.data, *options.train, "--seed", str(seed), "--run-dir", run)
    seconds = time.monotonic() - begin
    found = {}
    for split in dict.fromkeys(["dev", options.split]):
        report = json.loads(called(
            options.program, "evaluate", run, "--data", options.data, "--split", split, "--log-format", "json"))
        found[split] = [100 * report[name] for name in FIGURES]
    return seconds, found


def row(name, values):
    return f"{name:14}" + "".join(f"{value:10.2f}" for value in values)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--data", type=os.path.abspath, required=True, help="folder with train, dev and test")
    add("--seeds", default="1,2,3")
    add("--split", default="test", help="reported beside dev")
    add("--program", default=str(ROOT / ".build/release/mtt-tui"), help="the release build")
    add("train", nargs="*", help="options of mtt-tui train, after --")
    options = parser.parse_args()
    all_figures = {}
    print(f"{'':14}" + "".join(f"{name:>10}" for name in ("AccA", "entity F1", "exact", "AccB")) + "   seconds")
    with tempfile.TemporaryDirectory() as folder:
        for seed in options.seeds.split(","):
            seconds, found = measure(options, seed, folder)
            for split, figures in found.items():
                all_figures.setdefault(split, []).append(figures)
                print(row(f"{split}, seed {seed}", figures) + f"{seconds:10.0f}", flush=True)
    for split, figures in all_figures.items():
        print(row(f"{split}, mean", [statistics.mean(column) for column in zip(*figures)]))


if __name__ == "__main__":
    main()
