"""How fast logs of others are read: whole processes of `mtt-tui runs`, from start to the printed table, and their memory.

Makes its own logs: a table, and event files of it by `mtt-tui export`.

  python Benchmarks/read_logs.py .build/release/mtt-tui [--repeat 5] [--small]
"""
import argparse
import math
import os
import pathlib
import statistics
import subprocess
import tempfile
import time


def write_table(path, metrics, steps):
    with open(path, "w") as file:
        file.write("step," + ",".join(f"train/metric_{i}" for i in range(metrics)) + "\n")
        for step in range(steps):
            value = math.sin(step / 1000)
            file.write(f"{step}," + ",".join(f"{value + i:.6f}" for i in range(metrics)) + "\n")


def events(program, table, folder):
    subprocess.run([program, "export", str(table), "--format", "tensorboard", str(folder)], check=True,
                   capture_output=True)


def timed(program, folder, repeat, core):
    """Seconds and megabytes of a process that reads everything: medians."""
    command = [program, "runs", str(folder), "--columns", "run,points", "--format", "csv"]
    if core:
        command = ["taskset", "-c", "0"] + command
    seconds, memory = [], []
    for _ in range(repeat):
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        seconds.append(time.perf_counter() - start)
        memory.append(usage.ru_maxrss / 1024)
        if status != 0:
            raise SystemExit(f"{command} ended with {status}")
    return statistics.median(seconds), statistics.median(memory)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--small", action="store_true", help="a tenth of everything, to try the script")
    options = parser.parse_args()
    program = str(pathlib.Path(options.program).resolve())
    part = 10 if options.small else 1
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name)

        def report(title, folder, core=False):
            seconds, memory = timed(program, folder, options.repeat, core)
            size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6
            print(f"{title}: {size:.1f} MB, {seconds:.3f} s, {size / seconds:.0f} MB/s, {memory:.0f} MB of memory", flush=True)

        write_table(work / "seven.csv", 7, 571_000 // part)
        events(program, work / "seven.csv", work / "seven")
        report("4 M scalars in one event file, one core", work / "seven", core=True)
        write_table(work / "twenty.csv", 1, 50_000 // part)
        for run in range(20):
            events(program, work / "twenty.csv", work / "twenty" / f"run-{run}")
        report("20 runs of 50,000 points", work / "twenty")
        write_table(work / "short.csv", 2, 20)
        for run in range(1000 // part):
            folder = work / "many" / f"run-{run}"
            folder.mkdir(parents=True)
            (folder / "metrics.csv").write_bytes((work / "short.csv").read_bytes())
        report("1,000 runs of 40 points", work / "many")


if __name__ == "__main__":
    main()
