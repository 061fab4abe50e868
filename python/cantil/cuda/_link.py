"""Linking: a kernel's own code with CUDA C++, PTX, cubins and the rest, into what a device loads.

On a GPU, NVRTC compiles CUDA C++ and nvJitLink (or the driver's linker, where that is not there) links; on the
simulator a C++ compiler of this machine compiles CUDA C++ for the host. Results are kept on disk.
"""

import ctypes
import hashlib
import os
import shutil
import subprocess
import tempfile
import weakref
from pathlib import Path

from .. import _core, config
from ..errors import LinkerError
from ._linkable import as_codes, key_of

# Declared functions by "symbol:key": what is linked for them.
_declared = {}


def declare(function, codes, use_cooperative):
    """Remembers what a declared function needs."""
    _declared[f"{function.symbol}:{function.key}"] = (codes, use_cooperative)


def codes_for(kernel, externals):
    """(codes to link into a kernel, whether it has to be launched cooperatively)."""
    codes, cooperative = list(kernel.__dict__.get("_links", ())), False
    for external in externals:
        more, also = _declared.get(external, ((), False))
        codes += more
        cooperative = cooperative or also
    unique = {}
    for code in codes:
        unique.setdefault((code.kind, code._bytes()), code)
    return list(unique.values()), cooperative


# ---- The disk cache ----


def _cache_folder():
    """Where linked code is kept; None where nothing can be written."""
    if config.CACHE_DIR:
        folder = Path(config.CACHE_DIR)
    else:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        folder = Path(base) / "cantil"
    folder = folder / "linked"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


def _cached(key, suffix, make):
    """The file of a key's result, made where it is not there yet. `make` is given the path to write."""
    folder = _cache_folder()
    if folder is None:
        folder = Path(tempfile.mkdtemp(prefix="cantil-"))
        weakref.finalize(_cached, shutil.rmtree, folder, ignore_errors=True)
    path = folder / (key + suffix)
    if not path.exists():
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            made = Path(scratch) / ("made" + suffix)
            make(made)
            os.replace(made, path)  # whole, or not at all
    return path


def _digest(*parts):
    digest = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else str(part).encode()
        digest.update(f"{len(data)}:".encode() + data)
    return digest.hexdigest()


# ---- The GPU ----


def _source_options(code):
    return [f"-I{code._folder}"] if code._folder else []


def compiled_source(code, cc, output="ptx"):
    """(code, log) of a CUSource, from the disk cache where it was compiled before."""
    from ._compile import _package_folders, compile_cuda_source

    version, _, library = _core.nvrtc_about(_package_folders())
    key = _digest("nvrtc", version, library, cc, output, code._bytes(), *_source_options(code))
    log = [""]

    def make(path):
        text, log[0], _ = compile_cuda_source(
            code._bytes().decode(), code.name, cc, output, _source_options(code)
        )
        path.write_bytes(text.encode() if isinstance(text, str) else text)

    # Files that it includes may have changed: only what stands alone is kept.
    if b'#include "' in code._bytes():
        with tempfile.TemporaryDirectory() as scratch:
            path = Path(scratch) / "made"
            make(path)
            return path.read_bytes(), log[0]
    return _cached(key, "." + output, make).read_bytes(), log[0]


def _driver_is_older(folders):
    """Whether the driver may refuse what nvJitLink links, being of an older major version of CUDA."""
    driver = _core.cuda_driver_version() // 1000 if _core.cuda_driver_available() else 0
    nvrtc_major = _core.nvrtc_about(folders)[0][0]
    return driver and nvrtc_major > driver


def link_ptx(ptx, name, codes, cc, suffix="", flags=()):
    """The cubin of a kernel's PTX and other code, for a compute capability.

    Raises LinkerError, with the linker's words, for what does not fit together.
    """
    from ._compile import _package_folders

    folders = _package_folders()
    parts = [("ptx", ptx.encode(), name)]
    for code in codes:
        if code.kind == "cu":
            data, _ = compiled_source(code, (*cc, suffix))
            parts.append(("ptx", data, code.name))
        else:
            parts.append((code.kind, code._bytes(), code.name))
    has_lto = any(kind == "ltoir" for kind, *_ in parts)
    options = [f"-arch=sm_{cc[0]}{cc[1]}{suffix}", *(["-lto"] if has_lto else []), *flags]
    library = _core.cuda_library("nvJitLink", folders)
    if library is None and has_lto:
        raise LinkerError(
            "LTO-IR is linked by nvJitLink, which was not found (the package nvidia-nvjitlink has it). "
            + _core.cuda_search(folders)
        )
    if library is None or (_core.cuda_driver_available() and _driver_is_older(folders) and not has_lto):
        return _core.driver_link(parts)[0]
    key = _digest("nvjitlink", library, *options, *(item for part in parts for item in part[:2]))

    def make(path):
        path.write_bytes(_core.nvjitlink(parts, options, False, folders)[0])

    return _cached(key, ".cubin", make).read_bytes()


# ---- The simulator ----


def _host_compiler():
    for name in (os.environ.get("CXX"), "c++", "g++", "clang++"):
        if name and (found := shutil.which(name)):
            return found
    raise LinkerError(
        "the simulator compiles CUDA C++ with a C++ compiler of this machine, and there is none: install "
        "g++ or clang++, or name one in CXX"
    )


def _host_library(codes):
    """The shared library of CUDA C++ source compiled for this machine."""
    for code in codes:
        if code.kind != "cu":
            raise LinkerError(
                f"'{code.name}' is {type(code).__name__}, code for a GPU: the simulator links CUDA C++ "
                "source only (CUSource, .cu files)"
            )
    prelude = Path(__file__).with_name("_host_prelude.h")
    compiler = _host_compiler()
    flags = [
        "-std=c++17",
        "-O2",
        "-fPIC",
        "-shared",
        "-w",
        "-x",
        "c++",
        "-include",
        str(prelude),
    ]
    texts = [code._bytes() for code in codes]
    key = _digest("host", compiler, prelude.read_bytes(), *flags[:-1], *texts)

    def make(path):
        with tempfile.TemporaryDirectory() as scratch:
            files = []
            for i, code in enumerate(codes):
                file = Path(scratch) / f"{i}.cu"
                file.write_bytes(f'#line 1 "{code.name}"\n'.encode() + texts[i])
                files.append(str(file))
            includes = [option for code in codes for option in _source_options(code)]
            done = subprocess.run(
                [compiler, *flags, *includes, *files, "-o", path], capture_output=True, text=True
            )
            if done.returncode:
                names = ", ".join(code.name for code in codes)
                raise LinkerError(
                    f"{names} cannot be compiled for the simulator, which has no GPU:\n{done.stderr}"
                )

    if any(b'#include "' in text for text in texts):
        key = _digest(
            key, os.getpid(), *(os.stat(code._folder).st_mtime_ns for code in codes if code._folder)
        )
    return _cached(key, ".so", make)


def _link_for_host(name, codes, externals):
    path = str(_host_library(codes)) if codes else ""
    library = ctypes.CDLL(path) if path else None
    for external in externals:
        symbol = external.partition(":")[0]
        if library is None or not hasattr(library, symbol):
            raise LinkerError(
                f"{name} calls '{symbol}', and nothing that is linked defines it: declare_device(…, link=…) or "
                'jit(link=…) names the code, and the function is extern "C" in it'
            )
    return path


# ---- What the extension module calls ----


def link(kernel, externals, ptx, entry, cc):
    """(what to load, whether to launch it cooperatively) for a kernel with other code.

    `ptx` is None on the simulator; what to load is then the path of a shared library, else a cubin.
    """
    codes, cooperative = codes_for(kernel, externals)
    if ptx is None:
        return _link_for_host(kernel.__name__, codes, externals).encode(), cooperative
    options = kernel._options
    flags = []
    if options["lineinfo"]:
        flags.append("-lineinfo")
    if options["max_registers"]:
        flags.append(f"-maxrregcount={options['max_registers']}")
    return link_ptx(ptx, kernel.__name__, codes, cc, flags=flags), cooperative


class LoadedModule:
    """A module that a device has loaded; callbacks of linked code are given it."""

    def __init__(self, handle):
        self.handle = handle

    def __int__(self):
        return self.handle

    def __repr__(self):
        return f"<module {self.handle:#x}>"


def loaded(kernel, externals, handle):
    """Runs the callbacks of what was linked; those of the end run with the kernel's."""
    codes, _ = codes_for(kernel, externals)
    module = LoadedModule(handle)
    for code in codes:
        if code.setup_callback is not None:
            code.setup_callback(module)
        if code.teardown_callback is not None:
            weakref.finalize(kernel, code.teardown_callback, module)


def declare_device(name, sig, link=None, use_cooperative=False, abi="numba"):
    """Declares a function of CUDA C++ or PTX, for kernels to call by what this returns.

    `name` is its symbol (declared extern "C" in C++), `sig` its signature such as "float32(float32, int32)", in which
    `CPointer(float32)` is a pointer: it takes an array, or `ffi.from_buffer(array)`. `link` is the code that defines
    it: a path (.cu, .ptx, .cubin, .fatbin, .o, .a, .ltoir), or a CUSource and its like, or a list of these.

    With abi="numba" the function returns an int that is 0, and writes its result through a first argument:
    `extern "C" __device__ int name(float *result, float x, int n)`. With abi="c" it is a plain function:
    `extern "C" __device__ float name(float x, int n)`.

    Raises TypeError for a signature without a result type, NotImplementedError for another ABI.
    """
    from .._types import parse_signature

    if abi not in ("numba", "c"):
        raise NotImplementedError(f"Unsupported ABI: {abi}")
    result, arguments = parse_signature(sig)
    if result is None:
        raise TypeError("Return type must be provided for device declarations")
    for kind in (result, *arguments):
        if kind._kind not in ("bool", "int", "float", "pointer", "none") or str(kind) in (
            "float16",
            "bfloat16",
        ):
            raise TypeError(
                f"declare_device: {kind} cannot be passed to a function from elsewhere; numbers and CPointer(type) can"
            )
    codes = as_codes(link)
    function = _core.ExternalFunction(name, (result, arguments), abi == "c", key_of(codes))
    function.__doc__ = f"{name}: {sig}, from elsewhere"
    declare(function, codes, bool(use_cooperative))
    return function
