"""The repository keeps the design's layers; and the rules notice when it does not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))
import rules

ROOT = Path(__file__).resolve().parents[2]
LISTED = subprocess.run(
    ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True, text=True
).stdout.splitlines()
FILES = [path for path in LISTED if (ROOT / path).is_file()]
SOURCES = [
    path
    for path in FILES
    if path.endswith((*rules.CPP_SUFFIXES, ".py", ".sh", ".cmake"))
    or Path(path).name in ("CMakeLists.txt", "dev")
]


def read(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def in_repository(path: str) -> bool:
    return (ROOT / path).is_file() or (ROOT / "build" / "generated" / path).is_file()


def collect(rule) -> str:
    return "\n".join(violation for path in SOURCES for violation in rule(path, read(path)))


def test_there_is_something_to_check():
    folders = {rules.top_folder(path) for path in SOURCES}
    assert set(rules.DIRECT) <= folders


def test_includes_follow_the_table():
    violations = collect(lambda path, text: rules.include_violations(path, text, in_repository))
    assert not violations, f"\n{violations}"


def test_files_are_of_readable_length():
    assert not (violations := collect(rules.length_violations)), f"\n{violations}"


def test_long_files_on_the_list_exist_and_are_long():
    for path, reason in rules.LONG_FILES.items():
        assert reason and read(path).count("\n") > rules.MAX_LINES, path


def test_files_say_what_they_are_for():
    assert not (violations := collect(rules.header_violations)), f"\n{violations}"


def test_link_rules():
    assert not (violations := collect(rules.cmake_violations)), f"\n{violations}"


def test_no_places_of_one_machine():
    assert not (violations := collect(rules.place_violations)), f"\n{violations}"


@pytest.mark.parametrize(
    "path, text",
    [
        ("ir/type.cpp", '#include "frontend/function.h"'),
        ("support/hash.cpp", '#include "ir/type.h"'),
        ("ptx_codegen/emit.cpp", '#include "cpu_codegen/jit.h"'),
        ("cpu_codegen/jit.cpp", '  #  include "ptx_codegen/emit.h"'),
        ("host_api/launch.cpp", '#include "compiler/job.h"'),
        ("ir/type.cpp", "#include <llvm/ADT/StringRef.h>"),
        ("frontend/lower/call.cpp", '#include "llvm/IR/Module.h"'),
        ("tests/unit/ir/type_test.cpp", "#include <llvm/IR/Module.h>"),
        ("compiler/job.cpp", "#include <Python.h>"),
        ("simulator/device.h", "#include <pybind11/pybind11.h>"),
        ("host_api/driver.cpp", "#include <cuda.h>"),
        ("ir/type.cpp", '#include "type.h"'),
        ("ir/type.cpp", '#include "tests/unit/ir/helpers.h"'),
    ],
)
def test_wrong_includes_are_noticed(path, text):
    known = {text.split('"')[1]} if '"' in text and "type.h" not in text else set()
    assert rules.include_violations(path, text, known.__contains__)


@pytest.mark.parametrize(
    "path, text",
    [
        ("frontend/lower/call.cpp", '#include "ir/builder.h"'),
        ("compiler/driver.cpp", '#include "cpu_codegen/jit.h"\n#include <llvm/IR/Module.h>'),
        ("codegen/error.cpp", '#include "device_runtime/abi.h"'),
        ("python/bindings/module.cpp", '#include <Python.h>\n#include "support/hash.h"'),
        ("tests/unit/codegen/emit_test.cpp", "#include <llvm/IR/Module.h>"),
    ],
)
def test_right_includes_pass(path, text):
    assert rules.include_violations(path, text, lambda _: True) == []


@pytest.mark.parametrize(
    "rule, path, text",
    [
        (rules.length_violations, "ir/ops.def", "x\n" * (rules.MAX_LINES + 1)),
        (rules.header_violations, "ir/type.cpp", '#include "ir/type.h"\n'),
        (rules.header_violations, "ir/type.h", "// Types.\n"),
        (rules.header_violations, "python/cantil/types.py", "import numpy\n"),
        (
            rules.cmake_violations,
            "cmake/CantilLlvm.cmake",
            "llvm_map_components_to_libnames(libs core nvptx)",
        ),
        (rules.cmake_violations, "cmake/CantilLlvm.cmake", "set(CANTIL_LLVM_COMPONENTS\n  core\n  all)"),
        (rules.cmake_violations, "ir/CMakeLists.txt", "cantil_add_folder(ir DEPS cantil_codegen)"),
        (rules.cmake_violations, "ir/CMakeLists.txt", "cantil_add_folder(ir LLVM DEPS cantil_support)"),
        (rules.place_violations, "docs/notes.md", "see " + "/".join(["", "home", "someone", "cantil"])),
    ],
)
def test_other_violations_are_noticed(rule, path, text):
    assert rule(path, text)
