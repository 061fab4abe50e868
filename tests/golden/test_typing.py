"""typing/*.py: what inspect_types() prints for the functions of each file, after its calls, stands beside it in .out.

UPDATE_GOLDEN=1 rewrites those.
"""

import io
import os
import runpy
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "typing"


@pytest.mark.filterwarnings("ignore::cantil.errors.CudaSimulatorWarning")
@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.stem)
def test_types(path):
    printed = io.StringIO()
    for value in runpy.run_path(str(path)).values():
        if hasattr(value, "inspect_types"):
            value.inspect_types(file=printed)
    expected = path.with_suffix(".out")
    if os.environ.get("UPDATE_GOLDEN") == "1":
        expected.write_text(printed.getvalue())
    assert printed.getvalue() == expected.read_text(), "UPDATE_GOLDEN=1 rewrites it"
