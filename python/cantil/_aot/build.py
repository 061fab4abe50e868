"""From exports to an extension module."""

import tempfile
from pathlib import Path

from . import exports as _exports
from . import link, sources


def levels_of(cpus):
    """The levels for the CPUs that are named, best first, as `exports.Level`s."""
    return [_exports.level(cpu) for cpu in cpus]


def build_extension(name, exports, output, cpus=_exports.PORTABLE, verbose=False):
    """Compiles `exports` (`exports.Export`s) to the extension module `name` in the file `output`; returns its path.

    Raises the compiler's errors for the functions, ValueError for defaults that cannot be written down and for unknown
    CPUs, `link.ToolError` when a tool is missing or fails."""
    if not exports:
        raise ValueError(f"the module {name} exports nothing")
    levels = levels_of(cpus)
    text = sources.stubs(exports)
    variants = [_exports.compile_variants(export, levels) for export in exports]
    with tempfile.TemporaryDirectory(prefix="cantil-") as temporary:
        folder = Path(temporary)
        (folder / "stubs.txt").write_text(text, encoding="utf-8")
        link.write_objects(folder, variants, verbose)
        (folder / "module.c").write_text(sources.main_source(name, exports, variants, levels), encoding="utf-8")
        return link.link(folder, ["module.c"], output, f"PyInit_{name.rpartition('.')[2]}", verbose)
