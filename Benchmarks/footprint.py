#!/usr/bin/env python3
"""What mtt-tui costs besides training: start-up, the screen, memory on ten million sentences.

    python3 Benchmarks/footprint.py start   --data DIR [--runs 10]      time to the first frame and to the first step
    python3 Benchmarks/footprint.py screen  --data DIR [--pairs 10]     CPU and wall time of the dashboard
    python3 Benchmarks/footprint.py memory  [--sentences 10000000]      peak memory on generated data

Needs a release build (make build) and nothing but Python's own library. The dashboard runs in a pseudo-terminal of
120 x 40 cells whose output is read at once. Prints medians with the lowest and the highest.
"""
import argparse, fcntl, os, pty, re, resource, select, shutil, signal, statistics, struct, subprocess, sys, tempfile, termios, time

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.path.join(HERE, '..', '.build', 'release', 'mtt-tui')
TICKS = os.sysconf('SC_CLK_TCK')


def spread(values, unit='', digits=2):
    return f'{statistics.median(values):.{digits}f}{unit} ({min(values):.{digits}f} to {max(values):.{digits}f})'


class Terminal:
    """The program in a pseudo-terminal of 120 x 40."""

    def __init__(self, arguments, folder):
        self.began = time.monotonic()
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.environ.update(TERM='xterm-256color', LINES='40', COLUMNS='120')
            os.execv(PROGRAM, [PROGRAM, *arguments])
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack('HHHH', 40, 120, 0, 0))
        self.bytes = 0

    def read(self, timeout):
        ready, _, _ = select.select([self.master], [], [], timeout)
        if not ready:
            return b''
        try:
            data = os.read(self.master, 1 << 16)
        except OSError:
            return None
        self.bytes += len(data)
        return data or None

    def until(self, pattern, limit=60):
        """Seconds from the start until the output holds `pattern`."""
        seen = b''
        while time.monotonic() - self.began < limit:
            data = self.read(0.5)
            if data is None:
                break
            seen += data
            if re.search(pattern, seen):
                return time.monotonic() - self.began
        sys.exit(f'the screen never showed {pattern!r}')

    def send(self, keys):
        os.write(self.master, keys)

    def kill_all(self):
        for pid in family(self.pid):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        try:
            os.waitpid(self.pid, 0)
        except ChildProcessError:
            pass
        os.close(self.master)


def family(root):
    """A process and those that it started, wherever they hang by now: found by the folder they run in."""
    home = os.readlink(f'/proc/{root}/cwd')
    found = []
    for name in filter(str.isdigit, os.listdir('/proc')):
        try:
            if os.readlink(f'/proc/{name}/cwd') == home and 'mtt-tui' in os.readlink(f'/proc/{name}/exe'):
                found.append(int(name))
        except OSError:
            pass
    return found


def threads(pid):
    """CPU seconds of each thread of a process, by its name."""
    total = {}
    try:
        for task in os.listdir(f'/proc/{pid}/task'):
            fields = open(f'/proc/{pid}/task/{task}/stat').read()
            name = fields[fields.index('(') + 1:fields.rindex(')')]
            rest = fields[fields.rindex(')') + 2:].split()
            total[(task, name)] = (int(rest[11]) + int(rest[12])) / TICKS
    except OSError:
        pass
    return total


def start(a):
    frames, steps = [], []
    for _ in range(a.runs):
        with tempfile.TemporaryDirectory() as folder:
            terminal = Terminal(['--run-dir', 'run'], folder)
            frames.append(1e3 * terminal.until(rb'mtt-tui'))
            terminal.kill_all()
        with tempfile.TemporaryDirectory() as folder:
            terminal = Terminal(['--run-dir', 'run', '--data', a.data], folder)
            steps.append(1e3 * terminal.until(rb'[1-9][0-9]*/[1-9][0-9]{2}'))
            terminal.kill_all()
    print(f'first frame, demo corpus:      {spread(frames, " ms", 0)}')
    print(f'first step shown, {os.path.basename(a.data)}: {spread(steps, " ms", 0)}')


def screen(a):
    shares, ratios, rates = [], [], []
    options = ['--data', a.data, '--epochs', '2', '--seed', '1']
    for pair in range(a.pairs):
        with tempfile.TemporaryDirectory() as folder:
            began = time.monotonic()
            subprocess.run([PROGRAM, '--no-ui', '--run-dir', 'plain', *options], cwd=folder, check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            plain = time.monotonic() - began
            terminal = Terminal(['--run-dir', 'shown', *options], folder)
            use, wall = {}, None
            tail = b''
            while wall is None:
                data = terminal.read(0.1)
                if data is None:
                    sys.exit('the dashboard ended by itself')
                tail = (tail + data)[-20_000:]
                for pid in family(terminal.pid):
                    use.setdefault(pid, {}).update(threads(pid))
                if b'finished' in tail:
                    wall = time.monotonic() - terminal.began
            # The two busiest threads of the busiest process train; all the others show.
            engine = max(use.values(), key=lambda t: sum(t.values()))
            everything = sum(sum(t.values()) for t in use.values())
            busiest = sorted(engine.values(), reverse=True)[:a.threads]
            shares.append(100 * (everything - sum(busiest)) / everything)
            ratios.append(wall / plain)
            rates.append(terminal.bytes / wall / 1000)
            terminal.kill_all()
    print(f'CPU of threads that do not train: {spread(shares, " %")} of all')
    print(f'wall time with dashboard / --no-ui: {spread(ratios, "", 3)}')
    print(f'output: {spread(rates, " kB/s", 1)}')


def memory(a):
    import random
    folder = tempfile.mkdtemp()
    try:
        random.seed(1)
        words = [''.join(random.choice('abcdefghijklmnopqrstuvwxyz') for _ in range(random.randint(2, 9)))
                 for _ in range(30_000)]
        lines = []
        for _ in range(20_000):
            row = [random.choice(words) for _ in range(random.randint(4, 14))]
            tags = ['B-thing' if random.random() < 0.2 else 'O' for _ in row]
            lines.append((' '.join(row) + '\n', ' '.join(tags) + '\n', random.choice('ABCD') + '\n', len(row)))
        os.makedirs(f'{folder}/train')
        count = tokens = 0
        with open(f'{folder}/train/seq.in', 'w') as x, open(f'{folder}/train/seq.out', 'w') as y, \
                open(f'{folder}/train/label', 'w') as c:
            while count < a.sentences:
                for row, tags, label, length in lines[:a.sentences - count]:
                    x.write(row), y.write(tags), c.write(label)
                    tokens += length + 2
                count += len(lines[:a.sentences - count]) or len(lines)
        size = sum(os.path.getsize(f'{folder}/train/{f}') for f in os.listdir(f'{folder}/train'))
        out = f'{folder}/run'
        process = subprocess.Popen([PROGRAM, '--no-ui', '--data', folder, '--run-dir', out, '--epochs', '1',
                                    '--log-format', 'json'], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=folder)
        began = time.monotonic()
        loaded = None
        for line in process.stdout:
            if b'"running"' in line:
                loaded = time.monotonic() - began
                break
        time.sleep(a.seconds)
        status = open(f'/proc/{process.pid}/status').read()
        now, peak = (int(re.search(rf'{key}:\s+(\d+)', status)[1]) / 1024 for key in ('VmRSS', 'VmHWM'))
        process.send_signal(signal.SIGINT)
        process.wait()
        print(f'{a.sentences:,} sentences, {tokens:,} tokens, {size / 1e6:.0f} MB of text: read in {loaded:.1f} s')
        print(f'memory while training {now:.0f} MB, at most {peak:.0f} MB: {now * 1048576 / tokens:.1f} bytes a token')
    finally:
        shutil.rmtree(folder)


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument('what', choices=['start', 'screen', 'memory'])
parser.add_argument('--data')
parser.add_argument('--runs', type=int, default=10)
parser.add_argument('--pairs', type=int, default=10)
parser.add_argument('--threads', type=int, default=os.cpu_count())
parser.add_argument('--sentences', type=int, default=10_000_000)
parser.add_argument('--seconds', type=float, default=10, help='how long to train before memory is read')
arguments = parser.parse_args()
if arguments.what != 'memory':
    if not arguments.data:
        parser.error('--data is needed')
    arguments.data = os.path.abspath(arguments.data)
dict(start=start, screen=screen, memory=memory)[arguments.what](arguments)
