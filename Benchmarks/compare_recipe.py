"""The small-data recipe (n-grams, convolution, relative positions, CRF, value swap): mtt-tui against a PyTorch script.

Trains one model of `--preset accurate` and, in turn, the same recipe by a script that takes the options below and prints
"epoch loss seconds ..." lines with its seconds of training so far. Evaluation is in neither's seconds.

  python Benchmarks/compare_recipe.py --data DIR --reference SCRIPT [--epochs 2] [--rounds 2]
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
RECIPE = "--input wc --conv full --dec crf --swap 0.3 --ngdrop 0.3 --buckets 80000".split()


def ours(options, folder):
    """Seconds of each epoch of training."""
    run = f"{folder}/run"
    subprocess.run(
        [options.binary, "--no-ui", "--preset", "accurate", "--members", "1", "--ngram-buckets", "80000", "--threads",
         str(options.threads), "--epochs", str(options.epochs), "--data", options.data, "--run-dir", run],
        check=True, capture_output=True)
    records = [json.loads(line) for line in open(f"{run}/metrics.jsonl", encoding="utf-8")]
    return [record["seconds"] for record in records if record["type"] == "epoch"]


def reference(options, folder):
    """The same of the PyTorch script."""
    result = subprocess.run(
        [options.python, options.reference, *RECIPE, "--threads", str(options.threads), "--ep", str(options.epochs),
         "--data", options.data], check=True, capture_output=True, text=True, cwd=folder)
    sums = [float(line.split()[2]) for line in result.stdout.splitlines() if line[:1].isdigit()]
    return [late - early for early, late in zip([0.0] + sums, sums)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--data", type=os.path.abspath, required=True, help="folder with train, dev and test of seq.in, seq.out, label")
    add("--reference", type=os.path.abspath, required=True, help="the PyTorch script")
    add("--epochs", type=int, default=2)
    add("--rounds", type=int, default=2, help="times each is run")
    add("--threads", type=int, default=len(os.sched_getaffinity(0)))
    add("--python", default=sys.executable, help="interpreter that has PyTorch")
    add("--binary", default=str(ROOT / ".build/release/mtt-tui"), help="the release build")
    options = parser.parse_args()
    seconds = {ours: [], reference: []}
    for _ in range(options.rounds):
        for contender, found in seconds.items():
            with tempfile.TemporaryDirectory() as folder:
                found += contender(options, folder)
    us, them = (statistics.median(seconds[contender]) for contender in (ours, reference))
    for name, contender in (("mtt-tui", ours), ("PyTorch", reference)):
        values = seconds[contender]
        print(f"{name}  {statistics.median(values):6.2f} s an epoch  ({min(values):.2f} to {max(values):.2f})")
    print(f"ratio    {them / us:6.2f}")


if __name__ == "__main__":
    main()
