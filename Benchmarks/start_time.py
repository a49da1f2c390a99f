"""How soon a run shows itself: the dashboard's first frame, and the first training step on a data set.

Each run gets a terminal of its own that drains at once, and a fresh folder. The first frame is there when the header's
program name has come through the terminal; the first step when metrics.jsonl has a line for it.

  python Benchmarks/start_time.py [--data DIR] [--rounds 10] [--program PATH]
"""
import argparse
import fcntl
import os
import pathlib
import pty
import select
import shutil
import signal
import statistics
import struct
import tempfile
import termios
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent


def arguments():
    parser = argparse.ArgumentParser(description="Seconds from process start to the first frame and to the first step.")
    parser.add_argument("--data", help="folder to train on (default: the demo corpus)")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--program", default=str(ROOT / ".build/release/mtt-tui"))
    return parser.parse_args()


def has_step(metrics):
    try:
        return b'"type":"step' in metrics.read_bytes()
    except FileNotFoundError:
        return False


def measure(options, folder):
    """Seconds to the first frame and to the first step of one run, which is ended then."""
    run = folder / "run"
    command = [options.program, "--run-dir", str(run), "--epochs", "1000"]
    if options.data:
        command += ["--data", options.data]
    environment = dict(os.environ, TERM="xterm-256color", XDG_CONFIG_HOME=str(folder / "config"))
    start = time.monotonic()
    process, terminal = pty.fork()
    if process == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        os.execve(command[0], command, environment)
    frame = step = None
    seen = b""
    deadline = start + 60
    while (frame is None or step is None) and time.monotonic() < deadline:
        if select.select([terminal], [], [], 0.001)[0]:
            seen = (seen + os.read(terminal, 1 << 16))[-(1 << 16):]
            # The bottom line comes last; it names the key for help.
            if frame is None and b"help" in seen:
                frame = time.monotonic() - start
        if step is None and has_step(run / "metrics.jsonl"):
            step = time.monotonic() - start
    os.kill(process, signal.SIGTERM)
    while True:
        try:
            if not os.read(terminal, 1 << 16):
                break
        except OSError:
            break
    os.waitpid(process, 0)
    os.close(terminal)
    if frame is None or step is None:
        raise SystemExit(f"nothing came within a minute; the terminal's last bytes: {seen[-400:]!r}")
    return frame, step


def main():
    options = arguments()
    frames, steps = [], []
    for _ in range(options.rounds):
        folder = pathlib.Path(tempfile.mkdtemp())
        try:
            frame, step = measure(options, folder)
        finally:
            shutil.rmtree(folder)
        frames.append(frame)
        steps.append(step)
    for name, values in (("first frame", frames), ("first step", steps)):
        print(f"{name}: median {1e3 * statistics.median(values):.0f} ms, "
              f"{1e3 * min(values):.0f} to {1e3 * max(values):.0f} ms over {len(values)} runs")


main()
