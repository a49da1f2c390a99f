"""How fast logs of others are read: whole processes of `mtt-tui runs`, from start to the printed table, and their memory.

Makes its own logs: a table, and event files of it by `mtt-tui export`. All but the last are read without what was kept of them; --large
adds 100 runs of 1,000,000 steps (5 GB of files), read for the first and for the second time.

  python Benchmarks/read_logs.py [.build/release/mtt-tui] [--repeat 5] [--small] [--large]
"""
import argparse
import math
import os
import pathlib
import shutil
import statistics
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent


def write_table(path, metrics, steps):
    with open(path, "w") as file:
        file.write("step," + ",".join(f"train/metric_{i}" for i in range(metrics)) + "\n")
        for step in range(steps):
            value = math.sin(step / 1000)
            file.write(f"{step}," + ",".join(f"{value + i:.6f}" for i in range(metrics)) + "\n")


def events(program, table, folder):
    subprocess.run([program, "export", str(table), "--format", "tensorboard", str(folder)], check=True,
                   capture_output=True)


def timed(program, folder, repeat, core, cache):
    """Seconds and megabytes of a process that reads everything: medians. `cache`: where it keeps curves; None for nowhere."""
    command = [program, "runs", str(folder), "--columns", "run,points", "--format", "csv"]
    if core:
        command = ["taskset", "-c", "0"] + command
    seconds, memory = [], []
    # /dev/null is no folder: nothing is kept.
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache or "/dev/null")}
    for _ in range(repeat):
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        seconds.append(time.perf_counter() - start)
        memory.append(usage.ru_maxrss / 1024)
        if status != 0:
            raise SystemExit(f"{command} ended with {status}")
    return statistics.median(seconds), statistics.median(memory)


def read_large(program, work, part, report):
    write_table(work / "million.csv", 1, 1_000_000 // part)
    events(program, work / "million.csv", work / "large" / "run-0")
    first = next((work / "large" / "run-0").iterdir())
    for run in range(1, 100):
        folder = work / "large" / f"run-{run}"
        folder.mkdir()
        shutil.copy(first, folder / first.name)
    time.sleep(3)  # what was written a moment ago is not kept
    cache = work / "cache"
    report("100 runs of 1,000,000 steps, first time", work / "large", 10, 100, cache=cache, repeat=1)
    report("100 runs of 1,000,000 steps, second time", work / "large", 1, 100, cache=cache)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program", nargs="?", default=ROOT / ".build" / "release" / "mtt-tui")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--small", action="store_true", help="a tenth of everything, to try the script")
    parser.add_argument("--large", action="store_true", help="5 GB of event files, too")
    options = parser.parse_args()
    program = str(pathlib.Path(options.program).resolve())
    part = 10 if options.small else 1
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name)

        def report(title, folder, asked, curves, core=False, cache=None, repeat=options.repeat):
            seconds, memory = timed(program, folder, repeat, core, cache)
            size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6
            print(
                f"{title}: {size:.1f} MB, {seconds:.3f} s (asked: {asked} s), {size / seconds:.0f} MB/s, "
                f"{memory:.0f} MB of memory (asked: {40 + 0.131 * curves:.0f} MB)", flush=True)

        write_table(work / "seven.csv", 7, 571_000 // part)
        events(program, work / "seven.csv", work / "seven")
        report("4 M scalars in one event file, one core", work / "seven", 0.7, 7, core=True)
        write_table(work / "twenty.csv", 1, 50_000 // part)
        for run in range(20):
            events(program, work / "twenty.csv", work / "twenty" / f"run-{run}")
        report("20 runs of 50,000 points", work / "twenty", 0.2, 20)
        write_table(work / "short.csv", 2, 20)
        for run in range(1000 // part):
            folder = work / "many" / f"run-{run}"
            folder.mkdir(parents=True)
            (folder / "metrics.csv").write_bytes((work / "short.csv").read_bytes())
        report("1,000 runs of 40 points", work / "many", 0.25, 2000)
        if options.large:
            read_large(program, work, part, report)


if __name__ == "__main__":
    main()
