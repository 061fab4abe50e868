"""Compiling kernels and device functions to PTX, for any architecture, without a device."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from .. import _core
from .._types import parse_signature
from ._jit import make_kernel, normalise


def _architecture(cc, arch=None):
    """(major, minor, suffix) of (9, 0), (9, 0, "a"), "sm_90a" or "90a"; None is sm_75, or
    $NUMBA_CUDA_DEFAULT_PTX_CC."""
    if arch is not None:
        cc = arch
    if cc is None:
        cc = os.environ.get("NUMBA_CUDA_DEFAULT_PTX_CC", "7.5")
    if isinstance(cc, str):
        text = cc.removeprefix("sm_").removeprefix("compute_")
        digits = text.rstrip("abcdefghijklmnopqrstuvwxyz")
        suffix = text[len(digits) :]
        major, minor = digits.split(".") if "." in digits else (digits[:-1], digits[-1:])
        return int(major), int(minor), suffix
    major, minor, suffix = (*cc, "")[:3]
    return int(major), int(minor), suffix


def compile(
    pyfunc,
    sig,
    debug=None,
    lineinfo=False,
    device=True,
    fastmath=False,
    cc=None,
    opt=None,
    abi="c",
    abi_info=None,
    output="ptx",
    forceinline=False,
    launch_bounds=None,
    arch=None,
):
    """Compiles a Python function for one signature, as a device function or (`device=False`) as a kernel.

    `cc` is a compute capability such as (9, 0); `output` is "ptx" or "sass". Returns (text, return type).
    Raises cantil.errors.KernelReturnError for a kernel that returns a value.
    """
    if output not in ("ptx", "sass"):
        raise NotImplementedError(f"output is 'ptx' or 'sass', not {output!r}")
    options = normalise(
        {
            "debug": bool(debug),
            "lineinfo": lineinfo,
            "device": device,
            "fastmath": fastmath,
            "inline": "always" if forceinline else "never",
            "launch_bounds": launch_bounds,
        }
    )
    function = getattr(pyfunc, "py_func", pyfunc)
    major, minor, suffix = _architecture(cc, arch)
    name = (abi_info or {}).get("abi_name", "")
    if device and not name:
        name = function.__name__ if abi == "c" else ""
    ptx, result = make_kernel(function, options, {})._ptx(parse_signature(sig), (major, minor), suffix, name)
    return (sass(ptx, major, minor, suffix) if output == "sass" else ptx), result


def compile_ptx(
    pyfunc,
    sig,
    debug=None,
    lineinfo=False,
    device=False,
    fastmath=False,
    cc=None,
    opt=None,
    abi="numba",
    abi_info=None,
    forceinline=False,
    launch_bounds=None,
    arch=None,
):
    """Compiles a Python function for one signature to PTX, as a kernel or (`device=True`) as a device function.

    `cc` is a compute capability such as (9, 0), for which no device is needed. Returns (PTX, return type).
    Raises cantil.errors.KernelReturnError for a kernel that returns a value.
    """
    return compile(
        pyfunc,
        sig,
        debug=debug,
        lineinfo=lineinfo,
        device=device,
        fastmath=fastmath,
        cc=cc,
        opt=opt,
        abi=abi,
        abi_info=abi_info,
        forceinline=forceinline,
        launch_bounds=launch_bounds,
        arch=arch,
    )


def compile_for_current_device(pyfunc, sig, **options):
    """compile() for the current device's architecture."""
    return compile(pyfunc, sig, cc=_core.cuda_current().properties["compute_capability"], **options)


def compile_ptx_for_current_device(pyfunc, sig, **options):
    """compile_ptx() for the current device's architecture."""
    return compile_ptx(pyfunc, sig, cc=_core.cuda_current().properties["compute_capability"], **options)


def compile_all(pyfunc, sig, **options):
    """([text], return type) of compile(): there are never other parts to link."""
    text, result = compile(pyfunc, sig, **options)
    return [text], result


def _package_folders():
    """Folders of NVIDIA's PyPI packages, which may hold the CUDA tools."""
    return [
        str(folder) for path in sys.path if path for folder in Path(path).glob("nvidia") if folder.is_dir()
    ]


def _tool(name):
    found = _core.cuda_tool(name, _package_folders())
    if found is None:
        raise RuntimeError(f"{name} was not found: set CUDA_HOME to a CUDA toolkit")
    return found


def sass(ptx, major, minor, suffix=""):
    """The machine code of PTX as text. Raises RuntimeError where ptxas or nvdisasm is missing or refuses it."""
    with tempfile.TemporaryDirectory() as folder:
        source, binary = Path(folder) / "kernel.ptx", Path(folder) / "kernel.cubin"
        source.write_text(ptx)
        for command in (
            [_tool("ptxas"), f"-arch=sm_{major}{minor}{suffix}", source, "-o", binary],
            [_tool("nvdisasm"), "-g", binary],
        ):
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                raise RuntimeError(f"{Path(command[0]).name} failed:\n{done.stderr}")
        return done.stdout
