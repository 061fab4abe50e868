"""Modules compiled ahead of time, loaded in processes of their own."""

import subprocess
import sys
import textwrap

import pytest


class Built:
    """A module in a folder, and programs that use it where neither Cantil nor this checkout can be imported."""

    def __init__(self, folder):
        self.folder = folder

    def run(self, program, *, fails=False):
        """What a program prints; `m` is the module, `np` NumPy."""
        text = "import sys, numpy as np\nimport built as m\n" + textwrap.dedent(program)
        text += (
            "\nassert not any(n.partition('.')[0] in ('cantil', 'numba', 'llvmlite') for n in sys.modules)\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", text],
            cwd=self.folder,
            env={"PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
        )
        assert (done.returncode != 0) == fails, done.stderr
        return done.stderr if fails else done.stdout


@pytest.fixture(scope="session")
def build(tmp_path_factory):
    """build(program): runs a program that defines `cc`, a CC called 'built', and compiles it."""
    from cantil.pycc import CC

    def make(program, **attributes):
        folder = tmp_path_factory.mktemp("aot")
        source = folder / "source.py"
        source.write_text(textwrap.dedent(program))
        cc = CC("built")
        cc.output_dir = str(folder)
        for name, value in attributes.items():
            setattr(cc, name, value)
        exec(compile(source.read_text(), str(source), "exec"), {"cc": cc, "__name__": "source"})
        cc.compile()
        return Built(folder)

    return make
