"""Makes GoogleTest cases pytest items: one selection (-k, paths), one report, one closing line for both."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
EXECUTABLE = Path(os.environ.get("CANTIL_TESTS_EXECUTABLE", ROOT / "build" / "tests" / "cantil_tests"))
CASES_KEY = pytest.StashKey[dict]()


def cpp_cases(config) -> dict[str, list[str]]:
    """The test cases of the executable by source file, asked once a session."""
    if CASES_KEY not in config.stash:
        cases: dict[str, list[str]] = {}
        with tempfile.TemporaryDirectory() as folder:
            listing = Path(folder) / "tests.json"
            subprocess.run(
                [EXECUTABLE, "--gtest_list_tests", f"--gtest_output=json:{listing}"],
                check=True,
                stdout=subprocess.DEVNULL,
                cwd=ROOT,
            )
            for suite in json.loads(listing.read_text())["testsuites"]:
                for case in suite["testsuite"]:
                    # The path is as the compiler saw it, which may be relative to the build folder or, out of
                    # ccache, to another checkout; the part from tests/ on is what identifies it.
                    source = case["file"].replace("\\", "/")
                    start = max(source.rfind("tests/unit/"), source.rfind("tests/host_api/"))
                    cases.setdefault(source[start:], []).append(f"{suite['name']}.{case['name']}")
        config.stash[CASES_KEY] = cases
    return config.stash[CASES_KEY]


class CppFailure(Exception):
    """A GoogleTest case that failed; its text is the executable's output."""


class CppItem(pytest.Item):
    """One GoogleTest case, run in a process of its own, so that a crash is one failure."""

    def runtest(self):
        with tempfile.TemporaryDirectory() as folder:
            result = Path(folder) / "result.json"
            run = subprocess.run(
                [
                    EXECUTABLE,
                    f"--gtest_filter={self.name}",
                    "--gtest_brief=1",
                    f"--gtest_output=json:{result}",
                ],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                timeout=300,
                cwd=ROOT,
            )
            if run.returncode != 0:
                raise CppFailure(f"exit status {run.returncode}\n{run.stdout}")
            (suite,) = json.loads(result.read_text())["testsuites"]
            (case,) = suite["testsuite"]
        if case["status"] != "RUN":
            pytest.skip("disabled in the source")
        if case["result"] == "SKIPPED":
            pytest.skip(run.stdout.strip().splitlines()[0] if run.stdout.strip() else "skipped by the test")

    def repr_failure(self, excinfo):
        if isinstance(excinfo.value, CppFailure):
            return str(excinfo.value)
        return super().repr_failure(excinfo)

    def reportinfo(self):
        return self.path, None, self.name


class NotBuilt(pytest.Item):
    """Stands for the C++ tests where the executable is missing: a failure, not silence."""

    def runtest(self):
        raise CppFailure(f"{EXECUTABLE} does not exist: run ./dev build")

    repr_failure = CppItem.repr_failure
    reportinfo = CppItem.reportinfo


class CppFile(pytest.File):
    def collect(self):
        if not EXECUTABLE.exists():
            yield NotBuilt.from_parent(self, name="not_built")
            return
        for name in cpp_cases(self.config).get(self.path.relative_to(ROOT).as_posix(), []):
            yield CppItem.from_parent(self, name=name)


def pytest_collect_file(file_path: Path, parent):
    if file_path.suffix != ".cpp":
        return None
    relative = file_path.relative_to(ROOT).as_posix()
    if relative.startswith("tests/unit/") or Path(relative).parent.as_posix() == "tests/host_api":
        return CppFile.from_parent(parent, path=file_path)
    return None
