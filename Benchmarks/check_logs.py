"""Whether logs of others are read as their own libraries read them: every point, step and time.

Writes event files with tensorboardX, with tensorboard's own messages (tensors of every numeric type, as TensorFlow 2 writes
them) and, where it is there, with PyTorch; a .wandb file with wandb, offline. Each is exported by `mtt-tui export --format csv`
and compared with tensorboard's EventAccumulator (all points kept) or with what was logged. Event files that mtt-tui writes are read
by EventAccumulator in turn. Ends with 1 at the first difference.

  python Benchmarks/check_logs.py .build/release/mtt-tui      (pip install tensorboard tensorboardX wandb torch)
"""
import csv
import importlib.util
import math
import os
import pathlib
import struct
import subprocess
import sys
import tempfile

import numpy
from tensorboard.backend.event_processing import event_accumulator
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.summary.writer.event_file_writer import EventFileWriter
from tensorboard.util import tensor_util

STEPS = 3000


def exported(program, path, target):
    """Points by metric: a list of (step, time, value) each."""
    result = subprocess.run(
        [program, "export", str(path), "--format", "csv", str(target)], capture_output=True, text=True)
    if result.returncode != 0 or result.stderr:
        sys.exit(f"export {path}: {result.returncode}: {result.stderr}")
    points = {}
    with open(target, newline="") as file:
        for row in csv.DictReader(file):
            time = float(row["wall_time"]) if row["wall_time"] else math.nan
            points.setdefault(row["metric"], []).append((int(row["step"]), time, float(row["value"])))
    return points


def accumulated(path):
    """The same, by tensorboard."""
    everything = {event_accumulator.SCALARS: 0, event_accumulator.TENSORS: 0}
    reader = event_accumulator.EventAccumulator(str(path), size_guidance=everything)
    reader.Reload()
    points = {tag: [(e.step, e.wall_time, e.value) for e in reader.Scalars(tag)] for tag in reader.Tags()["scalars"]}
    for tag in reader.Tags()["tensors"]:
        values = [(e.step, e.wall_time, tensor_util.make_ndarray(e.tensor_proto)) for e in reader.Tensors(tag)]
        if all(value.size == 1 and value.dtype.kind in "fiub" for _, _, value in values):
            points[tag] = [(step, time, float(value.reshape(()))) for step, time, value in values]
    return points


def compare(name, ours, theirs):
    if ours.keys() != theirs.keys():
        sys.exit(f"{name}: metrics differ: {sorted(ours)} and {sorted(theirs)}")
    count = 0
    for metric, expected in theirs.items():
        if len(ours[metric]) != len(expected):
            sys.exit(f"{name}: {metric}: {len(ours[metric])} points, expected {len(expected)}")
        for own, other in zip(ours[metric], expected):
            # A single-precision value is written as the double it is.
            if not all(a == b or math.isnan(a) and math.isnan(b) for a, b in zip(own, other)):
                sys.exit(f"{name}: {metric}: {own}, expected {other}")
            count += 1
    print(f"{name}: {len(theirs)} metrics, {count} points, all equal")


def value(step):
    return math.nan if step % 997 == 5 else math.inf if step % 991 == 7 else math.sin(step / 50) * 10 ** (step % 7 - 3)


def write_tensorboardx(folder):
    from tensorboardX import SummaryWriter

    with SummaryWriter(str(folder), flush_secs=1) as writer:
        for step in range(STEPS):
            writer.add_scalar("train/loss", value(step), step)
            if step % 10 == 0:
                writer.add_scalar("eval/f1", value(step + 1), step)
                writer.add_histogram("weights", numpy.arange(10), step)


def write_torch(folder):
    from torch.utils.tensorboard import SummaryWriter

    with SummaryWriter(str(folder)) as writer:
        for step in range(STEPS):
            writer.add_scalar("plain", value(step), step)
            writer.add_scalar("new", value(step), step, new_style=True)
            writer.add_scalar("double", value(step), step, new_style=True, double_precision=True)


def write_tensors(folder):
    """Scalars as TensorFlow 2 writes them: tensors, the first with metadata, of every numeric type."""
    writer = EventFileWriter(str(folder))
    kinds = ["float32", "float64", "int32", "int64", "float16", "uint8", "bool"]
    for step in range(STEPS // 10):
        for kind in kinds:
            array = numpy.array(abs(math.sin(step)) * 100, dtype=kind)
            entry = summary_pb2.Summary.Value(tag=kind, tensor=tensor_util.make_tensor_proto(array))
            if step == 0:
                entry.metadata.plugin_data.plugin_name = "scalars"
                entry.metadata.data_class = summary_pb2.DATA_CLASS_SCALAR
            event = event_pb2.Event(wall_time=1e9 + step, step=step, summary=summary_pb2.Summary(value=[entry]))
            writer.add_event(event)
    writer.close()


def check_wandb(program, folder):
    os.environ.update(WANDB_MODE="offline", WANDB_SILENT="true", WANDB_DIR=str(folder), WANDB_CONSOLE="off")
    import wandb

    run = wandb.init(project="check", config={"lr": 0.001, "model": {"layers": 2}})
    expected = {"loss": [], "eval.f1": []}
    for step in range(STEPS):
        run.log({"loss": value(step), "eval": {"f1": step / STEPS}, "text": "x" * (step % 300)})
        expected["loss"].append((step, value(step)))
        expected["eval.f1"].append((step, step / STEPS))
    run.finish()
    file = next(pathlib.Path(folder).rglob("*.wandb"))
    points = exported(program, file, folder / "wandb.csv")
    ours = {name: [(step, 0, v) for step, _, v in points.get(name, [])] for name in expected}
    compare("wandb, offline", ours, {name: [(s, 0, v) for s, v in rows] for name, rows in expected.items()})


def check_trained(program, work):
    """A run that writes event files as it trains, and is resumed: tensorboard has each step once, as the run's log does."""
    run = work / "trained"
    small = ["--hidden", "16", "--layers", "1", "--heads", "2", "--seed", "1", "--tensorboard", "--run-dir", str(run)]
    for options in (["--epochs", "1", *small], ["--epochs", "2", "--resume", str(run)]):
        subprocess.run([program, "train", "--no-ui", *options], check=True, capture_output=True)
    # What a process says after its last checkpoint is cut from the lines on a resume: an evaluation on test stays here.
    theirs = {name: rows for name, rows in accumulated(run).items() if not name.startswith("test/")}
    # The run's own lines carry doubles and no wall time of each step.
    ours = {
        name: [(step, 0, struct.unpack("f", struct.pack("f", v))[0]) for step, _, v in rows]
        for name, rows in exported(program, run, work / "trained.csv").items() if not name.startswith("test/")}
    compare("trained and resumed with --tensorboard", ours, {n: [(s, 0, v) for s, _, v in r] for n, r in theirs.items()})


def main():
    program = str(pathlib.Path(sys.argv[1]).resolve())
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name)
        writers = {"tensorboardX": write_tensorboardx, "TensorFlow 2's tensors": write_tensors}
        if importlib.util.find_spec("torch"):
            writers["torch.utils.tensorboard"] = write_torch
        for number, (title, write) in enumerate(writers.items()):
            folder = work / str(number)
            folder.mkdir()
            write(folder)
            theirs = accumulated(folder)
            compare(title, exported(program, folder, work / f"{number}.csv"), theirs)
            # And back: what mtt-tui writes is read by tensorboard with the values that single precision holds.
            target = work / f"{number}-events"
            subprocess.run(
                [program, "export", str(folder), "--format", "tensorboard", str(target)], check=True, capture_output=True)
            single = {
                tag: [(s, t, struct.unpack("f", struct.pack("f", v))[0]) for s, t, v in rows]
                for tag, rows in theirs.items()}
            compare(f"{title}, written by mtt-tui", accumulated(target), single)
        check_wandb(program, work)
        check_trained(program, work)


if __name__ == "__main__":
    main()
