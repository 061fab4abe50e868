"""Runs programs that Cantil must refuse, and compares what it says with the mark on the offending line.

The mark is a comment, `#! C0301 text`: the code, and a part of the message's first line. A program has one mark. One
that begins with `# environment: NAME=value …` runs in a process of its own; there FAKE_DRIVER stands for the path of
the fake libcuda, NOT_BITCODE for a file that is none.
"""

from __future__ import annotations

import json
import linecache
import os
import re
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
DIAGNOSTICS = ROOT / "support" / "diagnostics.def"
FAKE_DRIVER = ROOT / "build" / "tests" / "host_api" / "libcuda_fake.so"
MARK = re.compile(r"#!\s*(C\d{4})\b[ ]*(.*)$")
ENVIRONMENT = re.compile(r"^# environment: (.*)$", re.MULTILINE)
PLACE = re.compile(r"^  at (.+):(\d+)", re.MULTILINE)


class Mark(NamedTuple):
    code: str
    text: str
    line: int


class Refusal(NamedTuple):
    """What a program ended with: the exception's class, codes, text, and the line that it is about."""

    kind: str
    codes: tuple[str, ...]
    text: str
    line: int


def rows() -> dict[str, tuple[str, str]]:
    """Code -> (name, text) of every row of the catalogue."""
    found = re.findall(
        r'^DIAG\((\w+), "(C\d+)", \w+, "((?:[^"\\]|\\.)*)"', DIAGNOSTICS.read_text(), re.MULTILINE
    )
    return {code: (name, text) for name, code, text in found}


def mark_of(program: str) -> Mark:
    marks = []
    for number, line in enumerate(program.splitlines(), 1):
        if found := MARK.search(line):
            marks.append(Mark(found[1], found[2].strip(), number))
    assert len(marks) == 1, f"a program has one mark, this one has {len(marks)}"
    return marks[0]


def without_mark(program: str) -> str:
    return "\n".join(MARK.sub("", line).rstrip() for line in program.splitlines()) + "\n"


def run(program: str, name: str) -> Refusal | None:
    """Runs a program under the file name `name`; None when it was accepted."""
    linecache.cache[name] = (len(program), None, program.splitlines(keepends=True), name)
    try:
        exec(compile(program, name, "exec"), {"__name__": "program"})
    except Exception as error:
        text = str(error)
        lines = [
            frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == name
        ]
        place = PLACE.search(text)
        if place:
            assert place[1] == name, f"the place is in another file: {place[0]}"
        line = int(place[2]) if place else lines[-1] if lines else 0
        return Refusal(type(error).__name__, tuple(getattr(error, "codes", ())), text, line)
    return None


def run_elsewhere(program: str, name: str, settings: str) -> Refusal | None:
    """run() in a fresh process with these settings in its environment."""
    environment = dict(os.environ)
    assert "FAKE_DRIVER" not in settings or FAKE_DRIVER.exists(), "run ./dev build"
    for setting in settings.split():
        key, _, value = setting.partition("=")
        environment[key] = value.replace("FAKE_DRIVER", str(FAKE_DRIVER)).replace("NOT_BITCODE", __file__)
    with tempfile.TemporaryDirectory() as folder:
        environment["CANTIL_CACHE_DIR"] = folder
        done = subprocess.run(
            [sys.executable, __file__],
            input=json.dumps([program, name]),
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
    assert done.returncode == 0, f"the process ended with {done.returncode}\n{done.stdout}{done.stderr}"
    outcome = json.loads(done.stdout.splitlines()[-1])
    return outcome and Refusal(outcome[0], tuple(outcome[1]), *outcome[2:])


def refusal_of(program: str, name: str) -> Refusal | None:
    settings = ENVIRONMENT.search(program)
    return run_elsewhere(program, name, settings[1]) if settings else run(program, name)


def assert_next_call_works():
    """A mistake leaves nothing behind: a function compiled now does its work."""
    from cantil import njit

    def sum_of_squares(n):
        total = 0
        for i in range(n):
            total += i * i
        return total

    assert njit(sum_of_squares)(10) == 285


def assert_refused(program: str, name: str) -> Refusal:
    """The program is refused as its mark says, and the next one works."""
    mark = mark_of(program)
    refusal = refusal_of(program, name)
    assert refusal is not None, f"accepted, but {mark.code} was expected on line {mark.line}"
    assert refusal.codes == (mark.code,), f"{refusal.kind} {refusal.codes}:\n{refusal.text}"
    headline = refusal.text.splitlines()[0]
    assert mark.text in headline, refusal.text
    assert f"[{mark.code}]" in refusal.text, refusal.text
    assert refusal.line == mark.line, f"about line {refusal.line}, not {mark.line}:\n{refusal.text}"
    assert len(refusal.text.splitlines()) <= 25, refusal.text
    assert_next_call_works()
    return refusal


if __name__ == "__main__":
    refused = run(*json.load(sys.stdin))
    assert_next_call_works()
    print(json.dumps(refused))
