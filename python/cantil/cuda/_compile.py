"""Compiling kernels and device functions to PTX, for any architecture, without a device."""

import os
import re
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

    `cc` is a compute capability such as (9, 0); `output` is "ptx" or "sass" (text), or "cubin" or "ltoir" (bytes).
    A device function has the C ABI and its Python name; with `abi="numba"` it has Cantil's own, and
    `abi_info={"abi_name": …}` names it. Returns (code, return type).
    Raises cantil.errors.KernelReturnError for a kernel that returns a value.
    """
    if output not in ("ptx", "sass", "cubin", "ltoir"):
        raise NotImplementedError(f"output is 'ptx', 'ltoir', 'cubin' or 'sass', not {output!r}")
    if abi not in ("numba", "c"):
        raise NotImplementedError(f"Unsupported ABI: {abi}")
    if abi == "c" and not device:
        raise NotImplementedError("The C ABI is not supported for kernels")
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
        name = re.sub(r"\W+", "_", function.__name__).strip("_") if abi == "c" else ""
    if name and not re.fullmatch(r"[A-Za-z_$][\w$]*", name, re.ASCII):
        raise ValueError(f"{name!r} is no name for a function in PTX")
    kernel = make_kernel(function, options, {})
    ptx, result, _ = compiled = kernel._ptx(parse_signature(sig), (major, minor), suffix, name)
    if output == "sass":
        return kernel_sass(kernel, compiled, (major, minor), suffix), result
    if output == "cubin":
        return kernel_cubin(kernel, compiled, (major, minor), suffix), result
    if output == "ltoir":
        from ._ltoir import from_ptx

        return from_ptx(ptx, function.__name__, (major, minor, suffix)), result
    return ptx, result


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
    """([code…], return type) of compile(): its own code first, then what its declare_device functions need linked.

    CUDA C++ among that is compiled to PTX (LTO-IR where `output="ltoir"`); the rest is LinkableCode as it was given.
    """
    from ._link import codes_for, compiled_source

    output = options.get("output", "ptx")
    code, result = compile(pyfunc, sig, **options)
    cc = _architecture(options.get("cc"), options.get("arch"))
    kernel = make_kernel(
        getattr(pyfunc, "py_func", pyfunc), normalise({"device": options.get("device", True)}), {}
    )
    _, _, externals = kernel._ptx(parse_signature(sig), cc[:2], cc[2], "")
    codes = [code]
    for other in codes_for(kernel, externals)[0]:
        if other.kind == "cu":
            data, _ = compiled_source(other, cc, "ltoir" if output == "ltoir" else "ptx")
            codes.append(data if output == "ltoir" else data.decode())
        else:
            codes.append(other)
    return codes, result


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


def compile_cuda_source(source, name, cc, output="ptx", options=(), expressions=()):
    """(code, log, mangled names) of CUDA C++ source by NVRTC, for a compute capability such as (9, 0).

    `output` is "ptx" (text), "cubin" or "ltoir" (bytes). Raises NvrtcCompilationError for source that does not compile,
    NvrtcSupportError where NVRTC is missing.
    """
    major, minor, suffix = _architecture(cc)
    folders = _package_folders()
    kind = "sm" if output == "cubin" else "compute"
    flags = [f"--gpu-architecture={kind}_{major}{minor}{suffix}", "-rdc=true", "--std=c++17", *options]
    for header in ("cuda_fp16.h", "cuda/std/type_traits", "cub/cub.cuh"):
        folder = _core.cuda_include_folder(header, folders)
        if folder and f"-I{folder}" not in flags:
            flags.append(f"-I{folder}")
    code, log, names = _core.nvrtc_compile(source, name, flags, output, list(expressions), folders)
    return (code.decode() if output == "ptx" else code), log, names


def _run(command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{Path(command[0]).name} failed:\n{done.stderr}")
    return done.stdout


def kernel_cubin(kernel, compiled, cc, suffix=""):
    """The cubin of what Kernel._ptx() gave, linked with what it needs. Raises RuntimeError without ptxas, LinkerError
    for what cannot be linked."""
    from ._link import codes_for, link_ptx

    ptx, _, externals = compiled
    codes, _ = codes_for(kernel, externals)
    if codes or externals:
        return link_ptx(ptx, kernel.__name__, codes, cc, suffix)
    with tempfile.TemporaryDirectory() as folder:
        source, binary = Path(folder) / "kernel.ptx", Path(folder) / "kernel.cubin"
        source.write_text(ptx)
        relocatable = ["-c"] if ".entry" not in ptx else []
        _run([_tool("ptxas"), f"-arch=sm_{cc[0]}{cc[1]}{suffix}", *relocatable, source, "-o", binary])
        return binary.read_bytes()


def disassembled(cubin, tool, *flags):
    """What one of NVIDIA's tools says of a cubin. Raises RuntimeError where the tool is missing."""
    with tempfile.TemporaryDirectory() as folder:
        binary = Path(folder) / "kernel.cubin"
        binary.write_bytes(cubin)
        return _run([_tool(tool), *flags, binary])


def kernel_sass(kernel, compiled, cc, suffix=""):
    """The machine code, as text, of what Kernel._ptx() gave. Raises RuntimeError where ptxas or nvdisasm is missing."""
    return disassembled(kernel_cubin(kernel, compiled, cc, suffix), "nvdisasm", "-g")
