"""mtt-tui against PyTorch: the README's table in one command.

Builds the release, then runs us and the peers in turn (A B C, A B C, ...) in one run, so that a machine that slows down
slows all of them down, and prints medians, spread and ratios of real tokens a second.

  pip install "torch==2.13.0+cpu"
  python Benchmarks/compare.py --data DIR [--shapes 128x2,256x4,384x6] [--rounds 5] [--steps 100] [--isa avx2]
"""
import argparse
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PEER = ROOT / "Benchmarks" / "peer_pytorch.py"
TORCH_VERSION = "2.13.0"
#  hidden x layers: heads, intermediate
SHAPES = {"128x2": (4, 512), "256x4": (8, 1024), "384x6": (12, 1536)}


def arguments():
    parser = argparse.ArgumentParser(description="mtt-tui against PyTorch, in turn, on the same work.")
    add = parser.add_argument
    add("--data", type=pathlib.Path, required=True, help="folder with train/{seq.in,seq.out,label}, such as SNIPS")
    add("--shapes", default="128x2", help=f"comma-separated, of {', '.join(SHAPES)}")
    add("--precisions", default="f32", help="comma-separated, of f32, bf16")
    add("--rounds", type=int, default=3, help="times each contender runs")
    add("--steps", type=int, default=100, help="timed steps a run")
    add("--isa", choices=["avx2"], help="hold both sides to this instruction set (default: the processor's)")
    add("--batch-size", type=int, default=32)
    add("--threads", type=int, default=len(os.sched_getaffinity(0)))
    add("--python", default=sys.executable, help="interpreter that has PyTorch")
    add("--no-build", action="store_true", help="take the release build as it is")
    add("--json", type=pathlib.Path, help="write every single measurement here")
    options = parser.parse_args()
    for shape in options.shapes.split(","):
        if shape not in SHAPES:
            parser.error(f"unknown shape {shape}; there are {', '.join(SHAPES)}")
    for precision in options.precisions.split(","):
        if precision not in ("f32", "bf16"):
            parser.error(f"unknown precision {precision}; there are f32, bf16")
    return options


#  What holds mtt-tui, oneDNN and PyTorch, whose products are MKL's, to an instruction set
LIMITS = {"MTT_MAX_CPU_ISA": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2", "ATEN_CPU_CAPABILITY": "avx2",
          "MKL_ENABLE_INSTRUCTIONS": "AVX2"}


def output(command, environment=None):
    """Standard output of a command run at the repository's root; its errors end the comparison."""
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=environment)
    if result.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\nended with {result.returncode}:\n{result.stderr or result.stdout}")
    return result.stdout.strip()


def build(options):
    if not options.no_build:
        output(["make", "build"])
    return pathlib.Path(output(["swift", "build", "-c", "release", "--show-bin-path"])) / "mtt-tui"


def check_versions(options, binary):
    torch = output([options.python, "-c", "import torch; print(torch.__version__)"])
    processor = next(
        (line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")),
        platform.processor())
    print(f"mtt-tui {output([binary, '--version'])}, PyTorch {torch}, Python {platform.python_version()}")
    print(f"{processor}, {options.threads} threads, batches of {options.batch_size}, {options.steps} timed steps a run")
    if torch.split("+")[0] != TORCH_VERSION:
        print(f"note: the published table was measured with PyTorch {TORCH_VERSION}", file=sys.stderr)


def contenders(options, binary, shape, precision):
    """Commands by name; each prints one JSON object."""
    hidden, layers = shape.split("x")
    heads, intermediate = SHAPES[shape]
    common = [
        "--hidden", hidden, "--layers", layers, "--heads", heads, "--intermediate", intermediate,
        "--batch-size", options.batch_size, "--threads", options.threads, "--steps", options.steps]
    data = options.data.resolve()
    peer = [options.python, PEER, data, *common]
    commands = {"mtt-tui": [binary, "bench", "--data", data, *common, "--precision", precision, "--log-format", "json"]}
    commands["PyTorch, padded"] = peer
    commands["PyTorch, grouped"] = [*peer, "--batching", "grouped"]
    if precision == "bf16":
        commands["PyTorch, grouped, bf16"] = [*peer, "--batching", "grouped", "--precision", "bf16"]
    return {name: [str(part) for part in command] for name, command in commands.items()}


def measure(options, commands):
    """All results by contender, in turn."""
    environment = dict(os.environ, **LIMITS) if options.isa == "avx2" else None
    results = {name: [] for name in commands}
    for round_number in range(1, options.rounds + 1):
        for name, command in commands.items():
            print(f"round {round_number} of {options.rounds}: {name}", file=sys.stderr, flush=True)
            results[name].append(json.loads(output(command, environment).splitlines()[-1]))
    return results


def print_table(title, results):
    rates = {name: [run["real_tokens_per_second"] for run in runs] for name, runs in results.items()}
    ours = statistics.median(rates["mtt-tui"])
    print(f"\n{title}")
    print(f"{'':24}{'tokens/s':>10}{'lowest':>10}{'highest':>10}{'step ms':>9}{'padding':>9}{'MB':>7}"
          f"{'mtt-tui is':>12}")
    for name, runs in results.items():
        rate = statistics.median(rates[name])
        median = lambda key: statistics.median(run[key] for run in runs)
        ratio = "" if name == "mtt-tui" else f"{ours / rate:11.2f}×"
        print(f"{name:24}{rate:10,.0f}{min(rates[name]):10,.0f}{max(rates[name]):10,.0f}{median('step_ms_p50'):9.2f}"
              f"{median('padding_ratio'):9.1%}{median('peak_rss_bytes') / 1e6:7.0f}{ratio:>12}")
    use = [run.get("model_flops_utilization") for run in results["mtt-tui"]]
    peak = [run.get("matmul_peak_gflops") for run in results["mtt-tui"]]
    if all(value is not None for value in use + peak):
        print(f"mtt-tui uses {statistics.median(use):.0%} of the matrix products' measured peak of "
              f"{statistics.median(peak):.0f} GFLOP/s")


def main():
    options = arguments()
    binary = build(options)
    check_versions(options, binary)
    everything = {}
    for precision in options.precisions.split(","):
        for shape in options.shapes.split(","):
            results = measure(options, contenders(options, binary, shape, precision))
            instructions = results["mtt-tui"][0]["instruction_set"]
            print_table(f"{shape} (hidden x layers), {precision}, {instructions}", results)
            everything[f"{shape} {precision}"] = results
    if options.json:
        options.json.write_text(json.dumps(everything, indent=1) + "\n")


if __name__ == "__main__":
    main()
