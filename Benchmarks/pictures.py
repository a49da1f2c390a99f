"""Makes the README's pictures: the dashboard in the middle of a run, and five runs compared, each as the key e writes it.

  python Benchmarks/pictures.py --data corpora/snips [--runs DIR] [--program .build/release/mtt-tui] [--output .github]

--runs keeps the compared runs in a folder; those that have ended there already are not trained again.
"""
import argparse
import fcntl
import os
import pathlib
import pty
import re
import select
import shutil
import struct
import subprocess
import tempfile
import termios
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
RUNS = {
    "snips-s1": ["--seed", "1"],
    "snips-s2": ["--seed", "2"],
    "snips-s3": ["--seed", "3"],
    "snips-slow-s1": ["--seed", "1", "--learning-rate", "0.0003"],
    "snips-narrow-s1": ["--seed", "1", "--hidden", "64"],
}
LEFT = b"\x1b[D"


class Screen:
    """The program in a terminal of 120 columns and some rows; what it draws is read and thrown away."""

    def __init__(self, command, folder, rows):
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            os.chdir(folder)
            os.environ.update(TERM="xterm-256color", COLORTERM="truecolor", XDG_CACHE_HOME=str(folder / "cache"),
                              XDG_CONFIG_HOME=str(folder / "config"))
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, 120, 0, 0))
            os.execv(command[0], command)

    def drain(self, seconds, until=None):
        """Reads for so many seconds, or until something is drawn."""
        deadline, seen = time.monotonic() + seconds, b""
        while time.monotonic() < deadline:
            if not select.select([self.terminal], [], [], 0.1)[0]:
                continue
            try:
                seen = (seen + os.read(self.terminal, 1 << 16))[-100_000:]
            except OSError:
                return False
            if until and re.search(until, re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", seen)):
                return True
        return until is None

    def press(self, *keys):
        for key in keys:
            os.write(self.terminal, key)
            self.drain(1)

    def end(self, *keys):
        self.press(*keys)
        self.drain(60)
        os.waitpid(self.process, 0)


def dashboard(program, data, work, epoch):
    screen = Screen([program, "--data", data, "--run-dir", "run", "--epochs", "12"], work, 40)
    if not screen.drain(1800, until=rb"epoch %d: loss" % epoch):
        raise SystemExit(f"epoch {epoch} never came")
    screen.drain(3)
    screen.press(b"e")
    pictures = list((work / "run" / "exports").glob("view-*.svg"))
    screen.end(b":stop now\r")
    return pictures[0]


def comparison(program, data, runs, epochs, work):
    for run, different in RUNS.items():
        if (runs / run / "outcome.json").exists():
            continue
        started = time.perf_counter()
        command = [program, "train", "--no-ui", "--data", data, "--epochs", str(epochs), "--run-dir", str(runs / run)]
        subprocess.run(command + different, check=True, capture_output=True)
        print(f"{run}: {time.perf_counter() - started:.0f} s", flush=True)
    screen = Screen([program, "view", str(runs)], work, 36)
    screen.drain(120, until=rb"finished")
    screen.drain(5)
    # The second run is the baseline; entity F1, read out near the end.
    screen.press(b"j", b"b", b"n", *[LEFT] * 8, b"e")
    screen.end(b"q")
    return work / "mtt-tui-comparison" / "comparison.svg"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--runs", type=pathlib.Path)
    parser.add_argument("--output", type=pathlib.Path, default=ROOT / ".github")
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / ".build" / "release" / "mtt-tui")
    parser.add_argument("--only", choices=["dashboard", "comparison"])
    options = parser.parse_args()
    program, data = str(options.program.resolve()), str(options.data.resolve())
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name)
        if options.only != "dashboard":
            runs = (options.runs or work / "runs").resolve()
            shutil.copy(comparison(program, data, runs, options.epochs, work), options.output / "comparison.svg")
        if options.only != "comparison":
            shutil.copy(dashboard(program, data, work, epoch=7), options.output / "dashboard.svg")


if __name__ == "__main__":
    main()
