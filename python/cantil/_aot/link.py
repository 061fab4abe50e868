"""Linking: the C compiler and binutils of the machine, and the run-time part that Cantil brings."""

import os
import re
import shlex
import shutil
import subprocess
import sysconfig
from pathlib import Path

# Libraries that only some modules need: what their symbols begin with, and the loader's name.
_BUNDLED = {
    "sleef": (re.compile(r"Sleef_"), "libsleef.so.3"),
    "tbb": (re.compile(r"cantil_rt_parallel"), "libtbb.so.12"),
}


class ToolError(RuntimeError):
    """A program of the tool chain is missing or failed; the message has its output."""


def data_folder():
    """The folder with libcantil_aot.a and cantil_aot.h."""
    return Path(__file__).resolve().parent.parent / "_data" / "aot"


def extension_suffix():
    return sysconfig.get_config_var("EXT_SUFFIX")


def _tool(variable, *names):
    given = os.environ.get(variable)
    if given:
        return shlex.split(given)
    for name in names:
        if found := shutil.which(name):
            return [found]
    raise ToolError(
        f"compiling ahead of time needs {names[0]}, "
        f"as in Debian's packages g++ and binutils (or name one in ${variable})"
    )


def _run(command, folder, verbose):
    if verbose:
        print(shlex.join(map(str, command)))
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise ToolError(f"{Path(command[0]).name} failed:\n{(done.stderr or done.stdout).strip()}")
    return done.stdout


def write_objects(folder, variants, verbose=False):
    """Writes each variant's object files, entry points renamed to what the module's C text calls them."""
    objcopy = _tool("OBJCOPY", "objcopy")
    for f, compiled in enumerate(variants):
        for v, variant in enumerate(compiled):
            (folder / f"metadata_{f}_{v}.bin").write_bytes(variant.metadata)
            for level, code in enumerate(variant.objects):
                path = folder / f"code_{f}_{v}_{level}.o"
                path.write_bytes(code)
                rename = f"{variant.entry}=entry_{f}_{v}_{level}"
                _run([*objcopy, "--redefine-sym", rename, path.name], folder, verbose)


def link(folder, sources, output, exported, verbose=False, extra=()):
    """Compiles the C `sources` of `folder` and links them with its objects to the shared library `output`.

    Libraries beyond the C library go to `<output's stem>.libs` beside it. `exported`: a pattern of symbols to show."""
    cc, cxx, nm = _tool("CC", "cc", "gcc", "clang"), _tool("CXX", "c++", "g++", "clang++"), _tool("NM", "nm")
    data = data_folder()
    objects = sorted(p.name for p in folder.glob("code_*.o"))
    for source in sources:
        _run([*cc, "-O2", "-fPIC", "-fvisibility=hidden", f"-I{data}", "-c", source], folder, verbose)
        objects.append(Path(source).stem + ".o")
    wanted = _run([*nm, "-u", *objects], folder, verbose)
    (folder / "exports.map").write_text(f"{{ global: {exported}; local: *; }};\n")
    output = Path(output).resolve()
    output.parent.mkdir(parents=True, exist_ok=True)
    libraries = [locate(name) for name, (used, _) in _BUNDLED.items() if used.search(wanted)]
    bundle = output.parent / f"{output.name.partition('.')[0]}.libs"
    options = []
    if libraries:
        bundle.mkdir(exist_ok=True)
        for library in libraries:
            shutil.copy2(library, bundle / library.name)
        options = [
            *(str(bundle / library.name) for library in libraries),
            f"-Wl,-rpath,$ORIGIN/{bundle.name}",
        ]
    unfinished = output.with_name(output.name + f".{os.getpid()}")
    flags = "-static-libstdc++ -static-libgcc -Wl,--version-script=exports.map -Wl,--gc-sections -Wl,--as-needed -Wl,-s"
    command = [*cxx, "-shared", "-o", unfinished, *objects, *extra, data / "libcantil_aot.a", *options]
    _run([*command, *flags.split(), "-ldl", "-lm", "-lpthread"], folder, verbose)
    os.replace(unfinished, output)
    return output


def locate(name):
    """The file of a library that the extension module works with: the wheel's own, else the one the loader finds."""
    import ctypes

    _, file = _BUNDLED[name]
    packaged = Path(__file__).resolve().parent.parent / "_libs" / file
    if packaged.exists():
        return packaged
    try:
        ctypes.CDLL(file)
    except OSError as error:
        raise ToolError(f"{file} cannot be loaded: {error}") from None
    for line in Path("/proc/self/maps").read_text().splitlines():
        path = Path(line.split(maxsplit=5)[-1])
        if path.name.startswith(file):
            return path.with_name(file) if path.with_name(file).exists() else path
    raise ToolError(f"{file} is not where the loader says")
