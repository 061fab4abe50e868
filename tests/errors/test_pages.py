"""docs/errors/: every diagnostic has a page, whose program is refused with exactly the message shown there.

UPDATE_GOLDEN=1 rewrites the messages in the pages, and the index.
"""

import os
import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import rejected

PAGES = rejected.ROOT / "docs" / "errors"
ROWS = rejected.rows()
PROGRAM = re.compile(r"^```python\n(.*?)^```\n", re.MULTILINE | re.DOTALL)
MESSAGE = re.compile(r"^```text\n(.*?)^```\n", re.MULTILINE | re.DOTALL)
UPDATE = os.environ.get("UPDATE_GOLDEN") == "1"


def page(code):
    return PAGES / f"{code}.md"


def index_of(rows):
    lines = [
        "# Diagnostics",
        "",
        "Every message of Cantil's compiler ends in a code. Each code has a page here with a program that leads to it.",
        "The rows are those of `support/diagnostics.def`; `exception.codes` holds the code in Python.",
        "",
        "| code | message |",
        "|---|---|",
    ]
    for code, (_, text) in rows.items():
        shown = "(the text comes from where it is raised)" if text == "{0}" else re.sub(r"\{\d\}", "…", text)
        lines.append(f"| [{code}]({code}.md) | {shown} |")
    return "\n".join(lines) + "\n"


def test_the_index_lists_every_code():
    path = PAGES / "README.md"
    if UPDATE:
        path.write_text(index_of(ROWS))
    assert path.read_text() == index_of(ROWS), "UPDATE_GOLDEN=1 rewrites the index"


def test_no_page_is_without_a_code():
    assert {path.stem for path in PAGES.glob("C*.md")} == set(ROWS)


@pytest.mark.filterwarnings("ignore::cantil.errors.CudaSimulatorWarning")
@pytest.mark.parametrize("code", ROWS)
def test_page(code):
    text = page(code).read_text()
    assert text.startswith(f"# {code}: ")
    programs = PROGRAM.findall(text)
    assert len(programs) == 1, "a page shows one program"
    program = programs[0]
    assert rejected.mark_of(program).code == code
    refusal = rejected.assert_refused(program, "example.py")
    said = rejected.without_mark(refusal.text)
    said = said.replace(f"{rejected.ROOT}/", "")  # the page is the same in every checkout
    if UPDATE:
        page(code).write_text(MESSAGE.sub(lambda _: f"```text\n{said}```\n", text))
    assert MESSAGE.findall(page(code).read_text()) == [said], "UPDATE_GOLDEN=1 rewrites the message"
