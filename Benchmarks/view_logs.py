"""What the comparison's screen takes: the first frame with 1,000 runs, the processor's time for each key's frame with 100
curves and how long it takes to be on the screen, a written line's way to the screen.

Makes its own logs and runs the real program on a pseudo-terminal that is read at once.

  python Benchmarks/view_logs.py [.build/release/mtt-tui] [--frames 300] [--lines 100]
"""
import argparse
import fcntl
import math
import os
import pathlib
import pty
import select
import statistics
import struct
import tempfile
import termios
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
END_OF_FRAME = b"\x1b[?2026l"
STATUS_QUESTION, STATUS_ANSWER = b"\x1b[5n", b"\x1b[0n"
LEFT, RIGHT = b"\x1b[D", b"\x1b[C"
# What is pressed in turn; each round ends where it began.
KEYS = {
    "the cursor": [LEFT] * 40 + [RIGHT] * 40,
    "another run": [b"j"] * 20 + [b"k"] * 20,
    "a run marked or not": [b" ", b" "],
    "linear or logarithmic": [b"l"],
    "smoothing": [b"]"] * 5 + [b"["] * 5,
    "zoom": [b"+"] * 8 + [b","] * 4 + [b"."] * 4 + [b"-"] * 8,
    "the axis": [b"x"],
    "the table's order": [b"s"],
    "the other page": [b"\t"],
}


class Screen:
    """The program in a terminal of a size; all that it draws is taken at once."""

    def __init__(self, program, arguments, columns, rows, cache):
        self.began = time.perf_counter()
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            os.environ.update(TERM="xterm-256color", COLORTERM="truecolor", XDG_CACHE_HOME=str(cache))
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            os.execv(program, [program, *arguments])

    def read(self):
        """What has come; asked whether it has shown a frame, the terminal answers as a real one does."""
        seen = os.read(self.terminal, 1 << 16)
        if STATUS_QUESTION in seen:
            os.write(self.terminal, STATUS_ANSWER)
        return seen

    def wait(self, *wanted, seconds=30):
        """Reads until one of some bytes has come; returns everything read."""
        seen, deadline = b"", time.perf_counter() + seconds
        while not any(text in seen for text in wanted):
            if not select.select([self.terminal], [], [], max(0, deadline - time.perf_counter()))[0]:
                raise SystemExit(f"the screen never showed {wanted}")
            seen += self.read()
        return seen

    def settle(self, seconds=1.5):
        """Reads until nothing comes for a while."""
        while select.select([self.terminal], [], [], seconds)[0]:
            self.read()

    def press(self, keys):
        os.write(self.terminal, keys)

    def frame(self, keys):
        """Seconds that all threads have worked from a key to its frame, and seconds that passed."""
        # The screen's pace is no part of a frame: the one before is long done.
        self.settle(0.04)
        worked, start = self.processor_time(), time.perf_counter()
        self.press(keys)
        self.wait(END_OF_FRAME)
        return self.processor_time() - worked, time.perf_counter() - start

    def processor_time(self):
        """Seconds that all threads have worked, those that have ended among them."""
        return time.clock_gettime((~self.process << 3) | 2)  # what clock_getcpuclockid(3) gives for it

    def memory(self):
        """Most megabytes that it had."""
        lines = pathlib.Path(f"/proc/{self.process}/status").read_text().splitlines()
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))

    def leave(self):
        self.press(b"q")
        while True:
            try:
                if not os.read(self.terminal, 1 << 16):
                    break
            except OSError:
                break
        os.waitpid(self.process, 0)
        os.close(self.terminal)


def table(path, steps, phase=0.0):
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = (f"{step},{math.sin(step / 900 + phase) + step % 7 / 20:.5f}\n" for step in range(steps))
    path.write_text("step,loss\n" + "".join(rows))


def report(what, seconds, asked):
    ordered = sorted(second * 1000 for second in seconds)
    share = ordered[min(len(ordered) - 1, math.ceil(len(ordered) * 0.99) - 1)]
    print(f"{what}: median {statistics.median(ordered):.1f} ms, 99 % within {share:.1f} ms (asked: {asked} ms), "
          f"{len(ordered)} times", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program", nargs="?", type=pathlib.Path, default=ROOT / ".build" / "release" / "mtt-tui")
    parser.add_argument("--starts", type=int, default=5)
    parser.add_argument("--frames", type=int, default=300)
    parser.add_argument("--lines", type=int, default=100)
    options = parser.parse_args()
    program = str(options.program.resolve())
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name)
        cache = work / "cache"

        table(work / "short.csv", 20)
        for run in range(1000):
            folder = work / "many" / f"run-{run}"
            folder.mkdir(parents=True)
            (folder / "metrics.csv").write_bytes((work / "short.csv").read_bytes())
        starts = []
        for _ in range(options.starts):
            screen = Screen(program, ["view", str(work / "many")], 120, 40, cache)
            screen.wait(b"1000 runs")
            starts.append(time.perf_counter() - screen.began)
            screen.leave()
        report("first frame with 1,000 runs", starts, 100)

        for run in range(100):
            table(work / "curves" / f"run-{run:02}" / "metrics.csv", 20_000, phase=run / 10)
        screen = Screen(program, ["view", str(work / "curves")], 200, 60, cache)
        screen.wait(b"100 runs")
        screen.settle()
        for _ in range(100):
            screen.press(b" ")
            screen.wait(END_OF_FRAME)
        screen.settle()
        print(f"memory with 100 curves: {screen.memory():.0f} MB (asked: {40 + 100 * 0.131:.0f} MB)", flush=True)
        for what, keys in KEYS.items():
            frames = [screen.frame(keys[number % len(keys)]) for number in range(options.frames)]
            # Zooming has the logs read again, beside the frames.
            if what != "zoom":
                report(f"100 curves at 200x60, {what}, work", [work for work, _ in frames], 5)
            report(f"100 curves at 200x60, {what}, key to screen", [passed for _, passed in frames], 16)
        screen.leave()

        table(work / "live" / "metrics.csv", 1000)
        screen = Screen(program, ["view", str(work / "live")], 120, 40, cache)
        screen.wait(b"1 run")
        screen.settle()
        ways = []
        with open(work / "live" / "metrics.csv", "a") as file:
            for number in range(options.lines):
                # Every digit is another one than before: the whole number is drawn.
                digit = number % 2
                step = int(f"{2 + number}" + ("373" if digit else "828"))
                file.write(f"{step},0.5\n")
                start = time.perf_counter()
                file.flush()
                screen.wait(b"373" if digit else b"828")
                ways.append(time.perf_counter() - start)
                time.sleep(0.05 + number % 7 / 50)
        report("from a writer's flush to the screen", ways, 250)
        screen.leave()


if __name__ == "__main__":
    main()
