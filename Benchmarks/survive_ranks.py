#!/usr/bin/env python3
"""What a run of several MPI ranks survives, and what becomes of it where a rank is lost, hangs or differs.

    python3 Benchmarks/survive_ranks.py kill --count 50    kill -9 a random rank, resume with another number, compare bytes
    python3 Benchmarks/survive_ranks.py faults             stopped ranks, a cut cable, a full disk, other data, other builds
    python3 Benchmarks/survive_ranks.py same                one run by one, two and four machines: the same bytes
    python3 Benchmarks/survive_ranks.py network --mbit 1000 --megabytes 16,43    an exchange against the wire's floor
    python3 Benchmarks/survive_ranks.py predict             how many sentences a machine make a network worth it

Needs Python's standard library, the release build and Open MPI; MPICH is used too where it is. A cut cable, other data, `same`
and `network` need root: machines are network namespaces, n0 and up, with the addresses 10.77.0.1 and up. The exit code is 1 if
anything was lost.
"""
import contextlib, json, math, os, re, shutil, signal, socket, statistics, subprocess, sys, threading, time

from survive import PLAIN, Bench, Folder, Lost, carry_out, command_line, say

OPEN_MPI = ["mpirun.openmpi" if shutil.which("mpirun.openmpi") else "mpirun", "--oversubscribe", "--bind-to", "none"]
MPICH = ["mpiexec.mpich"]
LAUNCHERS = [OPEN_MPI] + ([MPICH] if shutil.which(MPICH[0]) else [])
ENVIRONMENT = {
    "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1", "OMPI_MCA_mpi_yield_when_idle": "1",
}
RUN = [*PLAIN, "--parts", "4", "--threads", "1"]


class Ranks(Bench):
    """Starts the program under a launcher."""

    def launch(self, launcher, count, arguments, **more):
        # A session of its own, so that what is left of it can be found and ended.
        return self.spawn(
            [*launcher, "-n", str(count), self.program, "--no-ui", *arguments], ENVIRONMENT, start_new_session=True, **more)

    def processes(self, folder):
        """The ranks of a run, by rank: ids of processes whose arguments name its folder."""
        found = {}
        for name in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError):
                arguments = open(f"/proc/{name}/cmdline", "rb").read().split(b"\0")
                if os.path.basename(arguments[0]) != b"mtt-tui" or os.fsencode(folder) not in arguments:
                    continue
                environment = open(f"/proc/{name}/environ", "rb").read()
                match = re.search(rb"(?:OMPI_COMM_WORLD_RANK|PMI_RANK)=(\d+)", environment)
                if match:
                    found[int(match[1])] = int(name)
        return found

    def close(self):
        for child in self.children:
            # The number of a group that has ended may be another's by now.
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGKILL)
        for name in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError):
                if os.fsencode(self.place) in open(f"/proc/{name}/cmdline", "rb").read():
                    os.kill(int(name), signal.SIGKILL)
        super().close()


# kill


def kill(bench, options):
    reference, seconds = bench.reference("whole", RUN)
    final = reference.final()
    say(f"undisturbed run of one process: {len(final[2])} metric lines, {seconds:.1f} s")
    counts = dict.fromkeys(
        ("kills", "of rank 0", "of another rank", "in training", "while the job began", "resumes", "runs",
         "never ended", "runs lost", "unreadable folders", "final differences"), 0)
    problems = []
    while counts["kills"] < options.count:
        folder = Folder(f"{bench.place}/run-{counts['runs']}")
        counts["runs"] += 1
        code, ranks = None, None
        while code != 0:
            launcher = bench.random.choice(LAUNCHERS)
            ranks = bench.random.choice([count for count in (1, 2, 4) if count != ranks])
            struck = False
            if os.path.exists(f"{folder.path}/run.json"):
                counts["resumes"] += 1
                child = bench.launch(launcher, ranks, ["--resume", folder.path])
            else:
                ranks = max(ranks, 2)
                child = bench.launch(launcher, ranks, ["--run-dir", folder.path, *RUN])
            if counts["kills"] < options.count and ranks > 1:
                struck = strike(bench, child, folder, counts)
            try:
                code = child.wait(timeout=120)
            except subprocess.TimeoutExpired:
                counts["never ended"] += 1
                problems.append(f"{folder.path}: the job of {ranks} never ended: {bench.words(child)[-400:]}")
                break
            if code != 0 and not struck:
                counts["runs lost"] += 1
                problems.append(f"{folder.path}: exit code {code} of {ranks}: {bench.words(child)[-400:]}")
                break
            faults = folder.faults()
            if faults:
                counts["unreadable folders"] += 1
                problems += [f"{folder.path}: {fault}" for fault in faults]
        if code == 0 and (different := folder.differences(final)):
            counts["final differences"] += 1
            problems.append(f"{folder.path}: differs in {', '.join(different)}")
    for name, count in counts.items():
        say(f"{name:28} {count:6}")
    for problem in problems:
        say(problem)
    return not problems


def strike(bench, child, folder, counts):
    """Kills one rank, nine times of ten some way into training, else while the job begins; whether there was one."""
    log = f"{folder.path}/run.log"

    def size():
        return os.path.getsize(log) if os.path.exists(log) else 0

    def wait(condition):
        bench.until("the job began or ended", lambda: child.poll() is not None or condition(), 600)

    if bench.random.random() < 0.9:
        before = size()
        # The socket is there once all ranks have begun; the log grows with steps and epochs.
        wait(lambda: os.path.exists(f"{folder.path}/socket") and size() > before)
        for _ in range(bench.random.randrange(4)):
            before = size()
            wait(lambda: size() > before)
    else:
        wait(lambda: bench.processes(folder.path))
    found = bench.processes(folder.path)
    if child.poll() is not None or not found:
        return False
    rank = bench.random.choice(sorted(found))
    trains = os.path.exists(f"{folder.path}/socket")
    with contextlib.suppress(ProcessLookupError):
        os.kill(found[rank], signal.SIGKILL)
        counts["kills"] += 1
        counts["of rank 0" if rank == 0 else "of another rank"] += 1
        counts["in training" if trains else "while the job began"] += 1
    return True


# Machines


class Cluster:
    """Machines of their own: network namespaces on a bridge, each with a host name and temporary folder."""

    def __init__(self, bench, count, mbit=None):
        self.count = count
        self.place = bench.place
        self.agent = f"{bench.place}/agent.sh"
        with open(self.agent, "w") as file:
            file.write(
                '#!/bin/sh\nwhile [ "${1#-}" != "$1" ]; do [ "$1" != -o ] || shift; shift; done\ni=$((${1##*.} - 1)); shift\n'
                f'mkdir -p {bench.place}/n$i\n'
                'exec ip netns exec n$i unshare --uts --mount sh -c '
                f'"hostname n$i; export TMPDIR={bench.place}/n$i; [ ! -x {bench.place}/on-n$i ] || . {bench.place}/on-n$i; $*"\n')
        os.chmod(self.agent, 0o755)
        os.makedirs(f"{bench.place}/n0", exist_ok=True)
        self.down()
        self.call("ip link add mttbr type bridge")
        self.call("ip link set mttbr up")
        for i in range(count):
            for command in (
                "ip netns add n{i}", "ip link add v{i} type veth peer name eth0 netns n{i}",
                "ip link set v{i} master mttbr", "ip link set v{i} up", "ip -n n{i} addr add 10.77.0.{h}/24 dev eth0",
                "ip -n n{i} link set lo up", "ip -n n{i} link set eth0 up",
            ):
                self.call(command.format(i=i, h=i + 1))
            if mbit:
                shape = f"root tbf rate {mbit}mbit burst 128kb latency 50ms"
                self.call(f"ip netns exec n{i} tc qdisc add dev eth0 {shape}")
                self.call(f"tc qdisc add dev v{i} {shape}")

    def call(self, command):
        subprocess.run(command.split(), check=True)

    @property
    def hosts(self):
        return ",".join(f"10.77.0.{i + 1}" for i in range(self.count))

    @property
    def settings(self):
        """Open MPI's parameters, by which it finds the machines and uses their network alone."""
        return {
            "plm_rsh_agent": self.agent, "oob_tcp_if_include": "eth0", "pml": "ob1", "btl": "tcp,self",
            "btl_tcp_if_include": "eth0"}

    def on_first(self, command):
        """A command on the first machine."""
        return ["ip", "netns", "exec", "n0", "unshare", "--uts", "sh", "-c",
                f'hostname n0; export TMPDIR={self.place}/n0; exec "$@"', "-", *command]

    def launcher(self, *more):
        settings = [word for name, value in self.settings.items() for word in ("--mca", name, value)]
        return self.on_first([*OPEN_MPI, "--host", self.hosts, *settings, *more])

    def started_by_hosts(self, program):
        """The command that starts the program's own launch over all machines, and its environment."""
        settings = self.settings | {"rmaps_base_oversubscribe": "1", "hwloc_base_binding_policy": "none"}
        environment = ENVIRONMENT | {f"OMPI_MCA_{name}": value for name, value in settings.items()}
        return self.on_first([program, "--hosts", self.hosts]), environment

    def down(self):
        for i in range(8):
            for command in (f"ip netns del n{i}", f"ip link del v{i}"):
                subprocess.run(command.split(), capture_output=True)
        subprocess.run("ip link del mttbr".split(), capture_output=True)


@contextlib.contextmanager
def cluster(bench, count, mbit=None):
    machines = Cluster(bench, count, mbit)
    try:
        yield machines
    finally:
        machines.down()


# same


def same(bench, options):
    """One run by one process and by machines of their own, started by mpirun and by --hosts: weights, optimizer, lines."""
    shape = [*RUN, "--epochs", "2", "--tag-loss", "crf"]
    reference, _ = bench.reference("one", shape)
    final = reference.final()
    good = True

    def compare(name, child, folder):
        nonlocal good
        code = child.wait(timeout=300)
        different = folder.differences(final) if code == 0 else [f"exit code {code}: {bench.words(child)[-600:]}"]
        good = good and not different
        say(f"{name:36} {'the same bytes' if not different else 'DIFFERENT: ' + ', '.join(different)}")

    for count in (2, 4):
        with cluster(bench, count) as machines:
            folder = Folder(f"{bench.place}/mpirun-{count}")
            compare(f"{count} machines, mpirun", bench.launch(
                machines.launcher(), count, ["--run-dir", folder.path, *shape]), folder)
            folder = Folder(f"{bench.place}/hosts-{count}")
            command, environment = machines.started_by_hosts(bench.program)
            compare(f"{count} machines, --hosts", bench.spawn(
                [*command, "--no-ui", "--run-dir", folder.path, *shape], environment, start_new_session=True), folder)
    return good


# faults


def begun(bench, folder, launcher=OPEN_MPI, ranks=2):
    """A job whose first checkpoint is written, with a short patience."""
    child = bench.launch(
        launcher, ranks, ["--run-dir", folder.path, *RUN, "--epochs", "300", "--peer-timeout", "6"])
    bench.until("a checkpoint was written", lambda: folder.steps() or child.poll() is not None)
    if child.poll() is not None:
        raise Lost(bench.words(child)[-400:])
    return child


def ended(bench, child, since, *texts):
    """What a job ended with, for the table; each text must be in what it printed."""
    code = child.wait(timeout=60)
    words = bench.words(child)
    for text in texts:
        if not re.search(text, words):
            raise Lost(f"nobody said '{text}': {words[-600:]}")
    said = next((line for line in words.splitlines() if re.search(texts[-1], line)), "") if texts else ""
    return f"exit {code} after {time.monotonic() - since:.1f} s: {said.removeprefix('mtt-tui: ')}"


def goes_on(bench, folder, ranks):
    """The run resumes where it was."""
    step = max(folder.steps())
    child = bench.launch(OPEN_MPI, ranks, ["--resume", folder.path])
    bench.until("it went on", lambda: max(folder.steps(), default=0) > step or child.poll() is not None)
    child.send_signal(signal.SIGUSR2)
    if child.wait(timeout=60) != 75:
        raise Lost(f"{folder.path} does not go on: {bench.words(child)[-400:]}")


def stopped(rank, launcher):
    def row(bench):
        folder = Folder(f"{bench.place}/stopped-{rank}-{launcher[0]}")
        child = begun(bench, folder, launcher)
        since = time.monotonic()
        found = bench.processes(folder.path)
        os.kill(found[rank], signal.SIGSTOP)
        try:
            texts = (f"Rank {rank} on .* did not answer for 3 s", f"Rank {rank} on .* did not answer for 6 s")
            said = ended(bench, child, since, *texts) if rank else ended(bench, child, since, "Rank 0 on .* did not")
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.kill(found[rank], signal.SIGCONT)
        goes_on(bench, folder, 4)
        return said
    return row


def cut_cable(bench):
    with cluster(bench, 2) as machines:
        folder = Folder(f"{bench.place}/cut")
        # mpirun's own daemons notice in 8 minutes unless told otherwise.
        alive = "--mca oob_tcp_keepalive_time 5 --mca oob_tcp_keepalive_intvl 2 --mca oob_tcp_keepalive_probes 3"
        child = begun(bench, folder, machines.launcher(*alive.split()))
        since = time.monotonic()
        machines.call("ip link set v1 down")
        last = "Rank 1 on n1 did not answer for 6 s"
        bench.until("rank 0 gave rank 1 up", lambda: last in bench.words(child))
        bench.until("rank 0 ended", lambda: 0 not in bench.processes(folder.path))
        said = f"rank 0 ended after {time.monotonic() - since:.1f} s"
        try:
            said += ", mpirun too: " + ended(bench, child, since, "Rank 1 on n1 did not answer for 3 s", last)
        except subprocess.TimeoutExpired:
            # It has told a machine that it cannot reach to end, and waits for the network's own patience.
            said += "; mpirun waits for the machine that it cannot reach"
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
    goes_on(bench, folder, 1)
    return said


def other_data(bench):
    source = f"{bench.place}/data"
    os.makedirs(f"{source}/train")
    for name, line in (("seq.in", "play jazz now"), ("seq.out", "O B-genre O"), ("label", "Play")):
        with open(f"{source}/train/{name}", "w") as file:
            file.write(f"{line}\n" * 64)
    shutil.copytree(source, f"{bench.place}/other")
    with open(f"{bench.place}/other/train/seq.in", "a") as file:
        file.seek(0)
        file.truncate()
        file.write("play rock now\n" * 64)
    with cluster(bench, 2) as machines:
        with open(f"{bench.place}/on-n1", "w") as file:
            file.write(f"mount --bind {bench.place}/other {source}\n")
        os.chmod(f"{bench.place}/on-n1", 0o755)
        since = time.monotonic()
        child = bench.launch(
            machines.launcher(), 2, ["--run-dir", f"{bench.place}/refused", *RUN, "--data", source])
        said = ended(bench, child, since, "Rank 1 on n1 has another .*train/seq.in than rank 0")
        os.remove(f"{bench.place}/on-n1")
    if os.path.exists(f"{bench.place}/refused"):
        raise Lost("a refused run left a folder")
    return said


def other_build(bench):
    other = f"{bench.place}/mtt-tui"
    shutil.copy(bench.program, other)
    with open(other, "ab") as file:
        file.write(b"\0")
    since = time.monotonic()
    first = ["--no-ui", "--run-dir", f"{bench.place}/builds", *RUN]
    child = bench.launch(OPEN_MPI, 1, [*first[1:], ":", "-n", "1", other, *first])
    return ended(bench, child, since, "Rank 1 on .* runs another build")


def full_disk(bench):
    folder = Folder(f"{bench.place}/disk/run")
    os.makedirs(f"{bench.place}/disk")
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", f"{bench.place}/disk"], check=True)
    bench.mounts.append(f"{bench.place}/disk")
    child = begun(bench, folder)
    with contextlib.suppress(OSError), open(f"{bench.place}/disk/full", "wb") as file:
        while True:
            file.write(bytes(1 << 16))
            file.flush()
    bench.until("an alert told of it", lambda: "could not be written" in bench.words(child))
    os.remove(f"{bench.place}/disk/full")
    since = time.monotonic()
    child.send_signal(signal.SIGUSR2)
    said = ended(bench, child, since, "Stopped after step")
    return f"training goes on with an alert; room again, SIGUSR2: {said}"


def faults(bench, options):
    rows = [
        ("rank 1 stopped (SIGSTOP), Open MPI", stopped(1, OPEN_MPI)),
        ("rank 0 stopped (SIGSTOP), Open MPI", stopped(0, OPEN_MPI)),
        ("another program on rank 1", other_build),
    ]
    if len(LAUNCHERS) > 1:
        rows.insert(2, ("rank 1 stopped (SIGSTOP), MPICH", stopped(1, MPICH)))
    if os.geteuid() == 0:
        rows += [
            ("other data on rank 1's machine", other_data), ("rank 1's cable cut", cut_cable),
            ("rank 0's disk full", full_disk),
        ]
    good = True
    for name, row in rows:
        if options.only and options.only not in name:
            continue
        try:
            said = row(bench)
        except (Lost, subprocess.TimeoutExpired) as error:
            good, said = False, f"LOST: {error}"
        say(f"{name:36} {said}")
    return good


# network


def stream(bench, options):
    """One machine of a plain exchange over TCP: sends so many bytes to each other one while it receives as many."""
    rank, count = options.rank, options.ranks
    others = [peer for peer in range(count) if peer != rank]
    listener = socket.create_server((f"10.77.0.{rank + 1}", 7000))
    outgoing, incoming = [], []
    for peer in others:
        while True:
            with contextlib.suppress(OSError):
                outgoing.append(socket.create_connection((f"10.77.0.{peer + 1}", 7000)))
                break
            time.sleep(0.05)
    for _ in others:
        incoming.append(listener.accept()[0])
    content = memoryview(bytes(options.bytes))

    def receive(connection, buffer):
        view = memoryview(buffer)
        while view:
            view = view[connection.recv_into(view):]

    buffers = [bytearray(options.bytes) for _ in others]
    times = []
    for _ in range(20):
        for connection in outgoing:
            connection.sendall(b"x")
        for connection in incoming:
            receive(connection, bytearray(1))
        start = time.monotonic()
        threads = [threading.Thread(target=connection.sendall, args=(content,)) for connection in outgoing]
        threads += [threading.Thread(target=receive, args=pair) for pair in zip(incoming, buffers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        times.append(time.monotonic() - start)
    say(f"{1e3 * statistics.median(times):.2f} {1e3 * min(times):.2f}")
    return True


def wire(bench, count, megabytes):
    """Milliseconds, median and least, that plain TCP streams take for an exchange's bytes on the same machines."""
    size = str(int(2 * float(megabytes) * 1e6 / count))
    command = [sys.executable, os.path.abspath(__file__), "--program", bench.program, "stream",
               "--ranks", str(count), "--bytes", size]
    children = [
        subprocess.Popen(
            ["ip", "netns", "exec", f"n{rank}", *command, "--rank", str(rank)], stdout=subprocess.PIPE, text=True)
        for rank in range(count)]
    figures = [child.communicate(timeout=300)[0].split() for child in children]
    return float(figures[0][0]), float(figures[0][1])


def network(bench, options):
    """An exchange's time against what the wire takes for its bytes, 2 · S · (R − 1) / R each way: by its rate, and by plain
    TCP streams on the same machines just before and after."""
    for count in (2, 4)[: 1 + (options.ranks >= 4)]:
        with cluster(bench, count, options.mbit) as machines:
            for megabytes in options.megabytes.split(","):
                before = wire(bench, count, megabytes)
                result = subprocess.run(
                    [*machines.launcher("-n", str(count)), bench.program, "bench", "--exchange", megabytes, "--threads",
                     "1"], cwd=bench.place, capture_output=True, text=True, env={**os.environ, **ENVIRONMENT})
                after = wire(bench, count, megabytes)
                match = re.search(r"median ([\d.]+) ms, least ([\d.]+) ms", result.stdout)
                if not match:
                    say(result.stderr[-600:])
                    return False
                rate = 2 * float(megabytes) * (count - 1) / count * 8e3 / options.mbit
                median, least = float(match[1]), float(match[2])
                plain, plain_least = (before[0] + after[0]) / 2, min(before[1], after[1])
                say(f"{count} machines, {options.mbit} Mbit/s, {megabytes} MB: {rate:.1f} ms by the rate; plain TCP median"
                    f" {plain:.1f} ms, least {plain_least:.1f} ms; exchange median {median:.1f} ms ({median / plain:.2f} of"
                    f" TCP's), least {least:.1f} ms ({least / plain_least:.2f})")
    return True


# predict

# Bytes a second of one TCP stream and seconds of a message's way, as measured on such networks.
NETWORKS = {"1 Gbit/s": (0.117e9, 60e-6), "10 Gbit/s": (1.15e9, 30e-6), "25 Gbit/s": (2.4e9, 25e-6)}
# Options of `mtt-tui bench`, gradients of all layers in bytes, and bytes of embedding rows by sentences in a batch.
MODELS = {
    "128 x 2": (["--hidden", "128", "--intermediate", "512", "--layers", "2"], 2.1e6, {32: 1.0e6, 256: 4.0e6, 2048: 12.6e6}),
    "256 x 4": (["--hidden", "256", "--intermediate", "1024", "--layers", "4"], 16e6, {32: 2.0e6, 256: 8.0e6, 2048: 25e6}),
    "384 x 6": (["--hidden", "384", "--intermediate", "1536", "--layers", "6"], 43e6, {32: 0.3e6, 256: 1.3e6, 2048: 5.8e6}),
}


def row_bytes(rows, sentences):
    """Bytes of the embedding rows that a batch uses: a power of its size, through the two nearest measured sizes."""
    sizes = sorted(rows)
    low, high = (sizes[0], sizes[1]) if sentences <= sizes[1] else (sizes[1], sizes[2])
    power = math.log(rows[high] / rows[low]) / math.log(high / low)
    return rows[low] * (sentences / low) ** power


def exchange_seconds(model, sentences, machines, network):
    """Seconds of one exchange: twice its share of the gradients over the wire, the messages' ways, and the adding."""
    _, dense, rows = MODELS[model]
    size = dense + row_bytes(rows, sentences * machines)
    rate, way = NETWORKS[network]
    return 2 * size * (machines - 1) / (machines * rate) + 2 * (way + 5e-6 * (machines - 1)) + size / 8e9


def predict(bench, options):
    """Sentences a machine and batch from which machines train so much of their number times as fast as one."""
    say(f"sentences in a machine's part of a batch from which {options.machines} machines are"
        f" {options.machines * options.efficiency:.1f} times as fast as one")
    say(f"{'':10} {'ms / sentence':>14} " + " ".join(f"{network:>10}" for network in NETWORKS))
    for model, (shape, _, _) in MODELS.items():
        printed = subprocess.run([bench.program, "bench", "--log-format", "json", *shape], capture_output=True, text=True)
        if printed.returncode:
            say(printed.stderr[-600:])
            return False
        seconds = 1 / json.loads(printed.stdout)["examples_per_second"]
        fitting = []
        for network in NETWORKS:
            enough = next(
                (n for n in range(1, 200_001)
                 if n * seconds / (n * seconds + exchange_seconds(model, n, options.machines, network))
                 >= options.efficiency), None)
            fitting.append(f"{enough:,}" if enough else "over 200,000")
        say(f"{model:10} {1e3 * seconds:14.3f} " + " ".join(f"{text:>10}" for text in fitting))
    return True


def main():
    parser, commands = command_line(
        __doc__, {"kill": kill, "same": same, "faults": faults, "network": network, "predict": predict, "stream": stream})
    commands["predict"].add_argument("--machines", type=int, default=4)
    commands["predict"].add_argument("--efficiency", type=float, default=0.8, help="share of the machines' number")
    commands["kill"].add_argument("--count", type=int, default=50)
    commands["faults"].add_argument("--only", help="rows whose name has this in it")
    commands["network"].add_argument("--mbit", type=int, default=1000, help="of each machine's cable, both ways")
    commands["network"].add_argument("--megabytes", default="16,43")
    commands["network"].add_argument("--ranks", type=int, default=2)
    for name in ("rank", "ranks", "bytes"):
        commands["stream"].add_argument(f"--{name}", type=int, help="for network itself")
    carry_out(Ranks, parser.parse_args())


if __name__ == "__main__":
    main()
