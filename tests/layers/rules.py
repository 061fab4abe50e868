"""The rules of the design, section 1, as functions from a file's path and text to its violations."""

from __future__ import annotations

import re

# What a folder may use directly; what those use comes with it.
DIRECT = {
    "support": set(),
    "ir": {"support"},
    "frontend": {"ir", "support", "stdlib"},  # of stdlib, the embedded snapshot
    "stdlib": set(),
    "codegen": {"ir"},
    "ptx_codegen": {"codegen"},
    "cpu_codegen": {"codegen"},
    "compiler": {"support", "ir", "frontend", "stdlib", "codegen", "ptx_codegen", "cpu_codegen"},
    "device_runtime": {"support"},
    "host_api": {"support"},
    "simulator": {"device_runtime"},
    "python": {"compiler", "host_api", "simulator"},
}
LLVM_FOLDERS = {"codegen", "ptx_codegen", "cpu_codegen", "compiler"}

# Headers that may be included against the table, each with its reason.
HEADER_EXCEPTIONS = {
    # Plain C: the layout that generated code and the runtime agree on; no code of the runtime comes with it.
    "device_runtime/abi.h": {"codegen", "cpu_codegen", "compiler"},
    # The addresses that loaded code is linked with.
    "device_runtime/symbols.h": {"compiler"},
}

# Libraries that may be linked against the table: who includes a header above also links what is behind it.
LINK_EXCEPTIONS = {("compiler", "device_runtime")}

MAX_LINES = 700
# Longer files, each with its reason.
LONG_FILES: dict[str, str] = {}

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)
CPP_SUFFIXES = (".h", ".cpp", ".def", ".inc", ".cu", ".cuh")


def allowed_folders(folder: str) -> set[str]:
    """The folders that `folder` may include: itself, what it uses, and what those use."""
    reached, todo = {folder}, [folder]
    while todo:
        for used in DIRECT[todo.pop()] - reached:
            reached.add(used)
            todo.append(used)
    return reached


def top_folder(path: str) -> str:
    return path.split("/", 1)[0]


def folder_of(path: str) -> str | None:
    """The product folder of a source, or of the folder that a unit test mirrors; else None."""
    parts = path.split("/")
    if parts[:2] == ["tests", "unit"] and len(parts) > 3:
        return parts[2] if parts[2] in DIRECT else None
    return parts[0] if parts[0] in DIRECT else None


def include_violations(path: str, text: str, exists) -> list[str]:
    """Wrong include directions and headers in the wrong place. `exists` tells whether a path is in the repository."""
    if not path.endswith(CPP_SUFFIXES):
        return []
    found = []
    folder = folder_of(path)
    product = top_folder(path) in DIRECT
    for bracket, target in INCLUDE.findall(text):
        if re.match(r"llvm(-c)?/", target) and folder not in LLVM_FOLDERS and (product or folder):
            found.append(f"{path}: includes LLVM's {target}; only {', '.join(sorted(LLVM_FOLDERS))} may")
        if re.match(r"(Python\.h$|pybind11/|numpy/|structmember\.h$)", target) and not path.startswith(
            "python/bindings/"
        ):
            found.append(f"{path}: includes {target}; only python/bindings may")
        if re.match(r"(cuda|cuda_runtime|cuda_runtime_api|nvrtc|nvJitLink|nvvm)\.h$", target) and product:
            if not path.startswith("device_runtime/cub/"):
                found.append(f"{path}: includes {target}; a user's machine has no CUDA toolkit")
        if bracket != '"':
            continue
        if not exists(target):
            found.append(f'{path}: "{target}" is not a path from the repository root')
            continue
        used = top_folder(target)
        if not product:
            continue
        if used not in DIRECT:
            found.append(f"{path}: includes {target}, which is not product code")
        elif used not in allowed_folders(folder) and folder not in HEADER_EXCEPTIONS.get(target, ()):
            found.append(f"{path}: {folder} may not use {used} ({target})")
    return found


def length_violations(path: str, text: str) -> list[str]:
    lines = text.count("\n")
    if (
        path.endswith((*CPP_SUFFIXES, ".py", ".sh", ".cmake"))
        and lines > MAX_LINES
        and path not in LONG_FILES
    ):
        return [f"{path}: {lines} lines; a file of more than {MAX_LINES} is usually two"]
    return []


def header_violations(path: str, text: str) -> list[str]:
    """Every file opens with a one-line comment (a docstring in Python) that says what it is for."""
    if not text.strip():
        return []  # an empty __init__.py
    lines = text.splitlines()
    start = 1 if lines[0].startswith("#!") else 0
    first = lines[start] if start < len(lines) else ""
    if path.endswith(CPP_SUFFIXES):
        opened = re.match(r"(//|/\*) ?\S", first)
    elif path.endswith(".py"):
        opened = re.match(r'(#|[rR]?"""|[rR]?\'\'\') ?\S', first)
    elif path.endswith((".sh", ".cmake")) or path.rsplit("/", 1)[-1] in ("CMakeLists.txt", "dev"):
        opened = re.match(r"# ?\S", first)
    else:
        return []
    found = [] if opened else [f"{path}: does not open with a comment that says what it is for"]
    if path.endswith(".h") and "#pragma once" not in text:
        found.append(f"{path}: has no #pragma once")
    return found


def cmake_violations(path: str, text: str) -> list[str]:
    """Link groups that would pull in most of LLVM, and dependencies of targets against the table."""
    if not path.endswith((".cmake", "CMakeLists.txt")):
        return []
    code = re.sub(r"#.*", "", text)
    found = []
    lists = re.findall(
        r"(?:set\(CANTIL_LLVM_COMPONENTS|llvm_map_components_to_libnames\(\s*\S+)([^)]*)\)", code
    )
    components = " ".join(lists).split()
    for group in ("all", "nvptx", "x86", "native", "all-targets", "LLVM"):
        if group in components:
            found.append(f"{path}: links LLVM's group `{group}`; name the components one by one")
    for name, arguments in re.findall(r"cantil_add_folder\(\s*(\w+)([^)]*)\)", code):
        if name in DIRECT:
            for used in re.findall(r"\bcantil_(\w+)", arguments):
                if used not in allowed_folders(name) and (name, used) not in LINK_EXCEPTIONS:
                    found.append(f"{path}: {name} may not link {used}")
            if "LLVM" in arguments.split() and name not in LLVM_FOLDERS:
                found.append(f"{path}: {name} may not see LLVM")
    return found


def place_violations(path: str, text: str) -> list[str]:
    """Paths of one machine do not belong into the repository."""
    found = re.findall(r"(?<![\w.$}])/(?:work|root|home/\w+)/[\w.]+", text)
    return [f"{path}: names a place on one machine: {place}" for place in sorted(set(found))]
