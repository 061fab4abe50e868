"""programs/*.py: each is a row of programs, divided by `# ----` lines, that must be refused as their marks say."""

import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import rejected

FOLDER = Path(__file__).parent / "programs"
DIVIDER = re.compile(r"^# -{4,} ?(.*)$")


def programs():
    """Each program, with as many empty lines before it as it has lines before it in its file."""
    for path in sorted(FOLDER.glob("*.py")):
        start, name, lines = 0, None, path.read_text().splitlines()
        for number, line in enumerate([*lines, "# ----"]):
            if not (divider := DIVIDER.match(line)):
                continue
            if name is not None:
                text = "\n" * start + "\n".join(lines[start:number]) + "\n"
                yield pytest.param(path, text, id=f"{path.stem}-{name.strip().replace(' ', '_')}")
            start, name = number + 1, divider[1]


@pytest.mark.filterwarnings("ignore::cantil.errors.CudaSimulatorWarning")
@pytest.mark.parametrize("path, program", list(programs()))
def test_refused(path, program):
    rejected.assert_refused(program, str(path.relative_to(rejected.ROOT)))
