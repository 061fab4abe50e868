"""docs/architecture.md: the blocks that it shows are what its program's dumps say. UPDATE_GOLDEN=1 rewrites them."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "architecture.md"
PROGRAM = re.compile(r"^```python\n(.*?)^```\n", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^```text (\w+)\n(.*?)^```\n", re.MULTILINE | re.DOTALL)
STAGES = "syntax,types,promote,ownership,ir,llvm,ptx"
ON_THE_SIMULATOR = "import numpy as np\ncuda.jit(scale)[4, 256](np.zeros(1000), np.zeros(1000))\n"


def dumps(program, folder, **settings):
    """What each stage printed last while this program ran, by the stage's name."""
    path = folder / "program.py"
    path.write_text(program)
    done = subprocess.run(
        [sys.executable, str(path)],
        env=os.environ | settings | {"CANTIL_DUMP": STAGES},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    parts = re.split(r"^=== ([\w-]+): .*\n", done.stderr, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2]))


def excerpt(text, start, end):
    """From the line that begins with `start` to the first that is `end`, both included."""
    lines = text.splitlines()
    first = next(i for i, line in enumerate(lines) if line.startswith(start))
    last = next(i for i in range(first, len(lines)) if lines[i] == end)
    return "\n".join(lines[first : last + 1])


def test_the_page_shows_real_dumps(tmp_path):
    page = PAGE.read_text()
    program = PROGRAM.search(page)[1]
    shown = dumps(program, tmp_path)
    definition = program[: program.index("ptx, _")]
    shown["sim"] = dumps(definition + ON_THE_SIMULATOR, tmp_path, CANTIL_CUDA="sim")["ir"]
    shown["llvm"] = excerpt(shown["llvm"], "define internal", "}")
    shown["ptx"] = excerpt(shown["ptx"], "\tld.param", "\tret;")

    def rewrite(block):
        return f"```text {block[1]}\n{shown[block[1]].strip(chr(10))}\n```\n"

    real = BLOCK.sub(rewrite, page)
    assert {"syntax", "types", "promote", "ownership", "llvm", "ptx", "sim"} == set(dict(BLOCK.findall(page)))
    if os.environ.get("UPDATE_GOLDEN") == "1":
        PAGE.write_text(real)
    assert PAGE.read_text() == real, "UPDATE_GOLDEN=1 rewrites the dumps in the page"
