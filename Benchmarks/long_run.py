#!/usr/bin/env python3
"""What a very long run costs: the memory of its process, its files, and how soon any dashboard of it is right.

    python3 Benchmarks/long_run.py [--steps 10000000] [--live-steps 1000000] [--dashboards 100]

A run without a model goes through the real recorder and the real server (Benchmarks/RecordedRun); the dashboards are the
program's own, each in a terminal that drains at once. Needs Python's standard library, and builds what it measures.
"""
import argparse, fcntl, json, os, pathlib, pty, re, select, shutil, signal, statistics, struct, subprocess, sys, tempfile, termios
import time

END_OF_FRAME = b"\x1b[?2026l"
ROOT = pathlib.Path(__file__).resolve().parent.parent


def arguments():
    parser = argparse.ArgumentParser(description="The cost of very long runs.")
    parser.add_argument("--steps", type=int, default=10_000_000)
    parser.add_argument("--live-steps", type=int, default=1_000_000)
    parser.add_argument("--dashboards", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--program", default=str(ROOT / ".build/release/mtt-tui"))
    parser.add_argument("--recorder", default=str(ROOT / ".build/release/recorded-run"))
    return parser.parse_args()


def resident(process):
    for line in open(f"/proc/{process}/status"):
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1000
    return 0


class Dashboard:
    """The program in a terminal of its own; what is on it is told from what came, without the colours."""

    def __init__(self, command, folder):
        self.start = time.monotonic()
        environment = dict(os.environ, TERM="xterm-256color", XDG_CONFIG_HOME=str(folder / "config"))
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 160, 0, 0))
            os.execve(command[0], command, environment)
        self.seen = b""

    def until(self, pattern, seconds=60):
        """Seconds since the start until the terminal has shown something; None if it never did."""
        while time.monotonic() < self.start + seconds:
            if select.select([self.terminal], [], [], 0.001)[0]:
                try:
                    self.seen += os.read(self.terminal, 1 << 16)
                except OSError:
                    return None
                if re.search(pattern, re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", self.seen)):
                    return time.monotonic() - self.start
        return None

    def end(self, keys=b"q"):
        with_suppressed(lambda: os.write(self.terminal, keys))
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            if select.select([self.terminal], [], [], 0.05)[0]:
                try:
                    if not os.read(self.terminal, 1 << 16):
                        break
                except OSError:
                    break
        with_suppressed(lambda: os.kill(self.process, signal.SIGKILL))
        os.waitpid(self.process, 0)
        os.close(self.terminal)


def with_suppressed(body):
    try:
        body()
    except OSError:
        pass


def processor_time(process):
    """Seconds that all threads of a process have worked, those that have ended among them."""
    return time.clock_gettime((~process << 3) | 2)  # what clock_getcpuclockid(3) gives for it


def key_frames(dashboard, count=40):
    """Processor seconds from a key that moves the cursor to the frame that shows it, each."""
    seconds = []
    for number in range(count):
        while select.select([dashboard.terminal], [], [], 0.1)[0]:
            os.read(dashboard.terminal, 1 << 16)
        start, seen = processor_time(dashboard.process), b""
        os.write(dashboard.terminal, b"\x1b[D" if number // 20 % 2 == 0 else b"\x1b[C")
        while END_OF_FRAME not in seen and select.select([dashboard.terminal], [], [], 2)[0]:
            seen += os.read(dashboard.terminal, 1 << 16)
        time.sleep(0.01)
        seconds.append(processor_time(dashboard.process) - start)
    return seconds


def median(values):
    return statistics.median(values) if all(value is not None for value in values) else float("nan")


def stored(options, folder):
    run = folder / "long"
    start = time.monotonic()
    print(subprocess.run([options.recorder, run, str(options.steps)], check=True, capture_output=True, text=True).stdout.strip())
    print(f"{options.steps:,} steps recorded in {time.monotonic() - start:.0f} s")
    for name in sorted(os.listdir(run)):
        if (run / name).is_file():
            print(f"  {name}: {(run / name).stat().st_size / 1e6:.1f} MB")
    frames, curves, sizes, keys = [], [], [], []
    for _ in range(options.rounds):
        dashboard = Dashboard([options.program, "view", str(run)], folder)
        frames.append(dashboard.until(rb"help"))
        curves.append(dashboard.until(rb"finished"))
        sizes.append(resident(dashboard.process))
        keys += key_frames(dashboard)
        dashboard.end()
    print(f"view: first frame {1000 * median(frames):.0f} ms, complete curves {1000 * median(curves):.0f} ms, "
          f"resident {median(sizes):.0f} MB, a key's frame {1000 * median(keys):.1f} ms (medians of {options.rounds})")


def live(options, folder):
    run = folder / "live"
    seconds = 30 + options.dashboards * 1.5
    recorder = subprocess.Popen(
        [options.recorder, run, str(options.live_steps), "160", str(seconds)], stdout=subprocess.PIPE, text=True)
    for _ in range(2):
        line = recorder.stdout.readline().strip()
    print(line)
    times = []
    for _ in range(options.rounds):
        dashboard = Dashboard([options.program, "attach", str(run)], folder)
        # Once the past is there, the screen tells the newest step: a few more than there were.
        times.append(dashboard.until(f"{options.live_steps:,}"[:-6].encode() + rb"\d\d,\d{3}"))
        dashboard.end(keys=b"d")
    print(f"attach with {options.live_steps:,} steps behind it: {1000 * median(times):.0f} ms (median of {options.rounds})")
    came = 0
    for _ in range(options.dashboards):
        dashboard = Dashboard([options.program, "attach", str(run)], folder)
        came += dashboard.until(rb"running", seconds=20) is not None
        dashboard.end(keys=b"d")
    print(f"{came} of {options.dashboards} dashboards came and went; the run's process is at {resident(recorder.pid):.0f} MB")
    recorder.wait()
    compare(options, run, folder / "alone")


def compare(options, watched, alone):
    """Records as many steps again that nobody watches: the same lines must come of them, byte for byte."""
    steps = json.loads((watched / "outcome.json").read_text())["step"]
    subprocess.run([options.recorder, alone, str(steps)], check=True, capture_output=True)
    same = (watched / "metrics.jsonl").read_bytes() == (alone / "metrics.jsonl").read_bytes()
    print(f"{steps:,} steps with dashboards and without: metrics.jsonl is {'the same' if same else 'NOT the same'}")
    if not same:
        raise SystemExit(1)


def main():
    options = arguments()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="mtt-long-"))
    try:
        stored(options, folder)
        live(options, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
