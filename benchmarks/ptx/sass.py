"""SASS instructions per unit of work for sm_90: Cantil and numba-cuda against nvcc's build of hand-written twins.

The quality of PTX without a GPU: how long the hot loop is, over the number of key instructions (stores,
multiply-adds, barriers…) in it, so that unrolling does not count against anyone. ptxas assembles each system's PTX
with the same flags.
"""

import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.peers import cuda_of, fresh_module, package
from benchmarks.ptx._kernels import KERNELS, TEXT

ARCHITECTURE = "sm_90"
TWINS = Path(__file__).parent / "twins.cu"


def tool(name):
    """A CUDA tool: on PATH, in the toolkit, or in one of NVIDIA's PyPI packages; None where there is none."""
    places = [shutil.which(name)]
    places += [f"{root}/bin/{name}" for root in (os.environ.get("CUDA_HOME"), "/usr/local/cuda") if root]
    for folder in sys.path:
        places += [str(path) for path in sorted(Path(folder).glob(f"nvidia/*/bin/{name}"))]
    return next((place for place in places if place and Path(place).exists()), None)


def command(*arguments):
    done = subprocess.run([str(a) for a in arguments], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{Path(str(arguments[0])).name}: {(done.stderr or done.stdout).strip()[:300]}")
    return done.stdout


def disassemble(nvdisasm, cubin):
    """Kernel name to its instructions, as (address, text) and labels, as name to address."""
    kernels = {}
    current = None
    for line in command(nvdisasm, "-c", cubin).splitlines():
        if section := re.match(r"\.section\s+\.text\.([^,\s]+)", line.strip()):
            current = kernels.setdefault(section[1], ([], {}))
        elif line.lstrip().startswith(".section"):
            current = None
        elif current is not None:
            if label := re.match(r"\s*(\.L_\w+):", line):
                current[1][label[1]] = current[0][-1][0] + 16 if current[0] else 0
            elif code := re.match(r"\s*/\*([0-9a-f]{4,})\*/\s+(.*?);", line):
                current[0].append((int(code[1], 16), code[2].strip()))
    return kernels


def bare(instruction):
    """The instruction without its predicate."""
    return re.sub(r"^@!?U?P\w+\s+", "", instruction)


def innermost_loops(instructions, labels):
    """(first, last) addresses of loops that contain no other loop."""
    loops = []
    for address, text in instructions:
        if branch := re.match(r"BRA.*?`\((\.L_\w+)\)", bare(text)):
            target = labels.get(branch[1])
            if target is not None and target < address:
                loops.append((target, address))
    # A branch to itself closes the program and is no loop (target == address is left out above).
    return [a for a in loops if not any(b != a and a[0] <= b[0] and b[1] <= a[1] for b in loops)]


def per_unit(kernel, key, where):
    """Instructions for each key instruction: in the innermost loop that has most of them, or in all of a kernel."""
    instructions, labels = kernel
    real = [(address, bare(text)) for address, text in instructions if not bare(text).startswith("NOP")]

    def count(first, last):
        inside = [text for address, text in real if first <= address <= last]
        return len(inside), sum(1 for text in inside if re.match(key, text))

    whole = count(0, 1 << 60)
    loops = [count(*loop) for loop in innermost_loops(instructions, labels)]
    loops = [(length, keys) for length, keys in loops if keys]
    if where == "loop length":
        return min(length for length, keys in loops)
    # A loop that the assembler has unrolled away leaves straight-line code.
    length, keys = max(loops, key=lambda loop: loop[1]) if where == "loop" and loops else whole
    if not keys:
        raise RuntimeError(f"no {key} in the kernel")
    return length / keys


def assembled(ptxas, nvdisasm, folder, name, ptx):
    source, cubin = folder / f"{name}.ptx", folder / f"{name}.cubin"
    source.write_text(ptx)
    report = subprocess.run(
        [ptxas, f"-arch={ARCHITECTURE}", "-v", "-o", cubin, source], capture_output=True, text=True
    )
    if report.returncode != 0:
        raise RuntimeError(f"ptxas: {report.stderr.strip()[:300]}")
    (kernel,) = [body for section, body in disassemble(nvdisasm, cubin).items() if name in section]
    return kernel


def run(session):
    tools = {name: tool(name) for name in ("nvcc", "ptxas", "nvdisasm")}
    if missing := [name for name, path in tools.items() if path is None]:
        print(f"not run: {', '.join(missing)} not found (a CUDA toolkit, or NVIDIA's PyPI packages)")
        return
    with tempfile.TemporaryDirectory(prefix="cantil-bench-") as name:
        folder = Path(name)
        command(tools["nvcc"], "-O3", f"-arch={ARCHITECTURE}", "-cubin", "-o", folder / "twins.cubin", TWINS)
        twins = disassemble(tools["nvdisasm"], folder / "twins.cubin")
        modules = {peer: fresh_module(TEXT, peer) for peer in session.peers}
        ratios = {peer: [] for peer in session.peers}
        for kernel, signature, key, where in KERNELS:
            title = f"SASS: {kernel}"
            nvcc = per_unit(twins[kernel], key, where)
            values = {}
            for peer, module in modules.items():
                try:
                    types = eval(signature, dict(vars(package(peer).types)))
                    ptx, _ = cuda_of(peer).compile_ptx(getattr(module, kernel), types, cc=(9, 0))
                    body = assembled(tools["ptxas"], tools["nvdisasm"], folder, kernel, ptx)
                    values[peer] = per_unit(body, key, where)
                    ratios[peer].append(values[peer] / nvcc)
                except Exception as error:
                    session.failed(title, peer, error)
            values["nvcc"] = nvcc
            note = ", ".join(f"{peer}/nvcc {values[peer] / nvcc:.2f}" for peer in values if peer != "nvcc")
            session.record(title, values, unit="instr", note=note)
        for peer, all_ratios in ratios.items():
            if all_ratios:
                session.record(
                    f"SASS: {peer} / nvcc",
                    {"geometric mean": statistics.geometric_mean(all_ratios), "worst": max(all_ratios)},
                    unit="x",
                    note=f"over {len(all_ratios)} kernels",
                )
