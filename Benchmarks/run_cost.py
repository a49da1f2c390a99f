"""What a run adds to its steps: sentences a second of an epoch, beside those of `mtt-tui bench`.

The bench's steps are what the other tables are made of. A run also sums up the margins of its labels, writes its log and
hands its figures to dashboards: all of that in an epoch should take a few hundredths at most. Both take turns, with the
same preset, data and threads; the best of each is compared, as other work on the machine only ever takes time.

  python Benchmarks/run_cost.py --data DIR [--preset standard] [--rounds 3] [--threads 2] [--program PATH]
"""
import argparse
import json
import os
import pathlib
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent


def arguments():
    parser = argparse.ArgumentParser(description="How many sentences a second a run trains on, and the bench.")
    parser.add_argument("--data", type=pathlib.Path, required=True, help="folder to train on, such as SNIPS")
    parser.add_argument("--preset", default="standard")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / ".build/release/mtt-tui")
    return parser.parse_args()


def common(options):
    return ["--data", str(options.data.resolve()), "--preset", options.preset, "--threads", str(options.threads)]


def bench(options):
    """Sentences a second of the steps alone."""
    command = [options.program, "bench", "--log-format", "json", *common(options)]
    report = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    return report["examples_per_second"]


def run(options):
    """Sentences a second of a run's first epoch, without its evaluation."""
    with tempfile.TemporaryDirectory() as folder:
        command = [options.program, "--no-ui", "--run-dir", f"{folder}/run", "--epochs", "1", *common(options)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        lines = pathlib.Path(folder, "run/metrics.jsonl").read_text("utf-8").splitlines()
    epoch = next(record for record in map(json.loads, lines) if record["type"] == "epoch")
    return epoch["counts"]["totalA"] / epoch["seconds"]


def main():
    options = arguments()
    steps, epochs = [], []
    for _ in range(options.rounds):
        steps.append(bench(options))
        epochs.append(run(options))
        print(f"bench {steps[-1]:.0f}, run {epochs[-1]:.0f} sentences a second", flush=True)
    print(f"best: bench {max(steps):.0f}, run {max(epochs):.0f}: a run takes {max(steps) / max(epochs):.2f} times its steps")


main()
