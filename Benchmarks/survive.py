#!/usr/bin/env python3
"""What a run survives: kills it, takes its disk, folder, clock and clients away, and looks whether anything is lost.

    python3 Benchmarks/survive.py kill --count 200     kill -9 at random moments, resume, compare byte for byte
    python3 Benchmarks/survive.py faults               full disk, read-only or deleted folder, clock set back, ...
    python3 Benchmarks/survive.py attach --count 100   clients that come and go under full speed, and what they cost
    python3 Benchmarks/survive.py stall                how long training stands still for a checkpoint
    python3 Benchmarks/survive.py signals --count 20   how long SIGTERM and SIGINT wait for an answer

Needs Python's standard library and the release build. `faults` needs the right to mount (root) for some of its rows and
libfaketime (package faketime) for one. The exit code is 1 if anything was lost.
"""
import argparse, contextlib, json, os, pty, random, re, resource, select, shutil, signal, socket, struct, subprocess
import sys, tempfile, threading, time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CODES = {"term": 128 + signal.SIGTERM, "int": 128 + signal.SIGINT}
# The demo corpus on models so small that much happens in a second; one share, so that threads may change.
SHAPE = ["--heads", "2", "--layers", "1", "--shares", "2", "--seed", "3"]
FAST = SHAPE + ["--hidden", "16", "--intermediate", "16", "--epochs", "4", "--checkpoint-every", "1"]
PLAIN = SHAPE + ["--hidden", "64", "--intermediate", "128", "--epochs", "3", "--checkpoint-every", "7"]


def say(text):
    print(text, flush=True)


# What a folder holds


def checksum_table():
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return table


TABLE = checksum_table()


def crc32c(data):
    value = 0xFFFFFFFF
    for byte in data:
        value = TABLE[(value ^ byte) & 255] ^ value >> 8
    return value ^ 0xFFFFFFFF


def read(path):
    with open(path, "rb") as file:
        return file.read()


class Folder:
    """A run's folder, looked at from outside."""

    def __init__(self, path):
        self.path = path
        self.whole = set()  # checkpoints found whole, by inode: they never change

    def steps(self):
        with contextlib.suppress(FileNotFoundError):
            names = os.listdir(f"{self.path}/checkpoints")
            return sorted(int(name[5:]) for name in names if re.fullmatch(r"step-\d+", name))
        return []

    def faults(self):
        """What is wrong with its checkpoints, as a list of sentences. The run may not be live."""
        found = []
        for step in self.steps():
            folder = f"{self.path}/checkpoints/step-{step:07}"
            key = os.stat(folder).st_ino
            if key in self.whole:
                continue
            try:
                manifest = json.loads(read(f"{folder}/manifest.json"))
                assert manifest["step"] == step, "its manifest is of another step"
                for file in manifest["files"]:
                    data = read(f"{folder}/{file['name']}")
                    assert len(data) == file["bytes"], f"{file['name']} has another size"
                    assert f"{crc32c(data):08x}" == file["crc32c"], f"{file['name']} has another checksum"
                self.whole.add(key)
            except (OSError, ValueError, KeyError, AssertionError) as error:
                found.append(f"step {step}: {error}")
        return found

    def final(self):
        """Weights, optimizer and metric lines without their times."""
        last = f"{self.path}/checkpoints/last"
        lines = []
        for line in read(f"{self.path}/metrics.jsonl").splitlines():
            value = json.loads(line)
            for name in ("seconds", "elapsed"):
                value.pop(name, None)
            lines.append(value)
        return read(f"{last}/model.safetensors"), read(f"{last}/optimizer.safetensors"), lines

    def differences(self, other):
        names = ("weights", "optimizer", "metrics")
        return [name for name, mine, theirs in zip(names, self.final(), other) if mine != theirs]


class Bench:
    """Starts the program in a folder of its own."""

    def __init__(self, options):
        self.program = os.path.abspath(options.program)
        if not os.access(self.program, os.X_OK):
            sys.exit(f"{self.program}: there is no such program; make build, or name one with --program")
        self.random = random.Random(options.seed)
        self.place = tempfile.mkdtemp(prefix="mtt-survive-", dir=options.place)
        self.children = []
        self.mounts = []

    def start(self, arguments, environment=None, **more):
        # By way of env: a preloaded library that changes the environment as a program starts hides the program's arguments
        # from Swift; env is started with it first, and leaves it nothing to change.
        return self.spawn(["env", self.program, *arguments], environment, **more)

    def spawn(self, command, environment=None, **more):
        path = f"{self.place}/errors-{len(self.children)}.txt"
        with open(path, "wb") as errors:
            child = subprocess.Popen(
                command, cwd=self.place, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors,
                env={**os.environ, "SWIFT_BACKTRACE": "enable=no", **(environment or {})}, **more)
        child.errors = path
        self.children.append(child)
        return child

    def train(self, folder, arguments, **more):
        return self.start(["--no-ui", "--run-dir", folder, *arguments], **more)

    def resume(self, folder, *arguments, **more):
        return self.start(["--no-ui", "--resume", folder, *arguments], **more)

    def words(self, child):
        """What a child has written to standard error."""
        return read(child.errors).decode(errors="replace")

    def runs(self, folder="."):
        return subprocess.run([self.program, "runs", folder], cwd=self.place, capture_output=True, text=True).stdout

    def reference(self, name, arguments):
        """A run that nobody disturbs: its folder, and the seconds it took."""
        start = time.monotonic()
        child = self.train(name, arguments)
        if child.wait() != 0:
            sys.exit(f"the undisturbed run failed: {self.words(child)}")
        return Folder(f"{self.place}/{name}"), time.monotonic() - start

    def until(self, what, condition, seconds=60):
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise Lost(f"it never happened that {what}")
            time.sleep(0.002)

    def close(self):
        for child in self.children:
            if child.poll() is None:
                child.kill()
                child.wait()
        for path in self.mounts:
            subprocess.run(["umount", "-l", path], capture_output=True)
        shutil.rmtree(self.place, ignore_errors=True)


class Lost(Exception):
    """Something did not survive."""


def writing(folder):
    """Whether a checkpoint is being written into a folder now."""
    with contextlib.suppress(OSError):
        return any(name.startswith(".tmp-step") for name in os.listdir(f"{folder.path}/checkpoints"))
    return False


# kill


def kill(bench, options):
    kinds = {"fast": FAST, "plain": PLAIN}
    references = {kind: bench.reference(f"whole-{kind}", arguments) for kind, arguments in kinds.items()}
    finals = {kind: folder.final() for kind, (folder, _) in references.items()}
    for kind, (folder, seconds) in references.items():
        say(f"undisturbed {kind} run: {len(finals[kind][2])} metric lines, {seconds:.1f} s")
    counts = dict.fromkeys(
        ("kills", "while loading", "while writing a checkpoint", "at any other moment", "before the run began",
         "resumes", "runs", "runs lost", "unreadable folders", "final differences"), 0)
    problems = []
    number = 0
    while counts["kills"] < options.count or number == 0:
        kind = ("fast", "plain")[number % 2]
        folder = Folder(f"{bench.place}/{kind}-{number}")
        number += 1
        counts["runs"] += 1
        ended = False
        while not ended:
            before = folder.steps()
            if os.path.exists(f"{folder.path}/run.json"):
                counts["resumes"] += 1
                threads = str(bench.random.choice([1, 2]))
                child = bench.resume(folder.path, "--threads", threads)
            else:
                child = bench.train(folder.path, [*kinds[kind], "--threads", "1"])
            if counts["kills"] < options.count:
                strike(bench, child, folder, references[kind][1], counts)
            code = child.wait()
            ended = code == 0
            if code not in (0, -signal.SIGKILL):
                counts["runs lost"] += 1
                problems.append(f"{folder.path}: exit code {code}: {bench.words(child)[-400:]}")
                break
            faults = folder.faults()
            newest = max(folder.steps(), default=-1)
            if faults or newest < max(before, default=-1):
                counts["unreadable folders"] += 1
                problems += [f"{folder.path}: {fault}" for fault in faults] or [f"{folder.path}: {before} before"]
            if os.path.exists(f"{folder.path}/run.json") and os.path.basename(folder.path) not in bench.runs():
                counts["unreadable folders"] += 1
                problems.append(f"{folder.path}: not listed by 'runs'")
        if ended:
            different = folder.differences(finals[kind])
            if different:
                counts["final differences"] += 1
                problems.append(f"{folder.path}: differs in {', '.join(different)}")
        shutil.rmtree(folder.path, ignore_errors=not problems)
    for name, count in counts.items():
        say(f"{name:28} {count:6}")
    for problem in problems:
        say(problem)
    return not problems


def strike(bench, child, folder, seconds, counts):
    """Kills a child at a random moment, if it lives so long."""
    moment = bench.random.choice(["loading", "writing", "any", "any"])
    seconds = min(seconds, 2.5)  # a slow machine's run is killed more often, not later
    if moment == "loading":
        name = "while loading"
        time.sleep(bench.random.uniform(0, 0.1))
    elif moment == "writing":
        name = "while writing a checkpoint"
        deadline = time.monotonic() + seconds * 2
        time.sleep(bench.random.uniform(0, seconds / 2))
        while child.poll() is None and not writing(folder) and time.monotonic() < deadline:
            pass
        time.sleep(bench.random.choice([0, 0, bench.random.uniform(0, 0.004)]))
    else:
        name = "at any other moment"
        time.sleep(bench.random.uniform(0, seconds))
    if child.poll() is not None:
        return
    child.kill()
    child.wait()
    counts["kills"] += 1
    counts[name] += 1
    if not os.path.exists(f"{folder.path}/run.json"):
        counts["before the run began"] += 1


# attach


class Client(threading.Thread):
    """Follows a run over its socket from its first event on and keeps the bytes."""

    # "MTTRUN", CR, LF, the version, 4 bytes of 0, the program's version in 16 bytes.
    HELLO = b"MTTRUN\r\n" + struct.pack("<II", 1, 0) + b"survive".ljust(16, b"\0")

    def __init__(self, path, seconds=None):
        super().__init__()
        self.data = bytearray()
        self.seconds = seconds
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        text = b'{"follow":{"after":0}}'
        self.socket.sendall(self.HELLO + struct.pack("<IB", len(text) + 1, 1) + text)

    def run(self):
        deadline = time.monotonic() + (1e9 if self.seconds is None else self.seconds)
        while (left := deadline - time.monotonic()) > 0:
            if select.select([self.socket], [], [], min(left, 10))[0]:
                data = self.socket.recv(1 << 18)
                if not data:
                    break
                self.data += data
        self.socket.close()

    def frames(self):
        place = len(self.HELLO)
        while place + 5 <= len(self.data):
            length, kind = struct.unpack_from("<IB", self.data, place)
            if place + 4 + length > len(self.data):
                return
            yield kind, bytes(self.data[place + 5:place + 4 + length])
            place += 4 + length

    def events(self, log):
        """What it was given, by number: from the socket, or from the log where it was sent there."""
        for kind, payload in self.frames():
            if kind == 2:
                yield LogFile.number(payload), payload
            elif "past" in (message := json.loads(payload)):
                for number in range(1, message["past"]["through"] + 1):
                    yield number, log.events[number]


class LogFile:
    """A run's log: its events' frames by number."""

    HEADER = 36

    def __init__(self, path):
        data = read(path)
        assert data[:8] == b"MTTRUNLG", "it is no run's log"
        self.events, place = {}, 16
        while place + self.HEADER <= len(data):
            magic, kind, length, checksum = struct.unpack_from("<4sIII", data, place)
            frame = data[place:place + self.HEADER + length]
            assert magic == b"MTTF" and len(frame) == self.HEADER + length, f"no whole frame lies at byte {place}"
            assert crc32c(frame[:32]) == struct.unpack_from("<I", frame, 32)[0], f"the header at byte {place} is damaged"
            if kind < 3:
                self.events[self.number(frame)] = frame
            place += len(frame)

    @staticmethod
    def number(frame):
        return struct.unpack_from("<Q", frame, 16)[0]


def steps_in(frame):
    """The step numbers of an event's frame: behind the header a kind, a count, and for each step eleven whole numbers,
    seven bits a byte, and seven doubles."""
    if struct.unpack_from("<I", frame, 4)[0] != 2:
        return []
    place, found = LogFile.HEADER + 1, []

    def whole():
        nonlocal place
        value = shift = 0
        while True:
            byte = frame[place]
            place += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    for _ in range(whole()):
        found.append([whole() for _ in range(11)][0])
        place += 7 * 8
    return found


def attach(bench, options):
    arguments = [*PLAIN, "--epochs", str(options.epochs), "--checkpoint-every", "100", "--threads", "2"]

    def cpu(name, disturb):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        start = time.monotonic()
        child = bench.train(name, arguments)
        disturb(child)
        if child.wait() != 0:
            raise Lost(f"the run ended with {child.returncode}: {bench.words(child)[-400:]}")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return Folder(f"{bench.place}/{name}"), used, time.monotonic() - start

    gone, clients = [], []

    def come_and_go(child):
        path = f"{bench.place}/visited/socket"
        bench.until("the socket is there", lambda: os.path.exists(path))
        time.sleep(0.2)
        stays = Client(path)
        stays.start()
        for _ in range(options.count):
            if child.poll() is not None:
                raise Lost(f"the run was over after {len(gone)} clients: raise --epochs")
            client = Client(path, bench.random.uniform(0, 0.1))
            client.start()
            client.join()
            gone.append(client)
        last = Client(path)
        last.start()
        clients.extend([stays, last])
        for client in clients:
            client.join()

    whole, undisturbed, seconds = cpu("whole", lambda child: None)
    visited, disturbed, visited_seconds = cpu("visited", come_and_go)
    problems = [f"the visited run differs in {name}" for name in visited.differences(whole.final())]
    # What everybody is given is what the log has, from the first event on, without a gap.
    log = LogFile(f"{bench.place}/visited/run.log")
    for index, client in enumerate(clients + gone):
        given = list(client.events(log))
        if [number for number, _ in given] != list(range(1, len(given) + 1)):
            problems.append(f"client {index} was not given every event once and in order")
        if any(log.events.get(number) != frame for number, frame in given):
            problems.append(f"client {index} was given something else than the log has")
    if any(len(list(client.events(log))) != len(log.events) for client in clients):
        problems.append("one that stayed to the end was not given everything")
    numbers = [step for _, frame in clients[0].events(log) for step in steps_in(frame)]
    told = sum(line["type"] == "step" for line in visited.final()[2])
    if numbers != list(range(1, told + 1)):
        problems.append(f"{told} steps were trained, {len(numbers)} sent")
    rows = [
        ("clients that came and went", options.count), ("steps trained", told),
        ("steps the first and the last client got", len(numbers)),
        ("bytes sent", sum(len(client.data) for client in clients + gone)),
        ("seconds, undisturbed and visited", f"{seconds:.1f} and {visited_seconds:.1f}"),
        ("CPU seconds, undisturbed and visited", f"{undisturbed:.2f} and {disturbed:.2f}"),
        ("added CPU seconds", f"{disturbed - undisturbed:.2f}"), ("problems", len(problems))]
    for name, value in rows:
        say(f"{name:40} {value}")
    for problem in problems:
        say(problem)
    return not problems


# stall


def stall(bench, options):
    """A larger model that saves every few steps: the time between steps where a checkpoint begins, and elsewhere."""
    arguments = ["--hidden", str(options.hidden), "--layers", "4", "--heads", "4", "--epochs", "1", "--seed", "3",
                 "--checkpoint-every", "8", "--threads", "2"]
    folder, _ = bench.reference("run", arguments)
    steps = [json.loads(line) for line in read(f"{folder.path}/metrics.jsonl").splitlines()]
    steps = [step for step in steps if step["type"] == "step"]
    gaps = {step["step"]: (later["elapsed"] - later["seconds"] - step["elapsed"]) * 1000
            for step, later in zip(steps, steps[1:])}
    log = read(f"{folder.path}/log.txt").decode()
    written = re.findall(r"step-(\d+) \((\w+).*?\), (\d+) bytes in ([\d.]+) s", log)
    saved = [gaps[int(step)] for step, reason, _, _ in written if reason == "interval"]
    others = [gap for step, gap in gaps.items() if step not in {int(row[0]) for row in written}]
    lasted = [float(row[3]) * 1000 for row in written if row[1] == "interval"]
    if not saved:
        raise Lost("no checkpoint fell into the run")
    median = lambda values: sorted(values)[len(values) // 2]
    say(f"{'checkpoints':44} {len(saved)} of {int(written[0][2]) / 1e6:.1f} MB")
    say(f"{'from the copies to the disk, median and most':44} {median(lasted):.1f} ms, {max(lasted):.1f} ms")
    say(f"{'training stood still for one, median and most':44} {median(saved):.1f} ms, {max(saved):.1f} ms")
    say(f"{'between other steps, median':44} {median(others):.3f} ms")
    return True


# signals

def corpus(bench, name, sentences):
    """Sentences of a few words each, all of them different, in CoNLL's form."""
    with open(f"{bench.place}/{name}", "w") as file:
        for number in range(sentences):
            file.write(f"# intent: {('fly', 'ride', 'walk')[number % 3]}\nfrom O\ntown{number % 5000} B-town\n"
                       f"to O\nplace{number % 3000} B-place\nat O\n{number % 24} B-hour\n\n")


def signals(bench, options):
    """Each phase lasts long in a run made for it; signals strike at random moments of that phase."""
    corpus(bench, "small.conll", 64)
    corpus(bench, "large.conll", options.sentences)
    small, wide = ["--epochs", "100000"], ["--hidden", "256", "--layers", "4", "--intermediate", "1024"]
    phases = {
        "loading": (["--train", "large.conll"], lambda folder: True),
        "training": (["--train", "large.conll", *wide], lambda folder: os.path.exists(f"{folder.path}/run.json")),
        "evaluating": (["--train", "small.conll", "--dev", "large.conll", *wide, *small], epochs_of),
        "writing checkpoints": (["--train", "small.conll", *wide, *small, "--checkpoint-every", "1"], Folder.steps),
    }
    problems = []
    say(f"{'phase':20} signals  until it said so: median, longest  until it had ended: median, longest")
    for phase, (arguments, begun) in phases.items():
        if options.only not in phase:
            continue
        answers, ends = [], []
        for number in range(options.count):
            folder = Folder(f"{bench.place}/{phase.split()[0]}-{number}")
            child = bench.train(folder.path, [*SHAPE, *arguments])
            bench.until(f"the phase {phase} began", lambda: begun(folder) or child.poll() is not None)
            time.sleep(bench.random.uniform(0.05, 1))
            if child.poll() is not None:
                raise Lost(f"{phase}: ended too early with {child.returncode}: {bench.words(child)[-400:]}")
            chosen = bench.random.choice([signal.SIGTERM, signal.SIGINT])
            start = time.monotonic()
            child.send_signal(chosen)
            bench.until("it said so", lambda: chosen.name in bench.words(child) or child.poll() is not None)
            answers.append(time.monotonic() - start)
            code = child.wait()
            ends.append(time.monotonic() - start)
            # In its first moments it ends as any program does.
            if code != 128 + chosen and not (phase == "loading" and code == -chosen):
                problems.append(f"{phase}: {chosen.name} ended it with {code}: {bench.words(child)[-400:]}")
            shutil.rmtree(folder.path, ignore_errors=True)
        medians = [sorted(values)[len(values) // 2] for values in (answers, ends)]
        say(f"{phase:20} {len(ends):7}  {medians[0]:24.3f} s {max(answers):6.3f} s"
            f"  {medians[1]:24.3f} s {max(ends):6.3f} s")
        if max(answers) > 1:
            problems.append(f"{phase}: a signal waited {max(answers):.2f} s for its answer")
    for problem in problems:
        say(problem)
    return not problems


def epochs_of(folder):
    """Whether a run's first epoch has been trained, so that its evaluation has begun."""
    with contextlib.suppress(OSError):
        return b'"type":"epoch"' in read(f"{folder.path}/metrics.jsonl")
    return False


# Faults

FAULTS = []


def fault(function):
    FAULTS.append(function)
    return function


LONG = [*PLAIN, "--epochs", "12", "--threads", "1"]


class Whole:
    """The undisturbed run that the disturbed ones are compared with."""
    final = None


def finish(bench, folder, child=None):
    """Lets a run end, resuming it where it was stopped, and compares it with the undisturbed one."""
    child = child or bench.resume(folder.path)
    if child.wait() != 0:
        raise Lost(f"it ended with {child.returncode}: {bench.words(child)[-400:]}")
    different = folder.differences(Whole.final)
    if different or folder.faults():
        raise Lost(f"it differs in {', '.join(different)} {folder.faults()}")
    return "finished, byte for byte as undisturbed"


def begun(bench, name, arguments=LONG, **more):
    child = bench.train(name, arguments, **more)
    folder = Folder(f"{bench.place}/{name}")

    def saves():
        if child.poll() is not None:
            raise Lost(f"it ended with {child.returncode}: {bench.words(child)[-400:]}")
        return len(folder.steps()) > 1

    bench.until("a checkpoint is written", saves)
    return child, folder


def mounted(bench, name, *options):
    path = f"{bench.place}/{name}"
    os.makedirs(path, exist_ok=True)
    result = subprocess.run(["mount", "-t", "tmpfs", *options, "none", path], capture_output=True, text=True)
    if result.returncode:
        raise unmountable()
    bench.mounts.append(path)
    return path


class unmountable(Exception):
    """No right to mount here."""


def told(bench, child, text):
    bench.until(f"it says '{text}'", lambda: text in bench.words(child))


def goes_on(bench, folder):
    newest = max(folder.steps())
    bench.until("another checkpoint is written", lambda: max(folder.steps(), default=0) > newest)


@fault
def disk_full_under_way(bench):
    # Once the ballast is gone there is room for what a run keeps, the best, and one that is being written.
    disk = mounted(bench, "disk", "-o", "size=40m")
    child, folder = begun(bench, "disk/run")
    before = folder.steps()
    with contextlib.suppress(OSError), open(f"{disk}/ballast", "wb", 0) as ballast:
        while True:
            ballast.write(bytes(65536))
    told(bench, child, "could not be written")
    told(bench, child, "No space left on device")
    lived, good = child.poll() is None, not folder.faults() and len(folder.steps()) >= 1
    os.unlink(f"{disk}/ballast")
    goes_on(bench, folder)
    if not (lived and good):
        raise Lost(f"alive {lived}, checkpoints before {before}, now {folder.steps()}, {folder.faults()}")
    return "alert; training went on; checkpoints stayed whole; saved by itself once there was room; " + finish(
        bench, folder, child)


def refused_on(bench, name, *options):
    """Starts a run on a disk that cannot take it, mounted with these options; what it said."""
    disk = mounted(bench, name, *options)
    child = bench.train(f"{name}/run", LONG)
    code = child.wait()
    if code != 73:
        raise Lost(f"exit code {code}: {bench.words(child)}")
    return f"refused with 73: {bench.words(child).strip().splitlines()[-1].replace(disk, 'DISK')}"


@fault
def disk_full_at_the_start(bench):
    return refused_on(bench, "tiny", "-o", "size=4k,nr_inodes=3")


@fault
def read_only_under_way(bench):
    child, folder = begun(bench, "frozen")
    mounted(bench, "frozen/checkpoints", "-o", "ro")
    try:
        told(bench, child, "Read-only file system")
        lived = child.poll() is None
    finally:
        subprocess.run(["umount", f"{folder.path}/checkpoints"])
    goes_on(bench, folder)
    if not lived:
        raise Lost("the run died")
    return "alert; training went on; saved by itself once it could; " + finish(bench, folder, child)


@fault
def read_only_at_the_start(bench):
    return refused_on(bench, "sealed", "-o", "ro")


@fault
def folder_deleted_under_way(bench):
    child, folder = begun(bench, "deleted")
    while os.path.exists(folder.path):
        shutil.rmtree(folder.path, ignore_errors=True)
    told(bench, child, "deleted or moved under way")
    bench.until("a checkpoint is written", lambda: len(folder.steps()) > 1)
    child.kill()
    child.wait()
    return "alert; folder, run.json, metrics and log made anew; killed, resumed; " + finish(bench, folder)


@fault
def folder_taken_by_another_run(bench):
    first, folder = begun(bench, "taken")
    # Asleep, or it would take its place back at its next checkpoint.
    first.send_signal(signal.SIGSTOP)
    os.rename(folder.path, f"{bench.place}/aside")
    second = bench.train("taken", LONG)
    bench.until("the second run trains", lambda: len(folder.steps()) > 1)
    first.send_signal(signal.SIGCONT)
    told(bench, first, "another")
    first.send_signal(signal.SIGTERM)
    code = first.wait()
    outcome = finish(bench, folder, second)
    if code != 73:
        raise Lost(f"the first run ended with {code}")
    return "the first run says so and ends with 73; the second " + outcome


@fault
def clock_set_back(bench):
    libraries = ["/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",
                 "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1"]
    library = next((path for path in libraries if os.path.exists(path)), None)
    if not library:
        return None
    file = f"{bench.place}/clock.txt"

    def set_clock(text):
        with open(f"{file}.new", "w") as new:
            new.write(text)
        os.rename(f"{file}.new", file)

    set_clock("+0")
    environment = {"LD_PRELOAD": library, "FAKETIME_TIMESTAMP_FILE": file, "FAKETIME_NO_CACHE": "1",
                   "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1"}
    child, folder = begun(bench, "clock", environment=environment)
    set_clock("-2d")
    goes_on(bench, folder)

    def is_back():
        log = read(f"{folder.path}/log.txt").decode().splitlines()
        return log[-1][:10] < log[0][:10]

    bench.until("the log is of two days ago", is_back)
    child.kill()
    child.wait()
    outcome = finish(bench, folder, bench.resume(folder.path, environment=environment))
    times = [line.get("elapsed", 0) for line in map(json.loads, read(f"{folder.path}/metrics.jsonl").splitlines())
             if line["type"] == "step"]
    if times != sorted(times):
        raise Lost("elapsed time goes back")
    return f"two days back, killed, resumed; elapsed time only grows; {outcome}"


@fault
def a_second_process(bench):
    child, folder = begun(bench, "owned")
    resumed, anew = bench.resume(folder.path), bench.train("owned", LONG)
    codes = [resumed.wait(), anew.wait()]
    words = bench.words(resumed), bench.words(anew)
    if codes != [73, 73] or str(child.pid) not in words[0] or "--resume" not in words[1]:
        raise Lost(f"exit codes {codes}: {words}")
    return "both refused with 73: --resume names the process, --run-dir says --resume; " + finish(bench, folder, child)


@fault
def two_started_at_once(bench):
    pairs = []
    for number in range(20):
        children = [bench.train(f"race-{number}", FAST) for _ in range(2)]
        pairs.append(sorted(child.wait() for child in children))
    wrong = [pair for pair in pairs if pair != [0, 73]]
    if wrong:
        raise Lost(f"exit codes {wrong}")
    return "20 pairs on one new folder: each time one trained and the other was refused with 73"


@fault
def signals_while_a_checkpoint_is_written(bench):
    done = []
    for name, number in [("SIGTERM", 15), ("SIGINT", 2), ("SIGUSR1", 10), ("SIGHUP", 1)]:
        for turn in range(5):
            child, folder = begun(bench, f"{name}-{turn}")
            bench.until("a checkpoint is being written", lambda: writing(folder))
            child.send_signal(number)
            if number in (15, 2):
                code = child.wait()
                if code != 128 + number or folder.faults():
                    raise Lost(f"{name}: exit code {code}, {folder.faults()}")
            else:
                goes_on(bench, folder)
                child.kill()
                child.wait()
            if turn == 0:
                finish(bench, folder)
        done.append(name)
    return f"{', '.join(done)}, 5 times each: checkpoints whole, exit codes 143 and 130; resumed, as undisturbed"


@fault
def terminal_goes_away(bench):
    process, master = pty.fork()
    if process == 0:
        os.chdir(bench.place)
        os.environ["TERM"] = "xterm-256color"
        os.execv(bench.program, [bench.program, "--run-dir", "screen", *LONG, "--epochs", "100000"])
    seen = bytearray()

    def pump():
        with contextlib.suppress(OSError):
            while select.select([master], [], [], 0)[0]:
                seen.extend(os.read(master, 65536))

    def listed(word):
        pump()
        return re.search(rf"screen +{word}.*process (\d+)", bench.runs())

    bench.until("the run trains", lambda: listed("running"))
    os.write(master, b"p")
    bench.until("the run is paused", lambda: listed("paused"))
    engine = int(listed("paused")[1])
    os.close(master)
    os.waitpid(process, 0)

    def ticks():
        fields = read(f"/proc/{engine}/stat").decode().rsplit(")", 1)[1].split()
        return int(fields[11]) + int(fields[12])

    time.sleep(0.5)
    before = ticks()
    time.sleep(3)
    used = (ticks() - before) / os.sysconf("SC_CLK_TCK")
    os.kill(engine, signal.SIGTERM)
    bench.until("it saved and ended", lambda: re.search(r"screen +stopped", bench.runs()))
    if used > 0.05:
        raise Lost(f"the paused engine used {used} CPU seconds in 3 s without a screen")
    return f"paused, its terminal closed: {used:.2f} CPU seconds in 3 s; SIGTERM saved and ended it"


def faults(bench, options):
    folder, seconds = bench.reference("whole", LONG)
    Whole.final = folder.final()
    say(f"undisturbed: {len(Whole.final[2])} metric lines, {seconds:.1f} s\n")
    good = True
    for function in FAULTS:
        name = function.__name__.replace("_", " ")
        if options.only and options.only not in name:
            continue
        try:
            outcome = function(bench) or "skipped: needs libfaketime"
        except unmountable:
            outcome = "skipped: needs the right to mount"
        except Lost as error:
            outcome, good = f"LOST: {error}", False
        say(f"| {name} | {outcome} |")
    return good


def command_line(description, functions):
    """The parser of a script like this one, and its commands by name."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=f"{ROOT}/.build/release/mtt-tui")
    parser.add_argument("--seed", type=int, default=1, help="of the random moments")
    parser.add_argument("--place", help="where the runs lie; a folder below the system's temporary one if not given")
    added = parser.add_subparsers(dest="command", required=True)
    commands = {}
    for name, function in functions.items():
        commands[name] = added.add_parser(name)
        commands[name].set_defaults(function=function)
    return parser, commands


def carry_out(make, options):
    """Does what the command line asks for with a bench made for it, and ends with the exit code."""
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    bench = make(options)
    try:
        good = options.function(bench, options)
    finally:
        bench.close()
    sys.exit(0 if good else 1)


def main():
    parser, commands = command_line(__doc__, {"kill": kill, "faults": faults, "attach": attach, "stall": stall,
                                            "signals": signals})
    commands["kill"].add_argument("--count", type=int, default=200)
    commands["attach"].add_argument("--count", type=int, default=100)
    commands["attach"].add_argument("--epochs", type=int, default=30)
    commands["faults"].add_argument("--only", help="rows whose name has this in it")
    commands["stall"].add_argument("--hidden", type=int, default=256)
    commands["signals"].add_argument("--only", default="", help="phases whose name has this in it")
    commands["signals"].add_argument("--count", type=int, default=20)
    commands["signals"].add_argument("--sentences", type=int, default=200_000, help="of the large corpus")
    options = parser.parse_args()
    # A mount namespace of its own: whatever is mounted goes with it.
    if options.command == "faults" and os.geteuid() == 0 and not os.environ.get("MTT_SURVIVE_OWN_MOUNTS"):
        if shutil.which("unshare"):
            os.environ["MTT_SURVIVE_OWN_MOUNTS"] = "1"
            os.execvp("unshare", ["unshare", "-m", sys.executable, *sys.argv])
    carry_out(Bench, options)


if __name__ == "__main__":
    main()
