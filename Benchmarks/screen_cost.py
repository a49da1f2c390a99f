"""What the dashboard costs: its share of a run's CPU time, frames and bytes a second, a paused screen, and the speed of
the same run without it.

Runs the real program on a pseudo-terminal that is read at once, with the default settings, and adds up the CPU time of
every thread. The engine's own are those that work at the model: the busiest --threads of the engine's process. All
others, of both processes, are the screen's. Runs with and without the dashboard take turns, and medians are printed.

  python Benchmarks/screen_cost.py --data DIR [--pairs 3] [--seconds 20] [--size 120x40] [--sizes 80x24,120x40,200x60]
"""
import argparse
import fcntl
import json
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
FRAME = b"\x1b[?2026h"
STATUS_QUESTION, STATUS_ANSWER = b"\x1b[5n", b"\x1b[0n"


def arguments():
    parser = argparse.ArgumentParser(description="What the dashboard costs.")
    add = parser.add_argument
    add("--data", type=pathlib.Path, help="folder with train/{seq.in,seq.out,label}, such as SNIPS (default: the demo)")
    add("--pairs", type=int, default=3, help="runs with and without the dashboard, in turn")
    add("--seconds", type=float, default=20, help="measured seconds a run")
    add("--size", default="120x40", help="columns x rows of the pairs")
    add("--sizes", default="80x24,120x40,200x60", help="sizes to measure frames at")
    add("--threads", type=int, default=len(os.sched_getaffinity(0)))
    add("--program", type=pathlib.Path, default=ROOT / ".build" / "release" / "mtt-tui")
    add("--json", type=pathlib.Path, help="write every single measurement here")
    options = parser.parse_args()
    for size in [options.size] + options.sizes.split(","):
        if not re.fullmatch(r"\d+x\d+", size):
            parser.error(f"{size} is no size such as 120x40")
    if not options.program.exists():
        parser.error(f"{options.program} is missing; make build first")
    return options


def threads(process):
    """CPU seconds of each thread of a process, by id."""
    times = {}
    for folder in pathlib.Path(f"/proc/{process}/task").iterdir():
        try:
            times[folder.name] = int((folder / "schedstat").read_text().split()[0]) / 1e9
        except OSError:
            pass  # it ended meanwhile
    return times


def spent(before, after):
    return {name: seconds - before.get(name, 0) for name, seconds in after.items()}


def engine_of(process):
    """The process that trains for a dashboard: its child."""
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == process:
            return int(folder.name)
    return None


class Screen:
    """The program on a pseudo-terminal, in a folder of its own."""

    def __init__(self, options, size, dashboard=True):
        self.folder = tempfile.mkdtemp(prefix="mtt-screen-")
        columns, rows = map(int, size.split("x"))
        command = [str(options.program.resolve()), "--run-dir", self.folder + "/run", "--epochs", "100000"]
        command += ["--data", str(options.data.resolve())] if options.data else []
        command += [] if dashboard else ["--no-ui"]
        environment = {
            **{k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "TMUX")},
            "TERM": "xterm-256color", "COLORTERM": "truecolor", "LC_ALL": "C.UTF-8", "XDG_CONFIG_HOME": self.folder,
        }
        self.bytes = self.frames = 0
        self.tail = b""
        if dashboard:
            self.process, self.terminal = pty.fork()
            if self.process == 0:
                os.chdir(self.folder)
                os.execve(command[0], command, environment)
            self.resize(columns, rows)
            self.watched = [self.process]
        else:
            null = subprocess.DEVNULL
            self.child = subprocess.Popen(
                command, cwd=self.folder, env=environment, stdin=null, stdout=null, stderr=null)
            self.process, self.terminal = self.child.pid, None
            self.watched = [self.process]

    def resize(self, columns, rows):
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def drain(self, seconds):
        """Reads what the program draws as soon as it is there; asked whether it has shown a frame, the terminal answers."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if self.terminal is None:
                time.sleep(left)
                return
            if select.select([self.terminal], [], [], left)[0]:
                data = os.read(self.terminal, 1 << 16)
                if STATUS_QUESTION in self.tail[1 - len(STATUS_QUESTION):] + data:
                    os.write(self.terminal, STATUS_ANSWER)
                self.bytes += len(data)
                self.frames += (self.tail + data).count(FRAME)
                self.tail = data[-len(FRAME) + 1:]

    def wait_for_steps(self, seconds=60):
        end = time.monotonic() + seconds
        while self.step() < 20:
            if time.monotonic() > end:
                sys.exit(f"no step was trained in {seconds} s; see {self.folder}")
            self.drain(0.2)
        if self.terminal is not None:
            self.watched = [self.process, engine_of(self.process)]

    def step(self):
        """The newest step that the run has told."""
        try:
            lines = pathlib.Path(self.folder, "run", "metrics.jsonl").read_bytes()[-4000:].splitlines()
        except OSError:
            return 0
        found = re.findall(rb'"step":(\d+)', b"\n".join(lines))
        return int(found[-1]) if found else 0

    def measure(self, seconds, threads_of_engine):
        before = [threads(process) for process in self.watched]
        self.bytes = self.frames = 0
        step, start = self.step(), time.monotonic()
        self.drain(seconds)
        wall = time.monotonic() - start
        used = [spent(old, threads(process)) for old, process in zip(before, self.watched)]
        busy = sorted(used[-1].values(), reverse=True)
        total = sum(sum(times.values()) for times in used)
        return {
            "wall": wall, "total": total, "engine": sum(busy[:threads_of_engine]),
            "dashboard": sum(used[0].values()) if self.terminal is not None else 0,
            "rest": total - sum(busy[:threads_of_engine]), "frames": self.frames, "bytes": self.bytes,
            "steps": self.step() - step,
        }

    def type(self, text):
        os.write(self.terminal, text.encode())

    def close(self):
        for process in reversed(self.watched):
            try:
                os.kill(process, signal.SIGKILL)
            except OSError:
                pass
        if self.terminal is None:
            self.child.wait()
        else:
            os.close(self.terminal)
            os.waitpid(self.process, 0)
        shutil.rmtree(self.folder, ignore_errors=True)


def main():
    options = arguments()
    measurements = {"pairs": [], "sizes": {}}
    for pair in range(options.pairs):
        figures = {}
        for name, dashboard in [("with", True), ("without", False)][:: 1 if pair % 2 == 0 else -1]:
            screen = Screen(options, options.size, dashboard)
            try:
                screen.wait_for_steps()
                screen.drain(2)
                figures[name] = screen.measure(options.seconds, options.threads)
            finally:
                screen.close()
        measurements["pairs"].append(figures)
        print(f"pair {pair + 1} done", file=sys.stderr)

    with_screen = [pair["with"] for pair in measurements["pairs"]]
    share = statistics.median((m["rest"] / m["total"] for m in with_screen))
    own = statistics.median((m["dashboard"] / m["total"] for m in with_screen))
    rates = [
        (p["with"]["steps"] / p["with"]["total"]) / (p["without"]["steps"] / p["without"]["total"])
        for p in measurements["pairs"]
    ]
    speeds = [
        (p["with"]["steps"] / p["with"]["wall"]) / (p["without"]["steps"] / p["without"]["wall"])
        for p in measurements["pairs"]
    ]
    print(f"{options.size}, {options.threads} threads, medians of {options.pairs} pairs of {options.seconds:g} s:")
    print(f"  screen's share of all CPU time      {100 * share:.2f} %  (the dashboard's process {100 * own:.2f} %)")
    spent_on_screen = statistics.median((m["rest"] / m["wall"] for m in with_screen))
    busy = statistics.median((m["engine"] / m["wall"] / options.threads for m in with_screen))
    print(
        f"  screen's CPU time                   {1e3 * spent_on_screen:.1f} ms a second, "
        f"{100 * spent_on_screen / options.threads:.2f} % of {options.threads} cores; "
        f"the engine had {100 * busy:.0f} % of its own")
    print(f"  steps a CPU second, with / without  {statistics.median(rates):.4f}")
    print(f"  steps a second, with / without      {statistics.median(speeds):.4f}")

    screen = Screen(options, options.size)
    try:
        screen.wait_for_steps()
        for size in options.sizes.split(","):
            screen.resize(*map(int, size.split("x")))
            screen.drain(1)
            it = measurements["sizes"][size] = screen.measure(options.seconds / 2, options.threads)
            frames = max(1, it["frames"])
            print(
                f"  {size:8} {frames / it['wall']:5.1f} frames/s  {it['bytes'] / frames:6.0f} bytes/frame  "
                f"{1e6 * it['dashboard'] / frames:5.0f} µs CPU of the dashboard a frame")
        screen.type("\x1b[O")  # the window is not looked at
        screen.drain(1)
        unseen = measurements["unfocused"] = screen.measure(5, options.threads)
        print(
            f"  without the focus {unseen['frames'] / unseen['wall']:.1f} frames/s, "
            f"{1e3 * unseen['dashboard'] / unseen['wall']:.1f} ms CPU of the dashboard a second")
        screen.type("\x1b[Ip")
        screen.drain(9)  # a passing notice goes, and with it the clock that waits for it
        paused = measurements["paused"] = screen.measure(10, options.threads)
        print(
            f"  paused  {1e3 * paused['total'] / paused['wall']:.2f} ms CPU a second of both processes, "
            f"{paused['frames']} frames in {paused['wall']:.0f} s")
    finally:
        screen.close()
    if options.json:
        options.json.write_text(json.dumps(measurements, indent=1) + "\n")


if __name__ == "__main__":
    main()
