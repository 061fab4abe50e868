"""Timing and reporting that all benchmarks share: interleaved medians, ratios to the peers, JSON with the machine.

Measurements of one benchmark take turns (cantil, numba, cantil, numba, …), so that a slow phase of the machine meets
all of them alike. A peer that fails or gives a wrong result gets no number: the failure is listed and ends the run with
status 1.
"""

import datetime
import gc
import importlib
import importlib.metadata
import importlib.util
import json
import os
import platform
import statistics
import subprocess
import time
import traceback
from pathlib import Path

OURS = "cantil"


def seconds(action):
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def per_call(action, target_s=2e-3):
    """Seconds of one call, from a loop long enough to time."""
    action()
    count = 1
    while True:
        span = range(count)
        start = time.perf_counter()
        for _ in span:
            action()
        elapsed = time.perf_counter() - start
        if elapsed >= target_s or count >= 1 << 20:
            return elapsed / count
        count = max(count * 2, int(count * target_s / max(elapsed, 1e-9)) + 1)


def readable(value, unit):
    if value is None:
        return "-"
    if unit != "s":
        return f"{value:.3g} {unit}".strip()
    for name, scale in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if abs(value) >= 0.9995 * scale:  # what rounds to 1000 of a unit is 1 of the next
            return f"{value / scale:.3g} {name}"
    return f"{value * 1e9:.3g} ns"


def version(package):
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        # Cantil is measured from its checkout, where it is importable but not installed.
        return (
            importlib.import_module(package).__version__
            if package == OURS and importlib.util.find_spec(OURS)
            else None
        )


def machine():
    """What a figure means nothing without."""
    cpu = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as info:
            cpu = next(line.split(":", 1)[1].strip() for line in info if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    try:
        command = ["nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader"]
        gpu = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        gpu = None
    root = Path(__file__).parent.parent
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=root, capture_output=True, text=True)
    packages = ("cantil", "numba", "numba-cuda", "llvmlite", "numpy", "scipy")
    return {
        "cpu": cpu,
        "cores": len(os.sched_getaffinity(0)),
        "gpu": gpu,
        "system": platform.platform(),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in packages},
        "commit": commit.stdout.strip() or None,
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
    }


class Session:
    """One run: which peers there are, what was measured, what failed."""

    def __init__(self, quick=False, without=()):
        self.quick = quick
        self.peers = [
            name for name in (OURS, "numba") if name not in without and importlib.util.find_spec(name)
        ]
        self.machine = machine()
        self.rows = []
        self.failures = []

    def machine_line(self):
        m = self.machine
        versions = ", ".join(f"{name} {number}" for name, number in m["versions"].items() if number)
        return f"{m['cpu']}, {m['cores']} cores, {m['gpu'] or 'no GPU'}; Python {m['python']}; {versions}"

    def repeats(self, normal):
        return max(3, normal // 3) if self.quick else normal

    def failed(self, benchmark, peer, error):
        last = traceback.format_exception_only(type(error), error)[-1].strip().splitlines()[0]
        self.failures.append(f"{benchmark} [{peer}]: {last}")

    def record(self, benchmark, values, unit="s", note="", samples=None):
        """Keep and print one row: `values` maps each peer to its number, None where it has none."""
        self.rows.append(
            {"benchmark": benchmark, "unit": unit, "values": values, "note": note, "samples": samples}
        )
        ours = values.get(OURS)
        cells = []
        for name, value in values.items():
            cell = f"{name} {readable(value, unit)}"
            if name != OURS and ours and value:
                cell += f" ({value / ours:.2f}x)"
            cells.append(cell)
        print(f"{benchmark:<44} " + "   ".join(cells) + (f"   [{note}]" if note else ""), flush=True)

    def compare(self, benchmark, actions, repeats=7, unit="s", note="", measure=seconds):
        """Time each action `repeats` times in turns and record the medians.

        `actions`: peer to a callable that is timed by `measure`. With `measure=None` the callable itself returns the
        number (first calls, whose preparation must not be timed).
        """
        samples = {name: [] for name in actions}
        dead = set()
        gc.collect()
        gc.disable()
        try:
            for _ in range(self.repeats(repeats)):
                for name, action in actions.items():
                    if name in dead:
                        continue
                    try:
                        samples[name].append(action() if measure is None else measure(action))
                    except Exception as error:
                        dead.add(name)
                        self.failed(benchmark, name, error)
        finally:
            gc.enable()
        values = {
            name: statistics.median(taken) if taken and name not in dead else None
            for name, taken in samples.items()
        }
        self.record(benchmark, values, unit, note, samples)
        return values

    def time(self, action, repeats):
        """The sorted seconds of `repeats` calls of one action alone."""
        return sorted(seconds(action) for _ in range(self.repeats(repeats)))

    def geometric_mean(self, benchmark, pairs, note=""):
        """Record the geometric mean of ratios peer / ours over earlier results."""
        ratios = [theirs / ours for ours, theirs in pairs if ours and theirs]
        if ratios:
            self.record(
                benchmark, {"ratio": statistics.geometric_mean(ratios)}, "x", note or f"over {len(ratios)}"
            )

    def write(self, path):
        path.parent.mkdir(parents=True, exist_ok=True)
        content = {"machine": self.machine, "quick": self.quick, "rows": self.rows, "failures": self.failures}
        path.write_text(json.dumps(content, indent=1) + "\n")
        print(f"\nwritten: {path}")
