"""The command line: runs the chosen groups and prints one table a benchmark, Cantil's ratio to each peer beside it."""

import argparse
import importlib
import os
import pkgutil
import sys
import traceback
from pathlib import Path

HERE = Path(__file__).parent
GROUPS = sorted(folder.name for folder in HERE.iterdir() if (folder / "__init__.py").exists())


def arguments():
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "groups", nargs="*", metavar="group", help=f"of {', '.join(GROUPS)}; group/module narrows it"
    )
    parser.add_argument("--json", metavar="FILE", help="write all measurements, with the machine, to FILE")
    parser.add_argument("--save", metavar="NAME", help="the same into benchmarks/results/NAME.json")
    parser.add_argument(
        "--quick", action="store_true", help="fewer repetitions: to try a benchmark, not to quote it"
    )
    parser.add_argument("--without", action="append", default=[], metavar="PEER", help="leave a peer out")
    return parser.parse_args()


def modules(wanted):
    """The benchmark modules of the wanted groups, in order: `group` or `group/module`."""
    for group in GROUPS:
        for info in pkgutil.iter_modules([str(HERE / group)]):
            if info.name.startswith("_"):
                continue
            if not wanted or group in wanted or f"{group}/{info.name}" in wanted:
                yield f"{group}/{info.name}", f"benchmarks.{group}.{info.name}"


def main():
    options = arguments()
    for name in options.groups:
        if name.split("/")[0] not in GROUPS:
            sys.exit(f"no group {name}: there are {', '.join(GROUPS)}")
    # Measurements without a GPU: say so once here instead of in a warning of each process.
    os.environ.setdefault("CANTIL_CUDA", "sim" if not os.path.exists("/dev/nvidia0") else "gpu")

    from benchmarks.harness import Session

    session = Session(quick=options.quick, without=options.without)
    print(session.machine_line())
    broken = []
    for name, module in modules(set(options.groups)):
        print(f"\n## {name}")
        try:
            importlib.import_module(module).run(session)
        except Exception:
            broken.append(name)
            traceback.print_exc()
        sys.stdout.flush()
    if options.json:
        session.write(Path(options.json))
    if options.save:
        session.write(HERE / "results" / f"{options.save}.json")
    for line in session.failures:
        print(f"FAILED {line}", file=sys.stderr)
    for name in broken:
        print(f"BROKEN {name}", file=sys.stderr)
    sys.exit(1 if broken or session.failures else 0)


if __name__ == "__main__":
    main()
