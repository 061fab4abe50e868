"""Checks a freshly built wheel and gives it its manylinux tag: finish_wheel.py WHEEL OUTPUT_FOLDER.

A wheel passes where every shared library that it needs is its own or on every Linux, it is at most 25 MB, carries
libdevice, and holds no path of the machine that built it in its run paths. Prints the path of the finished wheel.
"""

import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

MAX_BYTES = 25 * 10**6
# What the manylinux policies promise on every machine, as far as we use it.
SYSTEM_LIBRARIES = {
    "libc.so.6",
    "libm.so.6",
    "libdl.so.2",
    "librt.so.1",
    "libpthread.so.0",
    "libgcc_s.so.1",
    "libstdc++.so.6",
    "libz.so.1",
    "ld-linux-x86-64.so.2",
}
BUNDLED = {"libtbb.so.12", "libsleef.so.3"}


def elf_headers(path: Path) -> str:
    return subprocess.run(["objdump", "-p", path], check=True, capture_output=True, text=True).stdout


def check(folder: Path) -> tuple[list[str], tuple[int, int]]:
    """What is wrong with the unpacked wheel, and the glibc that it needs."""
    wrong, glibc = [], (2, 17)
    libraries = sorted(folder.rglob("*.so*"))
    names = {path.name for path in libraries}
    wrong += [f"{name} is not bundled" for name in sorted(BUNDLED - names)]
    if not any(name.startswith("_core.") for name in names):
        wrong.append("the extension module _core is missing")
    if not list(folder.rglob("cantil/_data/libdevice.10.bc")):
        wrong.append("libdevice.10.bc is missing: neither a CUDA toolkit nor nvidia-nvvm was found")
    for path in libraries:
        headers = elf_headers(path)
        needed = set(re.findall(r"NEEDED +(\S+)", headers))
        wrong += [f"{path.name} needs {name}" for name in sorted(needed - SYSTEM_LIBRARIES - names)]
        for run_path in re.findall(r"R(?:UN)?PATH +(\S+)", headers):
            wrong += [
                f"{path.name} looks in {place}"
                for place in run_path.split(":")
                if not place.startswith("$ORIGIN")
            ]
        for major, minor in re.findall(r"GLIBC_(\d+)\.(\d+)", headers):
            glibc = max(glibc, (int(major), int(minor)))
        sections = subprocess.run(["objdump", "-h", path], check=True, capture_output=True, text=True).stdout
        if ".debug_info" in sections or ".symtab" in sections:
            wrong.append(f"{path.name} is not stripped")
    return wrong, glibc


def main() -> int:
    wheel, output = Path(sys.argv[1]), Path(sys.argv[2])
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder)
        wrong, glibc = check(Path(folder))
    size = wheel.stat().st_size
    if size > MAX_BYTES:
        wrong.append(f"{size / 1e6:.1f} MB is more than {MAX_BYTES / 1e6:.0f}")
    for line in wrong:
        print(f"{wheel.name}: {line}", file=sys.stderr)
    if wrong:
        return 1
    tag = f"manylinux_{glibc[0]}_{glibc[1]}_x86_64"
    command = [sys.executable, "-m", "wheel", "tags", "--remove", "--platform-tag", tag, wheel]
    tagged = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-1]
    output.mkdir(parents=True, exist_ok=True)
    finished = output / tagged
    finished.write_bytes((wheel.parent / tagged).read_bytes())
    print(f"{finished.name}: {size / 1e6:.1f} MB", file=sys.stderr)
    print(finished)
    return 0


if __name__ == "__main__":
    sys.exit(main())
