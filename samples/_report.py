"""What every sample prints: where it ran, how long compiling and running took, and the speed-up.

Not a sample itself: `./dev demo` skips files that start with an underscore.
"""

import os
import platform
import sys
import time

from cantil import cuda


def size_argument(default):
    """The sample's size: its first command-line argument, or `default`."""
    return int(sys.argv[1]) if len(sys.argv) > 1 else default


def cpu_device():
    """The name of the host's processor and how many cores this process may use."""
    name = platform.machine()
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as info:
            name = next(line.split(":", 1)[1].strip() for line in info if line.startswith("model name"))
    except (OSError, StopIteration):
        pass  # not Linux, or an architecture whose cpuinfo has no model name
    return f"CPU ({name}, {len(os.sched_getaffinity(0))} cores)"


def cuda_device():
    """The name of the CUDA device that kernels run on: a GPU, or the simulator."""
    name = getattr(cuda.get_current_device(), "name", "simulator")
    return name.decode() if isinstance(name, bytes) else str(name)


def seconds(action):
    """Wall-clock seconds of one call of `action`."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def best_of(action, repeat=5, budget=3.0):
    """The shortest of up to `repeat` calls, fewer when they add up to more than `budget` seconds."""
    best = total = seconds(action)
    for _ in range(repeat - 1):
        if total > budget:
            break
        last = seconds(action)
        total += last
        best = min(best, last)
    return best


def best_on_device(launch, repeat=5):
    """`best_of` for kernels: a launch returns at once, so each measurement waits for the device."""

    def launch_and_wait():
        launch()
        cuda.synchronize()

    return best_of(launch_and_wait, repeat)


def first_launch(launch):
    """Seconds until the first launch has finished, compilation included."""

    def launch_and_wait():
        launch()
        cuda.synchronize()

    return seconds(launch_and_wait)


def duration(value):
    """`value` seconds with a unit that keeps it readable."""
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if value >= scale:
            return f"{value / scale:.3g} {unit}"
    return f"{value / 1e-9:.3g} ns"


def report(title, device, compile_s, run_s, baselines):
    """Print one result; `baselines` maps what it is compared with to that one's seconds.

    `compile_s` is None where an earlier run had compiled the same specialisation.
    """
    print(title)
    print(f"  device    {device}")
    print(f"  compile   {'done before' if compile_s is None else duration(compile_s)}")
    print(f"  run       {duration(run_s)}")
    for name, value in baselines.items():
        print(f"  speed-up  {value / run_s:.3g}x over {name} ({duration(value)})")


def require(ok, message):
    """End the sample with status 1 and `message` unless its result is right."""
    if not ok:
        print(f"WRONG RESULT: {message}", file=sys.stderr)
        sys.exit(1)
